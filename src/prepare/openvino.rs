//! A base model's form that OpenVINO runs, proved equal to the original and kept in the cache, with how fast it is.
//!
//! `original -> frozen graph, three-dimensional convolutions left in -> compiled -> proof -> times -> cache`

use std::path::Path;
use std::sync::Arc;

use super::form::{self, Measured, ProvedForm};
use super::timed::least_clips;
use super::{Original, PrepareError, rewrite};
use crate::cache::CacheError;
use crate::catalog::EngineLibrary;
use crate::engine::openvino::{Interface, OpenVinoBaseModel, compile};
use crate::engine::tensorflow::{BaseModel, SavedModel, SessionConfig};
use crate::engine::{BaseNetwork, EngineError};
use crate::movinet::fixed_frames;
use crate::runtime::OpenVinoLibrary;

/// Compiles the base model `original` for this processor, proves that OpenVINO then gives what the original gives by
/// TensorFlow, times it beside `prepared`, the folder that TensorFlow runs fastest, and keeps it in the cache. What is there
/// already is given without work.
///
/// # Errors
/// [`PrepareError`], also where `original` is no base model that is fed float32; the cache is then as it was.
pub fn prove(
    original: &Original<'_>,
    library: &Arc<OpenVinoLibrary>,
    prepared: &Path,
) -> Result<ProvedForm, PrepareError> {
    let failed = |error: EngineError| original.failed(error);
    let unknown = |reason: String| PrepareError::Unknown { path: original.path.clone(), reason };
    let interface = Interface::of(&SavedModel::signatures_in(&original.path).map_err(failed)?);
    let interface = interface.ok_or_else(|| unknown("it is no base model that is fed float32".into()))?;
    let (wanted, frames) = ((original.size(), original.anew), fixed_frames(&interface.clip));
    form::kept_or_made(original.cache, EngineLibrary::OpenVino, &original.sha256, wanted, |file| {
        let graph = original.rewritten(|graph, read| rewrite::frozen(graph, read))?;
        let scratch = tempfile::tempdir_in(file.parent().unwrap_or(file)).map_err(CacheError::Io)?;
        let frozen = scratch.path().join("frozen.pb");
        fs_err::write(&frozen, graph).map_err(CacheError::Io)?;
        compile(library, &frozen, file).map_err(failed)?;
        scratch.close().map_err(CacheError::Io)?;
        let network = OpenVinoBaseModel::load(library, file, interface, None).map_err(failed)?;
        let proof =
            original.proved(|clip| (&network as &dyn BaseNetwork).predict(clip).map(|logits| Some(vec![logits])))?;
        let by_tensorflow =
            BaseModel::load(original.runtime, prepared, SessionConfig { threads: None }).map_err(failed)?;
        let timed = least_clips([&network, &by_tensorflow], original.size(), frames);
        let [seconds, seconds_by_tensorflow] = timed.map_err(failed)?;
        Ok(Measured { proof, seconds, seconds_by_tensorflow })
    })
}
