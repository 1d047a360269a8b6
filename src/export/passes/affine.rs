//! Constant factors and terms behind a convolution become part of its weights and its bias.

use crate::export::model::{Activation, Content, Kind, Model, TensorId};

/// Folds all that follow a convolution directly.
pub(super) fn fold(model: &mut Model) {
    // One folded operator may uncover the next: each round folds at least one.
    while fold_once(model) {}
}

/// `x * factor + term`, for each channel or for all alike.
struct Affine {
    factor: Vec<f32>,
    term: Vec<f32>,
}

fn fold_once(model: &mut Model) -> bool {
    let links = model.links();
    let mut folded = None;
    for (at, operator) in
        model.operators.iter().enumerate().filter(|(_, operator)| operator.kind.is_linear_convolution())
    {
        let Some(next) = links.only_user(operator.output) else { continue };
        if let Some(affine) = affine(model, next, operator.output) {
            folded = Some((at, next, affine));
            break;
        }
    }
    let Some((at, next, affine)) = folded else { return false };
    scale(model, at, &affine);
    let after = model.operators.remove(next);
    // `next` came behind `at`, which is where it was.
    model.operators[at].output = after.output;
    true
}

/// What the operator `at` does to `input`, where it is a constant factor or term for each channel or for all.
fn affine(model: &Model, at: usize, input: TensorId) -> Option<Affine> {
    let operator = &model.operators[at];
    let &[left, right] = operator.inputs.as_slice() else { return None };
    let constant = if left == input { right } else { left };
    let Content::Float32(values) = &model.tensors[constant].content else { return None };
    let (tensor, shape) = (&model.tensors[constant], &model.tensors[input].shape);
    let channels = shape.last().copied()?;
    let fits = tensor.len() == 1 || (tensor.len() == channels && tensor.shape.last() == Some(&channels));
    if !fits || model.tensors[operator.output].shape != *shape {
        return None;
    }
    let all = |constant: &dyn Fn(f32) -> f32| -> Vec<f32> {
        (0..channels).map(|channel| constant(values[if values.len() == 1 { 0 } else { channel }])).collect()
    };
    let (factor, term) = match operator.kind {
        Kind::Mul(Activation::Linear) => (all(&|value| value), all(&|_| 0.0)),
        Kind::Add(Activation::Linear) => (all(&|_| 1.0), all(&|value| value)),
        Kind::Sub(Activation::Linear) if left == input => (all(&|_| 1.0), all(&|value| -value)),
        Kind::Div(Activation::Linear) if left == input => (all(&|value| 1.0 / value), all(&|_| 0.0)),
        _ => return None,
    };
    Some(Affine { factor, term })
}

/// Lets the convolution `at` give what `affine` makes of its result.
fn scale(model: &mut Model, at: usize, affine: &Affine) {
    let operator = &model.operators[at];
    let [filter, bias] = [&model.tensors[operator.inputs[1]], &model.tensors[operator.inputs[2]]];
    let (Content::Float32(weights), Content::Float32(biases)) = (&filter.content, &bias.content) else { return };
    let channels = biases.len();
    let is_depthwise = matches!(operator.kind, Kind::DepthwiseConv2D(_));
    let each = weights.len() / channels;
    let channel = |place: usize| if is_depthwise { place % channels } else { place / each };
    let weights = weights.iter().enumerate().map(|(place, weight)| weight * affine.factor[channel(place)]).collect();
    let biases = biases.iter().zip(&affine.factor).zip(&affine.term);
    let biases = biases.map(|((bias, factor), term)| bias * factor + term).collect();
    let shape = filter.shape.clone();
    let inputs = [model.floats(&shape, weights), model.floats(&[channels], biases)];
    model.operators[at].inputs[1..].copy_from_slice(&inputs);
}
