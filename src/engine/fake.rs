//! An engine without a model: it knows eight colours, by the mean colour of what it sees. Deterministic, and as fast as
//! reading the pixels, so that whatever needs no real numbers can be tested and tried without TensorFlow.
//!
//! The base network goes by the mean over all frames, the stream network by a mean in which each frame counts as much as
//! all before it: where a clip ends in another colour than it mostly has, the two disagree, as real ones do.

use std::time::{Duration, Instant};

use ndarray::{Array1, Array4, ArrayView4};

use super::{BaseNetwork, EngineError, StateValues, StateView, Stream, StreamNetwork, Window};
use crate::movinet::StateName;

/// The classes and their colours, RGB in [0, 1].
const COLORS: [(&str, [f32; 3]); 8] = [
    ("black", [0.0, 0.0, 0.0]),
    ("red", [1.0, 0.0, 0.0]),
    ("green", [0.0, 1.0, 0.0]),
    ("blue", [0.0, 0.0, 1.0]),
    ("yellow", [1.0, 1.0, 0.0]),
    ("magenta", [1.0, 0.0, 1.0]),
    ("cyan", [0.0, 1.0, 1.0]),
    ("white", [1.0, 1.0, 1.0]),
];
/// How much a difference in colour counts.
const SHARPNESS: f32 = 8.0;
/// Height and width in pixels of the frames that both networks take by themselves.
pub const SIZE: usize = 32;

/// Names of the classes, one a line.
pub fn labels() -> String {
    COLORS.map(|(name, _)| name).join("\n")
}

/// Logits `(classes)` of a colour: the nearer, the larger.
fn logits(color: [f32; 3]) -> Array1<f32> {
    let distance = |other: [f32; 3]| color.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    COLORS.iter().map(|&(_, other)| -SHARPNESS * distance(other)).collect()
}

/// The mean colour of RGB pixels in row-major order.
fn mean(pixels: &[f32]) -> [f32; 3] {
    let mut sum = [0f64; 3];
    for pixel in pixels.chunks_exact(3) {
        sum.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sum.map(|sum| (sum / (pixels.len() / 3).max(1) as f64) as f32)
}

/// Names the mean colour of a clip.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeBase;

impl BaseNetwork for FakeBase {
    fn own_size(&self) -> Option<usize> {
        Some(SIZE)
    }

    fn outputs(&self) -> Option<usize> {
        Some(COLORS.len())
    }

    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError> {
        Ok(Box::new(Clip(Array4::zeros((frames, height, width, 3)))))
    }
}

#[derive(Debug)]
struct Clip(Array4<f32>);

impl Window for Clip {
    fn pixels(&mut self) -> &mut [f32] {
        self.0.as_slice_mut().unwrap_or_default() // an owned array in standard layout always has one
    }

    fn video(&self) -> ArrayView4<'_, f32> {
        self.0.view()
    }

    fn predict(&self) -> Result<Array1<f32>, EngineError> {
        Ok(logits(mean(self.0.as_slice().unwrap_or_default())))
    }
}

/// Names the colour that was seen last, mixed with what was seen before.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeStream {
    failing_at: Option<usize>,
}

impl FakeStream {
    /// One that fails at frame `frame`, counted from 0, of every clip.
    #[must_use]
    pub fn failing_at(frame: usize) -> Self {
        Self { failing_at: Some(frame) }
    }
}

impl StreamNetwork for FakeStream {
    fn own_size(&self) -> Option<usize> {
        Some(SIZE)
    }

    fn outputs(&self) -> Option<usize> {
        Some(COLORS.len())
    }

    fn frames_per_step(&self) -> usize {
        1
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let (color, frames) = ([0.0; 3], [0]);
        let input = vec![0.0; height * width * 3];
        let failing_at = self.failing_at;
        Ok(Box::new(Colors { input, color, frames, failing_at, broken: false, time_inside: Duration::ZERO }))
    }
}

#[derive(Debug)]
struct Colors {
    input: Vec<f32>,
    color: [f32; 3],
    frames: [i32; 1],
    failing_at: Option<usize>,
    broken: bool,
    time_inside: Duration,
}

impl Stream for Colors {
    fn input(&mut self) -> &mut [f32] {
        &mut self.input
    }

    fn step(&mut self) -> Result<Option<Array1<f32>>, EngineError> {
        let began = Instant::now();
        if self.broken {
            return Err(EngineError::Broken { path: "fake".into() });
        }
        let frame = self.frames[0];
        if self.failing_at.is_some_and(|at| i32::try_from(at) == Ok(frame)) {
            self.broken = true;
            let reason = format!("it was told to fail at frame {frame}");
            return Err(EngineError::Run { path: "fake".into(), signature: "step".into(), reason });
        }
        let seen = mean(&self.input);
        self.color = match frame {
            0 => seen,
            _ => std::array::from_fn(|channel| (self.color[channel] + seen[channel]) / 2.0),
        };
        self.frames[0] += 1;
        self.time_inside += began.elapsed();
        Ok(Some(logits(self.color)))
    }

    fn reset(&mut self) -> Result<(), EngineError> {
        (self.color, self.frames, self.broken) = ([0.0; 3], [0], false);
        Ok(())
    }

    fn states(&self) -> Vec<StateView<'_>> {
        let view = |name, dims, values| StateView { name: StateName::parse(name), dims, values };
        vec![
            view("state_head_pool_buffer", &[3], StateValues::Float32(&self.color)),
            view("state_head_pool_frame_count", &[1], StateValues::Int32(&self.frames)),
        ]
    }

    fn time_inside(&self) -> Duration {
        self.time_inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::{Labels, softmax};

    /// A clip of so many frames of each colour.
    fn clip(parts: &[(usize, [f32; 3])]) -> Array4<f32> {
        let frames: Vec<_> = parts.iter().flat_map(|&(count, color)| std::iter::repeat_n(color, count)).collect();
        Array4::from_shape_fn((frames.len(), 4, 6, 3), |(frame, _, _, channel)| frames[frame][channel])
    }

    fn names(logits: &Array1<f32>) -> String {
        Labels::parse(&labels()).top(softmax(logits.view()).view(), 1).remove(0).label
    }

    #[test]
    fn base_goes_by_the_whole_and_stream_by_what_came_last() {
        let video = clip(&[(6, [1.0, 0.0, 0.0]), (2, [0.0, 0.0, 1.0])]);
        assert_eq!(names(&(&FakeBase as &dyn BaseNetwork).predict(video.view()).unwrap()), "red");
        let frames = (&FakeStream::default() as &dyn StreamNetwork).logits(video.view()).unwrap();
        assert_eq!([0, 5, 7].map(|frame| names(&frames[frame])), ["red", "red", "blue"]);
    }

    #[test]
    fn a_stream_that_failed_goes_on_after_a_reset_and_a_reset_forgets() {
        let mut stream = FakeStream::failing_at(2).begin(1, 1).unwrap();
        let show = |stream: &mut Box<dyn Stream>, value: f32| {
            stream.input().fill(value);
            stream.step().map(Option::unwrap)
        };
        let first = show(&mut stream, 0.5).unwrap();
        assert_ne!(show(&mut stream, 1.0).unwrap(), first);
        assert!(show(&mut stream, 1.0).is_err());
        assert!(matches!(show(&mut stream, 1.0), Err(EngineError::Broken { .. })));
        stream.reset().unwrap();
        assert_eq!(show(&mut stream, 0.5).unwrap(), first);
        assert_eq!(stream.states()[1].values.to_vec(), [1.0]);
    }
}
