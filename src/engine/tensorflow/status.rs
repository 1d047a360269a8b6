//! What TensorFlow says when it refuses.

use std::path::Path;

use crate::engine::EngineError;

/// The model in `path` cannot be loaded.
pub(super) fn refused(path: &Path, status: &tensorflow::Status) -> EngineError {
    EngineError::Load { path: path.to_owned(), reason: first_line(status) }
}

/// The first line of what TensorFlow says; the rest is where in its graph it happened.
pub(super) fn first_line(status: &tensorflow::Status) -> String {
    status.to_string().lines().next().unwrap_or_default().trim_end_matches([' ', '\t', ':']).to_owned()
}
