//! A stream model's step alone, as a graph of plain operations that every shape is known of: what another runtime's file
//! is made from.
//!
//! `saved_model.pb -> inline -> freeze -> ... -> conv3d -> common -> fixed`, with TensorFlow's standard kernels.

use std::collections::HashMap;
use std::path::Path;

use prost::bytes::Bytes;

use super::fixed::{Observed, Step};
use super::graph::Graph;
use super::proto::SignatureDef;
use super::rewrite::{self, Kernels};
use super::{PrepareError, record, variables};
use crate::cache::{Cache, CacheError};
use crate::engine::EngineError;
use crate::engine::tensorflow::{SavedModel, SessionConfig, StreamModel};
use crate::movinet::recognise::{self, StepSignature};
use crate::runtime::Runtime;
use crate::saved_model::{GRAPH, fingerprint};

/// One step of a stream model on single frames of one size.
pub(crate) struct StepGraph {
    /// What is computed, of what is fed by the signature's names.
    pub graph: Graph,
    /// The tensors that are fed and given, by their names in the signature.
    pub signature: SignatureDef,
    /// What each of the names is.
    pub names: StepSignature,
    /// What was fed in a run.
    observed: Observed,
}

impl StepGraph {
    /// Whether `source` is a stream model, without loading it.
    ///
    /// # Errors
    /// [`PrepareError`] where it isn't, or cannot be read.
    pub fn check(source: &Path) -> Result<(), PrepareError> {
        StreamModel::check(source).map_err(|error| PrepareError::Model { path: source.to_owned(), source: error })
    }

    /// The step of the stream model in `source` on frames of `size` pixels. What is under work is in `cache`, and gone
    /// afterwards.
    ///
    /// # Errors
    /// [`PrepareError`], also where `source` is a base model.
    pub fn of(runtime: &Runtime, cache: &Cache, source: &Path, size: usize) -> Result<Self, PrepareError> {
        let failed = |error: EngineError| PrepareError::Model { path: source.to_owned(), source: error };
        let unknown = |reason: String| PrepareError::Unknown { path: source.to_owned(), reason };
        let unreadable = |error| failed(EngineError::Read(error));
        let _held = cache.use_path(source);
        let found = recognise::stream(&SavedModel::signatures_in(source).map_err(failed)?);
        let names = found.map_err(|unfit| unknown(unfit.to_string()))?.steps.pop();
        let names = names.ok_or_else(|| unknown("it has no step".into()))?;
        let original = fs_err::read(source.join(GRAPH)).map_err(unreadable)?;
        let rewritten = {
            let model = SavedModel::load(runtime, source, SessionConfig::default()).map_err(failed)?;
            let read = |readers: &[&str]| variables(&model, readers);
            rewrite::rewrite(&original, Kernels::Standard, read).map_err(unknown)?.0
        };
        drop(original);
        let entry = record::entry(cache, runtime, &fingerprint(source).map_err(unreadable)?);
        let _lock = cache.lock(&entry)?;
        let part = cache.part_for(&entry)?;
        fs_err::write(part.path().join(GRAPH), &rewritten).map_err(CacheError::Io)?;
        let stream = StreamModel::load(runtime, part.path(), SessionConfig::default()).map_err(failed)?;
        let step = Step::new(Bytes::from(rewritten), stream.step_signature()).map_err(unknown)?;
        let (inputs, tensors) = stream.observe(size, &step.wanted()).map_err(failed)?;
        let observed = Observed { image: stream.image_input().to_owned(), inputs, tensors };
        drop(stream);
        let (graph, signature) = step.alone(&observed).map_err(unknown)?;
        Ok(Self { graph, signature, names, observed: Observed { tensors: HashMap::new(), ..observed } })
    }

    /// Dimensions of what is fed by this name of the signature.
    pub fn dims(&self, input: &str) -> Option<Vec<usize>> {
        Some(self.observed.inputs.get(input)?.iter().map(|&dim| dim as usize).collect())
    }
}
