//! A result that nothing else needs is computed at once, so that what it is computed of needn't be kept.

use crate::export::model::Model;

/// Moves operators whose result is only given right behind the last of what they need.
pub(super) fn give_early(model: &mut Model) {
    for at in 0..model.operators.len() {
        let links = model.links();
        let operator = &model.operators[at];
        if !links.is_given(operator.output) || !links.users(operator.output).is_empty() {
            continue;
        }
        let needed = operator.inputs.iter().filter_map(|&input| links.maker(input)).max();
        let earliest = needed.map_or(0, |needed| needed + 1);
        model.operators[earliest..=at].rotate_right(1);
    }
}
