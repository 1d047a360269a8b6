//! A sum that is divided by the number of its terms is a mean.

use crate::export::model::{Kind, Model};

/// Makes every such pair one operator.
pub(super) fn join(model: &mut Model) {
    let links = model.links();
    for at in 0..model.operators.len() {
        let operator = &model.operators[at];
        let Some(sum) = links.maker(operator.inputs[0]).filter(|_| matches!(operator.kind, Kind::Div(_))) else {
            continue;
        };
        let (sum, divisor) = (&model.operators[sum], model.number(operator.inputs[1]));
        if sum.kind != Kind::Sum || model.tensors[sum.output].shape != model.tensors[operator.output].shape {
            continue;
        }
        let terms = model.tensors[sum.inputs[0]].len() / model.tensors[sum.output].len();
        if divisor == Some(terms as f32) {
            let inputs = sum.inputs.clone();
            let operator = &mut model.operators[at];
            (operator.kind, operator.inputs) = (Kind::Mean, inputs);
        }
    }
}
