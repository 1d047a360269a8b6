//! Why a model cannot be prepared. It then runs as it is.

use std::path::PathBuf;

use crate::cache::CacheError;
use crate::engine::EngineError;
use crate::media::MediaError;

/// Why there is no prepared model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The graph holds something that the rewriter doesn't know.
    #[error("'{}' cannot be prepared: {reason}", path.display())]
    Unknown {
        /// The model.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// The rewritten model's numbers are too far from the original's; it was thrown away.
    #[error("the prepared '{}' is not equal to the original on {input}: {reason}", path.display())]
    NotEqual {
        /// The model.
        path: PathBuf,
        /// The input on which they part.
        input: String,
        /// By how much.
        reason: String,
    },
    /// The original or the rewritten SavedModel cannot be loaded or run, or is no MoViNet.
    #[error("cannot prepare '{}'", path.display())]
    Model {
        /// The model.
        path: PathBuf,
        /// What is wrong with it.
        source: EngineError,
    },
    /// The clip that it is to be proved on cannot be read.
    #[error("cannot read the clip to prove a prepared model on")]
    Clip(#[source] MediaError),
    /// The cache cannot take the result.
    #[error("cannot keep the prepared model")]
    Cache(#[from] CacheError),
}

impl PrepareError {
    /// Whether the same call can succeed later without anything else being done.
    pub fn can_retry(&self) -> bool {
        matches!(self, Self::Cache(error) if error.can_retry())
    }
}
