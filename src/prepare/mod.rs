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
mod freeze;
mod fuse;
mod graph;
mod identity;
mod inline;
mod kernels;
mod miscomputed;
mod onednn;
mod parameters;
mod proof;
mod proto;
mod rewrite;
mod swish;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use ndarray::ArrayView4;
use serde::{Deserialize, Serialize};

pub use error::PrepareError;
pub use parameters::{Parameters, parameters};
pub use proof::{Proof, TOLERANCE};
pub use rewrite::Rewrites;

use crate::fetch::{Cache, FetchError};
use crate::movinet::{Movinet, StreamModel};
use crate::runtime::Runtime;
use crate::saved_model::{FROZEN_MARK, SavedModel, SessionConfig, fingerprint};
use fixed::{Observed, Step};
use graph::Floats;
use proof::Fault;
use rewrite::Kernels;

/// Counts up whenever the rewriter's results change; older ones are then made anew.
const REWRITER: u32 = 3;

/// A prepared model in the cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Its SavedModel folder.
    pub path: PathBuf,
    /// What it is and how it was proved.
    pub record: Record,
}

/// What is known of a prepared model, kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`fingerprint`] of the original.
    pub original: String,
    /// Version of the rewriter.
    pub rewriter: u32,
    /// TensorFlow with which it was proved.
    pub tensorflow: String,
    /// Height and width in pixels of the frames that it was proved on; a stream model has a step of its own for them.
    pub size: usize,
    /// What was done.
    pub rewrites: Rewrites,
    /// How equal it is.
    pub proof: Proof,
}

/// The prepared form of the original with this fingerprint, if it is in the cache and made for this TensorFlow.
pub fn find(cache: &Cache, runtime: &Runtime, original: &str) -> Option<Prepared> {
    at(&folder(cache, runtime, original), runtime, original)
}

/// The prepared form in `path`, if it is of the original with this fingerprint, of this rewriter and this TensorFlow.
pub fn at(path: &Path, runtime: &Runtime, original: &str) -> Option<Prepared> {
    let record: Record = serde_json::from_slice(&fs_err::read(path.join(FROZEN_MARK)).ok()?).ok()?;
    let same = record.original == original
        && record.rewriter == REWRITER
        && record.tensorflow == runtime.version()
        && path.join("saved_model.pb").is_file();
    same.then(|| Prepared { path: path.to_owned(), record })
}

/// Rewrites the MoViNet in `source`, proves the result equal, and keeps it in the cache. What is there already is
/// given without work, unless it is to be made `anew`. `clip` `(frames, size, size, 3)` is part of the proof and tells
/// the size it is made for.
///
/// # Errors
/// [`PrepareError`]; the cache is then as it was.
pub fn prepare(
    runtime: &Runtime,
    cache: &Cache,
    source: &Path,
    clip: ArrayView4<f32>,
    anew: bool,
) -> Result<Prepared, PrepareError> {
    let original = fingerprint(source)?;
    let here = || find(cache, runtime, &original).filter(|_| !anew);
    if let Some(prepared) = here() {
        return Ok(prepared);
    }
    let target = folder(cache, runtime, &original);
    let _lock = cache.lock(&format!("prepared-{}", &original[..16]))?;
    if let Some(prepared) = here() {
        return Ok(prepared); // another process prepared it meanwhile
    }
    let reference = Movinet::load(runtime, source, SessionConfig::default())?;
    let make = |kernels| {
        let part = cache.part_for(&target)?;
        let record = make(runtime, source, &original, &reference, kernels, clip, part.path())?;
        cache.publish(part, &target)?;
        Ok(Prepared { path: target.clone(), record })
    };
    match make(Kernels::OneDnn) {
        // TensorFlow has no such kernels here, or they round too differently: there are always its standard ones.
        Err(PrepareError::SavedModel(_) | PrepareError::Movinet(_) | PrepareError::NotEqual { .. }) => {
            make(Kernels::Standard)
        }
        outcome => outcome,
    }
}

/// Writes the rewritten form of `source`, which `reference` was loaded from, into `folder`, and proves it equal.
fn make(
    runtime: &Runtime,
    source: &Path,
    original: &str,
    reference: &Movinet,
    kernels: Kernels,
    clip: ArrayView4<f32>,
    folder: &Path,
) -> Result<Record, PrepareError> {
    let unknown = |reason: String| PrepareError::Unknown { path: source.to_owned(), reason };
    let bytes = fs_err::read(source.join("saved_model.pb")).map_err(FetchError::Given)?;
    let (mut rewritten, rewrites) =
        rewrite::rewrite(&bytes, kernels, |reader| value(reference.saved_model(), reader)).map_err(unknown)?;
    drop(bytes);
    let mut record = Record {
        original: original.to_owned(),
        rewriter: REWRITER,
        tensorflow: runtime.version().to_owned(),
        size: clip.dim().1,
        rewrites,
        proof: Proof::default(),
    };
    write(&record, &rewritten, folder)?;
    let mut result = Movinet::load(runtime, folder, SessionConfig::default())?;
    if let Movinet::Stream(stream) = &result {
        rewritten = fix(stream, &rewritten, clip.dim().1, kernels)?.map_err(unknown)?;
        write(&record, &rewritten, folder)?;
        result = Movinet::load(runtime, folder, SessionConfig::default())?;
    }
    record.proof = proof::prove(reference, &result, clip, clip.dim().1).map_err(|fault| match fault {
        Fault::Differ { input, reason } => PrepareError::NotEqual { path: source.to_owned(), input, reason },
        Fault::Failed(error) => error.into(),
    })?;
    write(&record, &rewritten, folder)?;
    Ok(record)
}

/// `rewritten`, which `stream` was loaded from, with one more step, for frames of `size`.
fn fix(
    stream: &StreamModel,
    rewritten: &[u8],
    size: usize,
    kernels: Kernels,
) -> Result<Result<Vec<u8>, String>, PrepareError> {
    let step = match Step::new(rewritten, stream.step_signature()) {
        Ok(step) => step,
        Err(reason) => return Ok(Err(reason)),
    };
    let (inputs, tensors) = stream.observe(size, &step.wanted())?;
    Ok(step.fix(&Observed { inputs, tensors }, kernels))
}

fn folder(cache: &Cache, runtime: &Runtime, original: &str) -> PathBuf {
    cache.prepared(&format!("{}-r{REWRITER}-tensorflow-{}", &original[..16], runtime.version()))
}

fn write(record: &Record, model: &[u8], folder: &Path) -> Result<(), FetchError> {
    let text = serde_json::to_vec_pretty(record).map_err(|error| FetchError::Cache(error.into()))?;
    fs_err::write(folder.join(FROZEN_MARK), text).map_err(FetchError::Cache)?;
    fs_err::write(folder.join("saved_model.pb"), model).map_err(FetchError::Cache)
}

/// The value of the variable that operation `reader` reads.
fn value(model: &SavedModel, reader: &str) -> Result<Floats, String> {
    let tensor = model.read(reader).map_err(|error| error.to_string())?;
    let values = tensor.as_float32().ok_or_else(|| format!("variable '{reader}' is {}", tensor.dtype()))?;
    Ok(Floats { shape: tensor.dims().iter().map(|&dim| dim as usize).collect(), values: values.to_vec() })
}
