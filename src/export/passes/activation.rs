//! Activations that the operator before can do by itself.

use crate::export::model::{Activation, Kind, Model};

/// Fuses every one whose input is used for nothing else.
pub(super) fn fuse(model: &mut Model) {
    let links = model.links();
    let mut fused = Vec::new();
    for at in 0..model.operators.len() {
        let activation = match model.operators[at].kind {
            Kind::Relu => Activation::Relu,
            Kind::Relu6 => Activation::Relu6,
            _ => continue,
        };
        let (input, output) = (model.operators[at].inputs[0], model.operators[at].output);
        let Some(maker) = links.maker(input).filter(|_| links.only_user(input).is_some()) else { continue };
        let same_shape = model.tensors[input].shape == model.tensors[output].shape;
        match model.operators[maker].kind.activation() {
            Some(own) if *own == Activation::Linear && same_shape => *own = activation,
            _ => continue,
        }
        model.operators[maker].output = output;
        fused.push(at);
    }
    let mut at = 0..;
    model.operators.retain(|_| at.next().is_none_or(|at| !fused.contains(&at)));
}
