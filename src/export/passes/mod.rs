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
