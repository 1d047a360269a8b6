//! A stream model's TF Lite form, proved equal to the original and kept in the cache, with how fast it is.
//!
//! `export -> load by LiteRT -> proof -> times -> cache`

use std::path::Path;
use std::sync::Arc;

use ndarray::ArrayView4;

use super::{ExportError, Wanted, export};
use crate::cache::CacheError;
use crate::catalog::EngineLibrary;
use crate::engine::litert::LiteRtStreamModel;
use crate::engine::tensorflow::{SessionConfig, StreamModel};
use crate::engine::{EngineError, StreamNetwork};
use crate::prepare::form::{self, Measured};
use crate::prepare::timed::least_steps;
use crate::prepare::{Original, ProvedForm};
use crate::runtime::LiteRtLibrary;

/// Exports the stream model `original`, proves that the file gives by LiteRT what the original gives by TensorFlow, times it
/// beside `prepared`, the folder that TensorFlow runs fastest, and keeps it in the cache. What is there already, for the same
/// size of frames, is given without work.
///
/// # Errors
/// [`ExportError`]; the cache is then as it was.
pub fn prove(
    original: &Original<'_>,
    library: &Arc<LiteRtLibrary>,
    prepared: &Path,
) -> Result<ProvedForm, ExportError> {
    let &Original { runtime, cache, ref sha256, anew, .. } = original;
    let (source, size) = (original.path(), original.size());
    let failed = |error: EngineError| ExportError::Model { path: source.to_owned(), source: error };
    form::kept_or_made(cache, EngineLibrary::LiteRt, sha256, (size, anew), |file| {
        let bytes = export(runtime, cache, source, Wanted { size: Some(size), ..Wanted::default() })?.bytes;
        fs_err::write(file, &bytes).map_err(CacheError::Io)?;
        drop(bytes);
        let network = LiteRtStreamModel::load(library, file, None).map_err(failed)?;
        let logits = |clip: ArrayView4<f32>| match clip.dim() {
            (_, height, width, _) if (height, width) == (size, size) => {
                (&network as &dyn StreamNetwork).logits(clip).map(Some)
            }
            _ => Ok(None),
        };
        let proof = original.proved(logits).map_err(|error| ExportError::of(source, error))?;
        let by_tensorflow = StreamModel::load(runtime, prepared, SessionConfig { threads: Some(1) }).map_err(failed)?;
        let [seconds, seconds_by_tensorflow] = least_steps([&network, &by_tensorflow], size).map_err(failed)?;
        Ok(Measured { proof, seconds, seconds_by_tensorflow })
    })
}
