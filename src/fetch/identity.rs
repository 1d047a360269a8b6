//! Which official model a SavedModel is, by its content.

use std::path::Path;

use crate::catalog::{FAMILY, Model, Variation};
use crate::movinet::recognise::{self, Network};
use crate::saved_model::{kernels, signatures};

/// What the SavedModel in `folder` is, if it is another than `wanted`: of the other variation, or another member of the
/// family. `None` where it is what is wanted, or nothing tells.
pub(super) fn other_than(wanted: Model, folder: &Path) -> Option<String> {
    let signatures = signatures(folder).ok()?;
    let (variation, states) = match recognise::network(&signatures) {
        Ok(Network::Base(_)) => (Variation::Base, None),
        Ok(Network::Stream(stream)) => (Variation::Stream, Some(stream.general().states.len())),
        Err(reason) => return Some(format!("no MoViNet: {reason}")),
    };
    // The number of states tells the members of the stream networks apart, that of 3D kernels those of the base networks,
    // which may have been exported with other kernels.
    let family = match states {
        Some(states) => FAMILY.iter().find(|family| family.states == states),
        None => kernels(folder).and_then(|kernels| FAMILY.iter().find(|family| family.kernels == kernels)),
    };
    match (family, states) {
        (Some(family), _) if variation == wanted.variation && family == wanted.family => None,
        (None, None) if variation == wanted.variation => None,
        (Some(family), _) => Some(Model { family, variation }.to_string()),
        (None, Some(states)) => Some(format!("a stream model of {states} states, not of {}", wanted.family.states)),
        (None, None) => Some(format!("a {variation} model")),
    }
}
