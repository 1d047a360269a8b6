//! Why a model cannot be exported.

use std::path::{Path, PathBuf};

use crate::cache::CacheError;
use crate::engine::EngineError;
use crate::media::MediaError;
use crate::prepare::PrepareError;

/// Why there is no TF Lite file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The model cannot be loaded or run, or is no stream MoViNet.
    #[error("cannot export '{}'", path.display())]
    Model {
        /// The model.
        path: PathBuf,
        /// What is wrong with it.
        source: EngineError,
    },
    /// It sees a whole clip at once.
    #[error("'{}' is a base model, which sees a whole clip at once: stream models can be exported", path.display())]
    Base {
        /// The model.
        path: PathBuf,
    },
    /// It is one already.
    #[error("'{}' is a TF Lite file already: name the SavedModel that it was made of", path.display())]
    TfLite {
        /// The model.
        path: PathBuf,
    },
    /// Nothing tells the size of its frames.
    #[error("'{}' takes frames of any size, and a TF Lite file has one", path.display())]
    UnknownSize {
        /// The model.
        path: PathBuf,
    },
    /// It holds an operation that TF Lite's builtin operators don't express, or takes something else than single frames.
    #[error("'{}' cannot be written as a TF Lite file: {reason}", path.display())]
    Inexpressible {
        /// The model.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// The file gives other numbers than the model.
    #[error("the TF Lite form of '{}' is not equal: {reason} on {input}", path.display())]
    NotEqual {
        /// The model.
        path: PathBuf,
        /// The clip on which it differs.
        input: String,
        /// How.
        reason: String,
    },
    /// The clip of the proof cannot be had.
    #[error("no clip to prove it on")]
    Clip(#[source] MediaError),
    /// The cache cannot take what is under work.
    #[error("cannot keep what is under work")]
    Cache(#[from] CacheError),
}

impl ExportError {
    /// Why the model in `path` cannot be made one graph.
    pub(super) fn of(path: &Path, error: PrepareError) -> Self {
        let path = path.to_owned();
        match error {
            PrepareError::Model { source: EngineError::BaseGivenAsStream { .. }, .. } => Self::Base { path },
            PrepareError::Model { source, .. } => Self::Model { path, source },
            PrepareError::Cache(error) => Self::Cache(error),
            PrepareError::Clip(error) => Self::Clip(error),
            PrepareError::NotEqual { input, reason, .. } => Self::NotEqual { path, input, reason },
            PrepareError::Unknown { reason, .. } => Self::Inexpressible { path, reason },
        }
    }
}
