//! A frozen graph of TensorFlow's, compiled for this processor and kept in a file.

use std::path::Path;
use std::sync::Arc;

use super::handle::{OwnedCompiledModel, OwnedCore};
use crate::engine::EngineError;
use crate::runtime::OpenVinoLibrary;

/// Compiles the frozen graph in the file at `graph` and writes what [`OpenVinoBaseModel`](super::OpenVinoBaseModel) loads to
/// the file at `to`. It holds for this release of OpenVINO, on processors like this one, with any number of threads.
///
/// # Errors
/// [`EngineError`] when OpenVINO cannot read, compile or write it.
pub(crate) fn compile(library: &Arc<OpenVinoLibrary>, graph: &Path, to: &Path) -> Result<(), EngineError> {
    let core = OwnedCore::new(Arc::clone(library), None, graph)?;
    OwnedCompiledModel::of(core, graph)?.save(to)
}
