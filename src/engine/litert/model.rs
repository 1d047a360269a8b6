//! A stream network in a TF Lite file, loaded.

use std::path::Path;
use std::sync::Arc;

use super::check::{Checked, checked};
use super::compiled::CompiledSignature;
use super::handle::{OwnedCompiledModel, OwnedModel};
use super::loaded::Loaded;
use super::stream::Streaming;
use crate::catalog::Family;
use crate::engine::{EngineError, Stream, StreamNetwork};
use crate::runtime::LiteRtLibrary;

/// A loaded stream network. It runs on one thread where nothing else is said: more make it slower.
#[derive(Debug, Clone)]
pub struct LiteRtStreamModel {
    inner: Arc<Loaded>,
}

impl LiteRtStreamModel {
    /// Loads the stream network in the TF Lite file at `path`, which is to run on so many threads.
    ///
    /// # Errors
    /// [`EngineError`] when the file cannot be read, is no stream network that can run here, or LiteRT refuses it.
    pub fn load(
        library: &Arc<LiteRtLibrary>,
        path: impl AsRef<Path>,
        threads: Option<u16>,
    ) -> Result<Self, EngineError> {
        let path = path.as_ref();
        let Checked { bytes, file, step } = checked(path)?;
        let model = OwnedModel::new(Arc::clone(library), bytes, path)?;
        let compiled = OwnedCompiledModel::new(model, threads.unwrap_or(1), path)?;
        let compiled = CompiledSignature::new(compiled, &step.name, path)?;
        Ok(Self { inner: Arc::new(Loaded::new(compiled, &file, &step, path)?) })
    }
}

impl StreamNetwork for LiteRtStreamModel {
    fn own_size(&self) -> Option<usize> {
        self.inner.size
    }

    fn outputs(&self) -> Option<usize> {
        let last = *self.inner.logits.0.shape.as_ref()?.last()?;
        usize::try_from(last?).ok()
    }

    fn family(&self) -> Option<&'static Family> {
        self.inner.family
    }

    fn frames_per_step(&self) -> usize {
        self.inner.frames_per_step()
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let (spec, _) = &self.inner.image;
        let got = [1, self.inner.frames_per_step() as u64, height as u64, width as u64, 3];
        if !spec.accepts(spec.dtype, &got) {
            return Err(EngineError::Mismatch {
                signature: self.inner.signature.clone(),
                tensor: spec.name.clone(),
                expected: spec.to_string(),
                got: format!("{} ({})", spec.dtype, got.map(|dim| dim.to_string()).join(", ")),
            });
        }
        Ok(Box::new(Streaming::new(Arc::clone(&self.inner), height * width * 3)?))
    }
}
