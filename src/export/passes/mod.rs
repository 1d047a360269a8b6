//! What makes a model faster without changing what it computes, one idea a file.

mod activation;
mod affine;
mod common;
mod gate;
mod hard_swish;
mod mean;
mod order;
mod places;
mod unused;

use super::model::Model;
pub(super) use unused::remove as remove_unused;

/// Applies all, in the order in which one makes way for the next.
pub(super) fn improve(model: &mut Model) {
    common::merge(model);
    hard_swish::join(model);
    mean::join(model);
    affine::fold(model);
    activation::fuse(model);
    gate::scale_later(model);
    places::rearrange_later(model);
    remove_unused(model);
    order::give_early(model);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::model::{Activation, Content, Element, Kind, Port, Window};

    #[test]
    fn a_convolution_takes_up_the_constants_and_the_activation_behind_it() {
        let mut model = Model::default();
        let image = model.tensor(&[1, 2, 2, 1], Content::Computed(Element::Float32));
        let filter = model.floats(&[2, 1, 1, 1], vec![1.0, 2.0]);
        let bias = model.floats(&[2], vec![0.5, 0.0]);
        let window = Window { strides: [1, 1], same: true, activation: Activation::Linear };
        let convolved = model.operator(Kind::Conv2D(window), &[image, filter, bias], &[1, 2, 2, 2]);
        let two = model.floats(&[], vec![2.0]);
        let scaled = model.operator(Kind::Mul(Activation::Linear), &[two, convolved], &[1, 2, 2, 2]);
        let terms = model.floats(&[2], vec![3.0, 4.0]);
        let shifted = model.operator(Kind::Add(Activation::Linear), &[scaled, terms], &[1, 2, 2, 2]);
        let output = model.operator(Kind::Relu6, &[shifted], &[1, 2, 2, 2]);
        model.inputs = vec![Port { name: "image".into(), tensor: image }];
        model.outputs = vec![Port { name: "logits".into(), tensor: output }];
        improve(&mut model);
        let [operator] = model.operators.as_slice() else { panic!("{:?}", model.operators) };
        assert_eq!(operator.kind, Kind::Conv2D(Window { activation: Activation::Relu6, ..window }));
        let constant = |at: usize| model.tensors[operator.inputs[at]].content.clone();
        assert_eq!([constant(1), constant(2)], [vec![2.0, 4.0], vec![4.0, 4.0]].map(Content::Float32));
    }

    #[test]
    fn a_hard_swish_is_one_operator_in_whatever_order_it_is_written() {
        let mut model = Model::default();
        let x = model.tensor(&[1, 4], Content::Computed(Element::Float32));
        let (three, sixth) = (model.floats(&[], vec![3.0]), model.floats(&[], vec![1.0 / 6.0]));
        let sum = model.operator(Kind::Add(Activation::Linear), &[three, x], &[1, 4]);
        let gate = model.operator(Kind::Relu6, &[sum], &[1, 4]);
        let gate = model.operator(Kind::Mul(Activation::Linear), &[gate, sixth], &[1, 4]);
        let output = model.operator(Kind::Mul(Activation::Linear), &[x, gate], &[1, 4]);
        model.inputs = vec![Port { name: "image".into(), tensor: x }];
        model.outputs = vec![Port { name: "logits".into(), tensor: output }];
        improve(&mut model);
        assert_eq!(model.operators.iter().map(|operator| operator.kind).collect::<Vec<_>>(), [Kind::HardSwish]);
    }
}
