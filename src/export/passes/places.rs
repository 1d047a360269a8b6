//! How the places of a picture are arranged is nothing to operators that see each place alone, or all alike.
//!
//! A temporal convolution gives a picture of one row of all places. The reshape to rows and columns moves behind gate and
//! projection, where channels are fewer.

use crate::export::model::{Content, Kind, Links, Model, TensorId};

/// Moves such reshapes as far back as they go.
pub(super) fn rearrange_later(model: &mut Model) {
    while let Some(at) = (0..model.operators.len()).find(|&at| is_movable(model, &model.links(), at)) {
        move_behind(model, at);
    }
}

/// Whether the operator `at` only arranges places anew, and that can be done behind its users.
fn is_movable(model: &Model, links: &Links, at: usize) -> bool {
    let operator = &model.operators[at];
    let [before, after] = [operator.inputs[0], operator.output].map(|tensor| model.tensors[tensor].shape.as_slice());
    let (&[batch, _, _, channels], &[other_batch, _, _, other_channels]) = (before, after) else { return false };
    if operator.kind != Kind::Reshape || (batch, channels) != (other_batch, other_channels) {
        return false;
    }
    let users = links.users(operator.output);
    let seen = |&user: &usize| view(model, user, operator.output);
    let alike = users.iter().filter(|&user| seen(user) == Some(View::Alike)).count();
    let alone = users.iter().filter(|&user| seen(user) == Some(View::Alone)).count();
    !links.is_given(operator.output) && alone == 1 && alike + alone == users.len()
}

/// How an operator sees the places of a picture.
#[derive(PartialEq)]
enum View {
    /// Its result depends on none's place, and has none.
    Alike,
    /// Its result has the same places.
    Alone,
}

/// How the operator `at` sees those of `picture`; `None` where their arrangement matters, or the result is larger.
fn view(model: &Model, at: usize, picture: TensorId) -> Option<View> {
    let operator = &model.operators[at];
    let shape = |tensor: TensorId| model.tensors[tensor].shape.as_slice();
    match operator.kind {
        Kind::Mean | Kind::Sum if model.tensors[operator.inputs[1]].content == Content::Int32(vec![1, 2]) => {
            Some(View::Alike)
        }
        Kind::Relu | Kind::Relu6 | Kind::Logistic | Kind::HardSwish => Some(View::Alone),
        Kind::Mul(_) | Kind::Add(_) => {
            let &[left, right] = operator.inputs.as_slice() else { return None };
            let other = if left == picture { right } else { left };
            let places: usize = shape(other).iter().rev().skip(1).product();
            (places == 1 && left != right && shape(operator.output) == shape(picture)).then_some(View::Alone)
        }
        Kind::Conv2D(window) => {
            let &[out, 1, 1, inside] = shape(operator.inputs[1]) else { return None };
            (window.strides == [1, 1] && out <= inside).then_some(View::Alone)
        }
        _ => None,
    }
}

/// Lets the users of the reshape `at` see what it reshapes, and reshapes the result of the one that keeps places.
fn move_behind(model: &mut Model, at: usize) {
    let links = model.links();
    let operator = &model.operators[at];
    let (before, after) = (operator.inputs[0], operator.output);
    let mut behind = at;
    for &user in links.users(after) {
        if view(model, user, after) == Some(View::Alone) {
            behind = user;
        }
        model.operators[user].inputs.iter_mut().filter(|input| **input == after).for_each(|input| *input = before);
    }
    let result = model.operators[behind].output;
    let arranged = model.tensors[result].shape.clone();
    let mut shape = model.tensors[before].shape.clone();
    shape[3] = arranged[3];
    let element = model.tensors[result].element();
    model.operators[behind].output = model.tensor(&shape, Content::Computed(element));
    let target = model.ints(&arranged);
    let mut reshape = model.operators.remove(at);
    (reshape.inputs, reshape.output) = (vec![model.operators[behind - 1].output, target], result);
    model.operators.insert(behind, reshape);
}
