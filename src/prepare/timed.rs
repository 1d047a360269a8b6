//! How long a form takes, to choose the fastest: the quickest of many runs, since whatever else runs only adds to them.

use std::time::{Duration, Instant};

use crate::engine::{BaseNetwork, EngineError, StreamNetwork};

/// How long each form is timed.
const TIMED: Duration = Duration::from_secs(1);
/// Frames of the clip that base networks are timed on, where they take clips of any length.
const FRAMES: usize = 13;

/// Seconds of the quickest step of `network` on frames of `size` pixels.
#[cfg(feature = "export")]
pub(crate) fn least_step(network: &dyn StreamNetwork, size: usize) -> Result<f64, EngineError> {
    let mut stream = network.begin(size, size)?;
    least(|| {
        stream.input().fill(0.5);
        let step = Instant::now();
        stream.step()?;
        Ok(step.elapsed())
    })
}

/// Seconds of the quickest clip of `network`, of `size` pixels and `frames`, or a few where any number is taken.
pub(super) fn least_clip(network: &dyn BaseNetwork, size: usize, frames: Option<usize>) -> Result<f64, EngineError> {
    let mut window = network.window(frames.unwrap_or(FRAMES), size, size)?;
    window.pixels().fill(0.5);
    least(|| {
        let clip = Instant::now();
        window.predict()?;
        Ok(clip.elapsed())
    })
}

/// The least of what `run` took, in seconds.
fn least(mut run: impl FnMut() -> Result<Duration, EngineError>) -> Result<f64, EngineError> {
    let (mut least, began) = (Duration::MAX, Instant::now());
    while began.elapsed() < TIMED {
        least = least.min(run()?);
    }
    Ok(least.as_secs_f64())
}
