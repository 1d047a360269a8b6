//! What is computed twice is computed once.

use std::collections::HashMap;

use crate::export::model::{Content, Kind, Model, TensorId};

/// Constants of more values are weights, of which no two are the same.
const FEW: usize = 8;

/// Lets the users of an operator that equals an earlier one use the earlier one's result.
pub(super) fn merge(model: &mut Model) {
    let same = equal_constants(model);
    let mut replaced: HashMap<TensorId, TensorId> = HashMap::new();
    let mut first: HashMap<(Kind, Vec<TensorId>), usize> = HashMap::new();
    for at in 0..model.operators.len() {
        let operator = &mut model.operators[at];
        for input in &mut operator.inputs {
            *input = *replaced.get(input).unwrap_or(input);
        }
        let inputs = operator.inputs.iter().map(|input| *same.get(input).unwrap_or(input)).collect();
        let (kind, output) = (operator.kind, operator.output);
        let Some(&earlier) = first.get(&(kind, inputs)) else {
            let operator = &model.operators[at];
            let inputs = operator.inputs.iter().map(|input| *same.get(input).unwrap_or(input)).collect();
            first.insert((kind, inputs), at);
            continue;
        };
        let before = model.operators[earlier].output;
        let is_given = |tensor| model.outputs.iter().any(|port| port.tensor == tensor);
        match (is_given(before), is_given(output)) {
            (true, true) => {}
            (_, false) => drop(replaced.insert(output, before)),
            (false, true) => {
                model.operators[earlier].output = output;
                model.operators[at].output = before;
                let between = model.operators[earlier + 1..at].iter_mut().flat_map(|operator| &mut operator.inputs);
                between.filter(|input| **input == before).for_each(|input| *input = output);
                replaced.insert(before, output);
            }
        }
    }
}

/// For each small constant that equals an earlier one, that one.
fn equal_constants(model: &Model) -> HashMap<TensorId, TensorId> {
    let is_small = |tensor: &TensorId| {
        let tensor = &model.tensors[*tensor];
        tensor.len() <= FEW && !matches!(tensor.content, Content::Computed(_))
    };
    let small: Vec<_> = (0..model.tensors.len()).filter(is_small).collect();
    let earlier = |(at, tensor): (usize, &TensorId)| {
        let equal = small[..at].iter().find(|&&other| model.tensors[other] == model.tensors[*tensor]);
        equal.map(|&equal| (*tensor, equal))
    };
    small.iter().enumerate().filter_map(earlier).collect()
}
