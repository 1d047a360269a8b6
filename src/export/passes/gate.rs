//! A constant factor of a gate is a factor of the weights of the convolution behind what is gated.
//!
//! `convolution(x * (gate / 6))` is `convolution(x * gate) / 6`, and a convolution is linear in its weights.

use crate::export::model::{Content, Kind, Links, Model, TensorId};

/// Moves each such factor into the weights.
pub(super) fn scale_later(model: &mut Model) {
    let links = model.links();
    for at in 0..model.operators.len() {
        if let Some(Gated { side, gate, factor, convolution }) = gated(model, &links, at) {
            let filter = &model.tensors[model.operators[convolution].inputs[1]];
            let Content::Float32(weights) = &filter.content else { continue };
            let (shape, weights) = (filter.shape.clone(), weights.iter().map(|weight| weight * factor).collect());
            model.operators[convolution].inputs[1] = model.floats(&shape, weights);
            model.operators[at].inputs[side] = gate;
        }
    }
}

/// A product whose side `side` is `gate` times a number, and which only a convolution uses.
struct Gated {
    side: usize,
    gate: TensorId,
    factor: f32,
    convolution: usize,
}

fn gated(model: &Model, links: &Links, at: usize) -> Option<Gated> {
    let product = &model.operators[at];
    if !matches!(product.kind, Kind::Mul(crate::export::model::Activation::Linear)) {
        return None;
    }
    let convolution = links.only_user(product.output)?;
    let user = &model.operators[convolution];
    if !matches!(user.kind, Kind::Conv2D(_) | Kind::DepthwiseConv2D(_)) || user.inputs[0] != product.output {
        return None;
    }
    product.inputs.iter().enumerate().find_map(|(side, &input)| {
        let scaled = &model.operators[links.maker(input).filter(|_| links.only_user(input).is_some())?];
        if !matches!(scaled.kind, Kind::Mul(crate::export::model::Activation::Linear)) {
            return None;
        }
        let [left, right] = [0, 1].map(|side| (scaled.inputs[side], model.number(scaled.inputs[side])));
        let (gate, factor) = match (left, right) {
            ((gate, None), (_, Some(factor))) | ((_, Some(factor)), (gate, None)) => (gate, factor),
            _ => return None,
        };
        let same_shape = model.tensors[gate].shape == model.tensors[scaled.output].shape;
        same_shape.then_some(Gated { side, gate, factor, convolution })
    })
}
