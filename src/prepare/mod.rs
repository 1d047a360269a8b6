//! The same SavedModel, faster: functions inlined, XLA marks dropped, variables frozen, convolutions lowered, batch
//! norms folded, equal operations merged; proved equal before it is used.
//!
//! `saved_model.pb -> inline -> freeze -> identity -> batch_norm -> conv3d -> common -> onednn -> fixed ->
//! saved_model.pb -> proof -> cache`
//!
//! The result is a SavedModel with the same signatures, which any TensorFlow program can load. What the rewriter
//! doesn't know it leaves alone, or refuses; the original then serves.

mod batch_norm;
mod common;
mod computation;
mod conv3d;
mod error;
mod fixed;
pub(crate) mod form;
mod freeze;
mod fuse;
mod graph;
mod identity;
mod inline;
mod kernels;
mod miscomputed;
mod onednn;
mod openvino;
mod original;
mod parameters;
mod processor;
mod proof;
#[cfg(test)]
#[cfg(feature = "fetch")]
mod proof_tests;
mod proto;
mod record;
mod rewrite;
mod size;
mod sound;
#[cfg(feature = "export")]
mod step_graph;
mod swish;
#[cfg(test)]
#[cfg(feature = "fetch")]
mod tests;
pub(crate) mod timed;

use std::path::Path;

use prost::bytes::Bytes;

pub use error::PrepareError;
pub use form::{FormRecord, ProvedForm, find_form};
#[cfg(feature = "export")]
pub(crate) use graph::{Graph, split};
pub use openvino::prove as prove_for_openvino;
pub use original::Original;
pub use parameters::{Parameters, parameters};
pub use proof::{Proof, TOLERANCE};
#[cfg(feature = "export")]
pub(crate) use proto::{FLOAT, INT32, NodeDef, Value};
pub use record::{Kept, Prepared, Record, damage, find};
pub use rewrite::Rewrites;
pub use size::own_size;
#[cfg(feature = "export")]
pub(crate) use step_graph::StepGraph;

use crate::engine::EngineError;
use crate::engine::tensorflow::{Movinet, SavedModel, SessionConfig, StreamModel, Tensor};
use fixed::{Observed, Step};
use graph::Floats;
use rewrite::Kernels;

/// Height and width in pixels where nothing tells a model's own.
const UNKNOWN_SIZE: usize = 172;

/// How a model is to be prepared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Height and width in pixels of the frames to prepare for, instead of the model's own.
    pub size: Option<usize>,
    /// The same where the model doesn't tell its own.
    pub usual_size: Option<usize>,
    /// Whether it is to be made again although it is there.
    pub anew: bool,
}

/// Rewrites `original`, proves the result equal, and keeps it in the cache. What is there already, for the same size of
/// frames, is given without work.
///
/// # Errors
/// [`PrepareError`]; the cache is then as it was.
pub fn prepare(original: &Original<'_>) -> Result<Prepared, PrepareError> {
    let &Original { runtime, cache, ref sha256, anew, known_size, .. } = original;
    let fits = |prepared: &Prepared| known_size.is_none_or(|size| prepared.record.size == size);
    let here = || match find(cache, runtime, sha256) {
        Kept::Whole(prepared) if !anew && fits(&prepared) => Some(prepared),
        _ => None,
    };
    if let Some(prepared) = here() {
        return Ok(prepared);
    }
    let entry = record::entry(cache, runtime, sha256);
    let _lock = cache.lock(&entry)?;
    if let Some(prepared) = here() {
        return Ok(prepared); // another process prepared it meanwhile
    }
    let make = |kernels| {
        let part = cache.part_for(&entry)?;
        let record = make(original, kernels, part.path())?;
        cache.publish(part, &entry)?;
        Ok(Prepared { path: entry.path().to_owned(), record })
    };
    original.expected()?;
    match make(Kernels::OneDnn) {
        // TensorFlow has no such kernels here, or they round too differently: there are always its standard ones.
        Err(PrepareError::Model { .. } | PrepareError::NotEqual { .. }) => make(Kernels::Standard),
        outcome => outcome,
    }
}

/// Writes the rewritten form of `original` into `folder` and proves it. Of the original, the rewritten model and the same
/// with a step more, one is loaded at a time: each takes several times its size.
fn make(original: &Original<'_>, kernels: Kernels, folder: &Path) -> Result<Record, PrepareError> {
    let failed = |error: EngineError| original.failed(error);
    let unknown = |reason: String| PrepareError::Unknown { path: original.path.clone(), reason };
    let size = original.size();
    let (mut rewritten, rewrites) = original.rewritten(|graph, read| rewrite::rewrite(graph, kernels, read))?;
    let mut record = Record::new(&original.sha256, original.runtime, size, rewrites);
    let load = || Movinet::load(original.runtime, folder, SessionConfig::default()).map_err(failed);
    record.write(&rewritten, folder)?;
    let mut result = load()?;
    if let Movinet::Stream(stream) = result {
        rewritten = with_step(stream, rewritten, size, kernels).map_err(failed)?.map_err(unknown)?;
        record.write(&rewritten, folder)?;
        result = load()?;
    }
    record.proof = original.proved(|clip| result.logits(clip).map(Some))?;
    record.write(&rewritten, folder)?;
    Ok(record)
}

/// What the rewriter makes of a saved_model.pb whose variables are all zero.
#[cfg(feature = "fuzzing")]
pub(crate) fn rewritten(graph: &[u8]) -> Result<Vec<u8>, String> {
    let zeros = |readers: &[&str]| Ok(readers.iter().map(|_| Floats { shape: vec![1], values: vec![0.0] }).collect());
    rewrite::rewrite(graph, Kernels::OneDnn, zeros).map(|(rewritten, _)| rewritten)
}

/// `rewritten`, which `stream` was loaded from, with one more step, for frames of `size`.
fn with_step(
    stream: StreamModel,
    rewritten: Vec<u8>,
    size: usize,
    kernels: Kernels,
) -> Result<Result<Vec<u8>, String>, EngineError> {
    let step = match Step::new(Bytes::from(rewritten), stream.step_signature()) {
        Ok(step) => step,
        Err(reason) => return Ok(Err(reason)),
    };
    let image = stream.image_input().to_owned();
    let (inputs, tensors) = stream.observe(size, &step.wanted())?;
    drop(stream);
    Ok(step.fix(&Observed { image, inputs, tensors }, kernels))
}

/// The values of the variables that the operations `readers` read.
fn variables(model: &SavedModel, readers: &[&str]) -> Result<Vec<Floats>, String> {
    let tensors = model.read(readers).map_err(|error| error.to_string())?;
    let floats = |(reader, tensor): (&&str, Tensor)| {
        let values = tensor.as_float32().ok_or_else(|| format!("variable '{reader}' is {}", tensor.dtype()))?;
        Ok(Floats { shape: tensor.dims().iter().map(|&dim| dim as usize).collect(), values: values.to_vec() })
    };
    readers.iter().zip(tensors).map(floats).collect()
}
