//! A stream model's TF Lite form, proved equal to the original and kept in the cache, with how fast it is.
//!
//! `export -> load by LiteRT -> proof -> times -> cache`

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array4, ArrayView4};

use super::{ExportError, Wanted, export};
use crate::cache::{Cache, CacheError};
use crate::engine::litert::LiteRtStreamModel;
use crate::engine::tensorflow::{Movinet, SessionConfig, StreamModel};
use crate::engine::{EngineError, StreamNetwork};
use crate::media::MediaError;
use crate::prepare::exported::{self, TfLiteForm, TfLiteRecord, find_tflite};
use crate::prepare::{Expected, Fault};
use crate::runtime::{Library, Runtime};
use crate::saved_model::fingerprint;

/// How long each form is timed.
const TIMED: Duration = Duration::from_secs(1);

/// Exports the stream model in `source` for frames of `size` pixels, proves that the file gives by LiteRT what the original
/// gives by TensorFlow, times it beside `prepared`, the folder that TensorFlow runs fastest, and keeps it in the cache. What
/// is there already, for the same size of frames, is given without work unless it is to be made `anew`. `clip` gives a clip
/// `(frames, size, size, 3)`, float32 in [0, 1], of the size that it is given; it is part of the proof.
///
/// # Errors
/// [`ExportError`]; the cache is then as it was.
pub fn prove(
    (runtime, library): (&Runtime, &Arc<Library>),
    cache: &Cache,
    source: &Path,
    prepared: &Path,
    size: usize,
    anew: bool,
    clip: &dyn Fn(usize) -> Result<Array4<f32>, MediaError>,
) -> Result<TfLiteForm, ExportError> {
    let failed = |error: EngineError| ExportError::Model { path: source.to_owned(), source: error };
    let _held = cache.use_path(source);
    let sha256 = fingerprint(source).map_err(|error| failed(EngineError::Read(error)))?;
    let here = || find_tflite(cache, &sha256).ok().flatten().filter(|proved| !anew && proved.record.size == size);
    if let Some(proved) = here() {
        return Ok(proved);
    }
    let entry = exported::entry(cache, &sha256);
    let _lock = cache.lock(&entry)?;
    if let Some(proved) = here() {
        return Ok(proved); // another process made it meanwhile
    }
    let bytes = export(runtime, cache, source, Wanted { size: Some(size), ..Wanted::default() })?.bytes;
    let part = cache.part_for(&entry)?;
    fs_err::write(exported::model_in(part.path()), &bytes).map_err(CacheError::Io)?;
    let expected = {
        let original = Movinet::load(runtime, source, SessionConfig::default()).map_err(failed)?;
        let clip = clip(size).map_err(ExportError::Clip)?;
        Expected::of(&original, clip.view(), size).map_err(failed)?
    };
    let network = LiteRtStreamModel::load(library, exported::model_in(part.path()), None).map_err(failed)?;
    let logits = |clip: ArrayView4<f32>| match clip.dim() {
        (_, height, width, _) if (height, width) == (size, size) => {
            (&network as &dyn StreamNetwork).logits(clip).map(Some)
        }
        _ => Ok(None),
    };
    let proof = expected.prove(logits).map_err(|fault| match fault {
        Fault::Differ { input, reason } => ExportError::NotEqual { path: source.to_owned(), input, reason },
        Fault::Failed(error) => failed(error),
    })?;
    drop(expected);
    let by_tensorflow = StreamModel::load(runtime, prepared, SessionConfig { threads: Some(1) }).map_err(failed)?;
    let steps = [least_step(&network, size), least_step(&by_tensorflow, size)];
    let [by_litert, by_tensorflow] = steps.map(|step| step.map_err(failed));
    let record = TfLiteRecord::new(sha256, library.version(), size, &bytes, proof, [by_litert?, by_tensorflow?]);
    record.write(part.path())?;
    cache.publish(part, &entry)?;
    Ok(TfLiteForm { path: exported::model_in(entry.path()), record })
}

/// Seconds of the quickest step of `network` on frames of `size` pixels: whatever else runs only adds to them.
fn least_step(network: &dyn StreamNetwork, size: usize) -> Result<f64, EngineError> {
    let mut stream = network.begin(size, size)?;
    let (mut least, began) = (f64::INFINITY, Instant::now());
    while began.elapsed() < TIMED {
        stream.input().fill(0.5);
        let step = Instant::now();
        stream.step()?;
        least = least.min(step.elapsed().as_secs_f64());
    }
    Ok(least)
}
