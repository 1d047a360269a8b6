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
pub(crate) mod exported;
mod fixed;
mod freeze;
mod fuse;
mod graph;
mod identity;
mod inline;
mod kernels;
mod miscomputed;
mod onednn;
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

use std::path::Path;

use ndarray::Array4;
use prost::bytes::Bytes;

pub use error::PrepareError;
pub use exported::{TfLiteForm, TfLiteRecord, find_tflite};
#[cfg(feature = "export")]
pub(crate) use graph::{Graph, split};
pub use parameters::{Parameters, parameters};
pub use proof::{Proof, TOLERANCE};
#[cfg(feature = "export")]
pub(crate) use proto::{FLOAT, INT32, NodeDef, Value};
pub use record::{Kept, Prepared, Record, damage, find};
pub use rewrite::Rewrites;
pub use size::own_size;
#[cfg(feature = "export")]
pub(crate) use step_graph::StepGraph;

use crate::cache::Cache;
use crate::engine::EngineError;
use crate::engine::tensorflow::{Movinet, SavedModel, SessionConfig, StreamModel, Tensor};
use crate::media::MediaError;
use crate::memory;
use crate::runtime::Runtime;
use crate::saved_model::{GRAPH, fingerprint};
use fixed::{Observed, Step};
use graph::Floats;
pub(crate) use proof::{Expected, Fault};
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

/// Rewrites the MoViNet in `source`, proves the result equal, and keeps it in the cache. What is there already, for the
/// same size of frames, is given without work. `clip` gives a clip `(frames, size, size, 3)`, float32 in [0, 1], of the
/// size that it is given; it is part of the proof.
///
/// # Errors
/// [`PrepareError`]; the cache is then as it was.
pub fn prepare(
    runtime: &Runtime,
    cache: &Cache,
    source: impl AsRef<Path>,
    wanted: Wanted,
    clip: &dyn Fn(usize) -> Result<Array4<f32>, MediaError>,
) -> Result<Prepared, PrepareError> {
    let source = source.as_ref();
    let failed = |error: EngineError| PrepareError::Model { path: source.to_owned(), source: error };
    let _held = cache.use_path(source);
    // Says what is wrong with a folder that is no MoViNet.
    let sha256 = Movinet::check(source).and_then(|()| fingerprint(source).map_err(EngineError::Read));
    let sha256 = sha256.map_err(failed)?;
    let own_size = wanted.size.or_else(|| own_size(source)).or(wanted.usual_size);
    let fits = |prepared: &Prepared| own_size.is_none_or(|size| prepared.record.size == size);
    let here = || match find(cache, runtime, &sha256) {
        Kept::Whole(prepared) if !wanted.anew && fits(&prepared) => Some(prepared),
        _ => None,
    };
    if let Some(prepared) = here() {
        return Ok(prepared);
    }
    let entry = record::entry(cache, runtime, &sha256);
    let _lock = cache.lock(&entry)?;
    if let Some(prepared) = here() {
        return Ok(prepared); // another process prepared it meanwhile
    }
    let clip = clip(own_size.unwrap_or(UNKNOWN_SIZE)).map_err(PrepareError::Clip)?;
    let original = Original { runtime, path: source, sha256: &sha256, size: clip.dim().1 };
    let reference = original.load()?;
    let expected = Expected::of(&reference, clip.view(), original.size).map_err(failed)?;
    drop(clip);
    let make = |reference, kernels| {
        let part = cache.part_for(&entry)?;
        let record = original.make(reference, &expected, kernels, part.path())?;
        cache.publish(part, &entry)?;
        Ok(Prepared { path: entry.path().to_owned(), record })
    };
    match make(reference, Kernels::OneDnn) {
        // TensorFlow has no such kernels here, or they round too differently: there are always its standard ones.
        Err(PrepareError::Model { .. } | PrepareError::NotEqual { .. }) => make(original.load()?, Kernels::Standard),
        outcome => outcome,
    }
}

/// A model to be prepared for frames of `size` pixels.
struct Original<'a> {
    runtime: &'a Runtime,
    path: &'a Path,
    sha256: &'a str,
    size: usize,
}

impl Original<'_> {
    fn load(&self) -> Result<Movinet, PrepareError> {
        Movinet::load(self.runtime, self.path, SessionConfig::default()).map_err(|error| self.failed(error))
    }

    /// Writes the rewritten form into `folder` and proves that it gives what is `expected`. Of the original, the
    /// rewritten model and the same with a step more, one is loaded at a time: each takes several times its size.
    fn make(
        &self,
        reference: Movinet,
        expected: &Expected,
        kernels: Kernels,
        folder: &Path,
    ) -> Result<Record, PrepareError> {
        let failed = |error: EngineError| self.failed(error);
        let unknown = |reason: String| PrepareError::Unknown { path: self.path.to_owned(), reason };
        let graph = fs_err::read(self.path.join(GRAPH)).map_err(|error| failed(EngineError::Read(error)))?;
        let read = |readers: &[&str]| variables(&reference.saved_model(), readers);
        let (mut rewritten, rewrites) = rewrite::rewrite(&graph, kernels, read).map_err(unknown)?;
        drop((graph, reference));
        memory::give_back();
        let mut record = Record::new(self.sha256, self.runtime, self.size, rewrites);
        let load = || Movinet::load(self.runtime, folder, SessionConfig::default()).map_err(failed);
        record.write(&rewritten, folder)?;
        let mut result = load()?;
        if let Movinet::Stream(stream) = result {
            rewritten = with_step(stream, rewritten, self.size, kernels).map_err(failed)?.map_err(unknown)?;
            record.write(&rewritten, folder)?;
            result = load()?;
        }
        record.proof = expected.prove(|clip| result.logits(clip).map(Some)).map_err(|fault| match fault {
            Fault::Differ { input, reason } => PrepareError::NotEqual { path: self.path.to_owned(), input, reason },
            Fault::Failed(error) => failed(error),
        })?;
        record.write(&rewritten, folder)?;
        Ok(record)
    }

    fn failed(&self, source: EngineError) -> PrepareError {
        PrepareError::Model { path: self.path.to_owned(), source }
    }
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
