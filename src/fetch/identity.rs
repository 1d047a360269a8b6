//! Which official model a SavedModel is, by its content.

use std::path::Path;

use crate::catalog::{CLASSES, FAMILY, Family, Model, Variation};
use crate::movinet::fixed_shape;
use crate::movinet::recognise::{self, Network};
use crate::saved_model::{signatures, weights};

/// What the SavedModel in `folder` is, if it is another than `wanted`: of the other variation, or another member of the
/// family. `None` where it is what is wanted, or nothing tells.
pub(super) fn other_than(wanted: Model, folder: &Path) -> Option<String> {
    let signatures = signatures(folder).ok()?;
    let (variation, states) = match recognise::network(&signatures) {
        Ok(Network::Base(_)) => (Variation::Base, None),
        Ok(Network::Stream(stream)) => (Variation::Stream, Some(stream.general().states.len())),
        Err(reason) => return Some(format!("no MoViNet: {reason}")),
    };
    let outputs = fixed_shape(&signatures).ok().and_then(|shape| shape.outputs);
    if let Some(classes) = outputs.filter(|&outputs| outputs != CLASSES) {
        return Some(format!("a {variation} model of {classes} classes, not of {CLASSES}"));
    }
    let family = match states {
        Some(states) => FAMILY.iter().find(|family| family.states == states),
        None => base_family(folder),
    };
    match (family, states) {
        (Some(family), _) if variation == wanted.variation && family == wanted.family => None,
        (None, None) if variation == wanted.variation => None,
        (Some(family), _) => Some(Model { family, variation }.to_string()),
        (None, Some(states)) => Some(format!("a stream model of {states} states, not of {}", wanted.family.states)),
        (None, None) => Some(format!("a {variation} model")),
    }
}

/// The member whose base network has as many 3D kernels; where it was exported with other kernels, the member whose weights
/// take about as much.
fn base_family(folder: &Path) -> Option<&'static Family> {
    const BYTES: u64 = 4; // float32
    let (kernels, bytes) = weights(folder)?;
    let by_kernels = FAMILY.iter().find(|family| family.kernels == kernels);
    by_kernels.or_else(|| FAMILY.iter().min_by_key(|family| (family.parameters * BYTES).abs_diff(bytes)))
}
