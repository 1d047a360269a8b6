//! Why a model cannot be prepared. It then runs as it is.

use std::path::PathBuf;

use crate::fetch::FetchError;
use crate::movinet::MovinetError;
use crate::saved_model::SavedModelError;

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
    /// The original or the rewritten SavedModel cannot be loaded or run.
    #[error(transparent)]
    SavedModel(#[from] SavedModelError),
    /// The original or the rewritten model is no MoViNet.
    #[error(transparent)]
    Movinet(#[from] MovinetError),
    /// The cache cannot take the result.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}
