//! What no output needs is left out.

use std::collections::HashMap;

use crate::export::model::{Model, TensorId};

/// Drops operators and tensors; the inputs stay.
pub(in crate::export) fn remove(model: &mut Model) {
    let mut needed = vec![false; model.tensors.len()];
    model.inputs.iter().chain(&model.outputs).for_each(|port| needed[port.tensor] = true);
    for operator in model.operators.iter().rev() {
        if needed[operator.output] {
            operator.inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    model.operators.retain(|operator| needed[operator.output]);
    let kept: HashMap<TensorId, TensorId> =
        (0..needed.len()).filter(|&tensor| needed[tensor]).enumerate().map(|(new, old)| (old, new)).collect();
    let mut at = 0..;
    model.tensors.retain(|_| at.next().is_some_and(|at| kept.contains_key(&at)));
    let operators = model.operators.iter_mut();
    let of_operators = operators.flat_map(|operator| operator.inputs.iter_mut().chain([&mut operator.output]));
    let of_ports = model.inputs.iter_mut().chain(&mut model.outputs).map(|port| &mut port.tensor);
    of_operators.chain(of_ports).for_each(|tensor| *tensor = kept[tensor]);
}
