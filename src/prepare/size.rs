//! The size of the frames that a SavedModel was made for, without loading it.

use std::path::Path;

use prost::Message;

use super::proto::{SavedModelDef, ShapeProto, TensorInfo};
use crate::movinet::recognise::IMAGE;
use crate::movinet::size_by_states;
use crate::saved_model::GRAPH;

/// Height and width in pixels of the frames that the MoViNet in `folder` was made for: the one size that it takes, else
/// that of the family member with as many states. `None` where neither tells, as for a base model of any size.
pub fn own_size(folder: &Path) -> Option<usize> {
    let saved = SavedModelDef::decode(fs_err::read(folder.join(GRAPH)).ok()?.as_slice()).ok()?;
    let signatures = saved.meta_graphs.into_iter().next()?.signatures;
    let of = |inputs: &std::collections::BTreeMap<String, TensorInfo>| {
        let image = inputs.get(IMAGE)?;
        fixed(image).or_else(|| size_by_states(inputs.len() - 1))
    };
    // The step for most shapes is the original one; a prepared model's other steps are for the size that it was prepared for.
    let mut takers: Vec<_> = signatures.values().filter(|signature| signature.inputs.contains_key(IMAGE)).collect();
    takers.sort_by_key(|signature| signature.inputs.get(IMAGE).is_some_and(|image| fixed(image).is_some()));
    takers.into_iter().find_map(|signature| of(&signature.inputs))
}

fn fixed(image: &TensorInfo) -> Option<usize> {
    let shape = ShapeProto::decode(image.shape.as_deref()?).ok()?;
    match shape.dims.as_slice() {
        [_, _, height, width, _] if height == width => usize::try_from(height.size).ok(),
        _ => None,
    }
}
