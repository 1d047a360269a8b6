//! `x * relu6(x + 3) / 6` in one operator.

use crate::export::model::{Kind, Links, Model, TensorId};

/// Joins every product that is one.
pub(super) fn join(model: &mut Model) {
    let links = model.links();
    for at in 0..model.operators.len() {
        if let Some(x) = argument(model, &links, at) {
            let operator = &mut model.operators[at];
            (operator.kind, operator.inputs) = (Kind::HardSwish, vec![x]);
        }
    }
}

/// `x`, if the operator `at` gives the hard swish of it.
fn argument(model: &Model, links: &Links, at: usize) -> Option<TensorId> {
    let mut factors = Vec::new();
    collect(model, links, at, &mut factors);
    let &[first, second, third] = factors.as_slice() else { return None };
    let orders = [[first, second, third], [first, third, second], [second, third, first]];
    orders.into_iter().find_map(|[one, other, sixth]| {
        let is_sixth = model.number(sixth).is_some_and(|number| (number - 1.0 / 6.0).abs() < 1e-6);
        let is_gate_of = |gate, x| shifted(model, links, gate) == Some(x);
        match (is_sixth, is_gate_of(one, other), is_gate_of(other, one)) {
            (true, true, _) => Some(other),
            (true, _, true) => Some(one),
            _ => None,
        }
    })
}

/// The factors of the product that the operator `at` gives; of more than two products within each other, too many.
fn collect(model: &Model, links: &Links, at: usize, factors: &mut Vec<TensorId>) {
    let is_product = |at: &usize| matches!(model.operators[*at].kind, Kind::Mul(_));
    for &factor in model.operators[at].inputs.iter().filter(|_| is_product(&at)) {
        match links.maker(factor).filter(is_product) {
            Some(within) if factors.len() < 3 => collect(model, links, within, factors),
            _ => factors.push(factor),
        }
    }
}

/// `x`, if `gate` is `relu6(x + 3)`.
fn shifted(model: &Model, links: &Links, gate: TensorId) -> Option<TensorId> {
    let clipped = &model.operators[links.maker(gate)?];
    let sum = &model.operators[links.maker(clipped.inputs[0])?];
    if clipped.kind != Kind::Relu6 || !matches!(sum.kind, Kind::Add(_)) {
        return None;
    }
    match (model.number(sum.inputs[0]), model.number(sum.inputs[1])) {
        (_, Some(3.0)) => Some(sum.inputs[0]),
        (Some(3.0), _) => Some(sum.inputs[1]),
        _ => None,
    }
}
