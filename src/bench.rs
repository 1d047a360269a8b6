//! How long a frame of the stream model and a clip of the base model take.

use std::fmt;
use std::time::{Duration, Instant};

use ndarray::{ArrayView1, ArrayView4, Axis};
use serde::{Serialize, Serializer};

use crate::answer;
use crate::engine::{BaseNetwork, Engine, EngineError, StreamNetwork, fill, filled};

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measured {
    /// A step of the stream model.
    Step,
    /// A clip of the base model.
    Clip,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Step => "stream, a frame",
            Self::Clip => "base, a clip",
        })
    }
}

impl Serialize for Measured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figures {
    /// What ran the model.
    pub engine: Engine,
    /// What was measured.
    pub model: Measured,
    /// Loading the model.
    pub load: f64,
    /// The first call of this shape, which may include compiling.
    pub first: f64,
    /// The other calls.
    #[serde(flatten)]
    pub rest: Quantiles,
    /// Largest memory of the process so far, in bytes.
    pub peak_memory: u64,
}

/// Of a number of times, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Quantiles {
    /// The shortest.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// Nine of ten are at most this.
    pub p90: f64,
    /// 99 of a hundred are at most this.
    pub p99: f64,
    /// Standard deviation as a share of the mean: above 0.2, the machine was busy with other things.
    pub variation: f64,
}

/// Times so many steps, each as a share of its frames, of `video` `(frames, height, width, 3)`, which begins anew as often as needed; at least two. The
/// engine and how long loading it took are passed on.
///
/// # Errors
/// [`EngineError`] when the engine fails.
pub fn stream(
    network: &dyn StreamNetwork,
    video: ArrayView4<f32>,
    frames: usize,
    (engine, load): (Engine, Duration),
) -> Result<Figures, EngineError> {
    let (_, height, width, _) = video.dim();
    let mut stream = network.begin(height, width)?;
    let at_once = network.frames_per_step().max(1);
    if video.dim().0 < at_once {
        return Err(EngineError::TooShort { frames: video.dim().0, needed: at_once });
    }
    let mut times = Vec::new();
    while times.len() < frames.max(2) {
        let mut took = Duration::ZERO;
        for frame in video.axis_iter(Axis(0)).take((frames.max(2) - times.len()) * at_once) {
            let began = Instant::now();
            fill(stream.input(), frame)?;
            let logits = stream.step()?;
            took += began.elapsed();
            // One call takes several frames where the network was exported so.
            if let Some(logits) = logits {
                numbers(logits.view())?;
                times.push(std::mem::take(&mut took).as_secs_f64() / at_once as f64);
            }
        }
        stream.reset()?;
    }
    Ok(Figures::new((engine, load), Measured::Step, &times))
}

/// Times so many runs of `video` `(frames, height, width, 3)`; at least two. The engine and how long loading it took are
/// passed on.
///
/// # Errors
/// [`EngineError`] when the engine fails.
pub fn base(
    network: &dyn BaseNetwork,
    video: ArrayView4<f32>,
    clips: usize,
    loaded: (Engine, Duration),
) -> Result<Figures, EngineError> {
    let window = filled(network, video)?;
    let time = |_| {
        let began = Instant::now();
        let logits = window.predict()?;
        let took = began.elapsed().as_secs_f64();
        numbers(logits.view()).map(|()| took)
    };
    let times = (0..clips.max(2)).map(time).collect::<Result<Vec<_>, _>>()?;
    Ok(Figures::new(loaded, Measured::Clip, &times))
}

/// Insists on numbers: how long a broken model takes is of no use.
fn numbers(logits: ArrayView1<f32>) -> Result<(), EngineError> {
    answer::check(logits, 0).map_err(EngineError::NoNumber)
}

impl Figures {
    fn new((engine, load): (Engine, Duration), model: Measured, times: &[f64]) -> Self {
        let (load, peak_memory) = (load.as_secs_f64(), peak_memory());
        Self { engine, model, load, first: times[0], rest: Quantiles::of(&times[1..]), peak_memory }
    }
}

impl Quantiles {
    fn of(times: &[f64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let variance = sorted.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / sorted.len() as f64;
        Self { min: sorted[0], p50: at(0.5), p90: at(0.9), p99: at(0.99), variation: variance.sqrt() / mean }
    }
}

/// The process's largest resident memory so far, in bytes.
fn peak_memory() -> u64 {
    // SAFETY: an all-zero rusage is a valid one, and getrusage fills it in.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64 * 1024 // kilobytes on Linux
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::{FakeBase, FakeStream};
    use ndarray::Array4;

    #[test]
    fn quantiles_are_of_the_sorted_times() {
        let times: Vec<_> = (0..=100).rev().map(f64::from).collect();
        let Quantiles { min, p50, p90, p99, .. } = Quantiles::of(&times);
        assert_eq!((min, p50, p90, p99), (0.0, 50.0, 90.0, 99.0));
    }

    #[test]
    fn a_clip_is_repeated_until_there_are_frames_enough() {
        let video = Array4::zeros((3, 4, 4, 3));
        let loaded = (Engine::Fake, Duration::from_secs(1));
        let figures = stream(&FakeStream::default(), video.view(), 7, loaded).unwrap();
        assert_eq!((figures.model, figures.load), (Measured::Step, 1.0));
        assert!(figures.rest.min > 0.0 && figures.rest.min <= figures.rest.p99);
        assert!(stream(&FakeStream::failing_at(2), video.view(), 7, loaded).is_err());
        assert_eq!(base(&FakeBase, video.view(), 2, loaded).unwrap().model, Measured::Clip);
    }
}
