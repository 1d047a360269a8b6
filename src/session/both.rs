//! A clip through both networks: the stream network steps while the clip is read, the base network sees it as soon as that is
//! done.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use ndarray::{Array1, ArrayView3, Axis, Slice};

use super::loading::joined;
use super::window::Filled;
use super::{Session, SessionError};
use crate::engine::{EngineError, Stream, StreamNetwork, Window, fill, filled};
use crate::media::Cuts;
use crate::progress::{Progress, Unit};

/// Frames that were read and wait for the stream network take at most so many bytes; what comes beyond is taken from the
/// base network's window when all is read.
const AHEAD: usize = 64 << 20;

/// What both networks gave.
pub(super) struct Both {
    pub filled: Filled,
    /// How long reading took, beside the first steps.
    pub decode: Duration,
    /// Of the base network, one a view.
    pub base: Vec<Array1<f32>>,
    pub base_time: Duration,
    pub streamed: Streamed,
}

/// What a stream gave for a clip.
pub(super) struct Streamed {
    /// After each step.
    pub logits: Vec<Array1<f32>>,
    /// How long each step took.
    pub times: Vec<Duration>,
    pub inside: Duration,
}

impl Session {
    /// Shows `cuts`, which consist of so many `views`, to both networks.
    pub(super) fn both(&self, cuts: &mut dyn Cuts, views: usize) -> Result<Both, SessionError> {
        let (height, width) = cuts.shape();
        let network = &*self.stream_model()?.network;
        let task = self.progress.begin("streaming", cuts.frames().map(|frames| frames as u64), Unit::Frames);
        let mut steps = Steps {
            stream: network.begin(height, width)?,
            shape: (height, width, 3),
            a_view: cuts.frames().filter(|_| views > 1).map(|frames| frames / views),
            shown: 0,
            logits: Vec::new(),
            times: Vec::new(),
            progress: &*self.progress,
        };
        let length = height * width * 3 * size_of::<f32>();
        let (pass, passed) = sync_channel((AHEAD / length.max(1)).max(1));
        let (filled, decode) = thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut keeps_up = true;
                // A frame that was left out is not to be overtaken: from there on all are taken from the window.
                let cut = |pixels: &[f32]| keeps_up = keeps_up && pass.try_send(pixels.to_vec()).is_ok();
                timed(|| self.read(cuts, cut))
            });
            let mut outcome = Ok(());
            while let (Ok(()), Ok(frame)) = (&outcome, passed.recv()) {
                outcome = steps.show(&frame);
                task.advance(1);
            }
            drop(passed);
            let (filled, decode) = joined(reader);
            let filled = filled?; // what is wrong with the clip comes first
            outcome.map(|()| (filled, decode)).map_err(SessionError::from)
        })?;
        let window = &*filled.window;
        let ((base, base_time), outcome) = thread::scope(|scope| {
            let base = scope.spawn(|| timed(|| self.views(window, views)));
            let mut outcome = Ok(());
            for frame in window.video().axis_iter(Axis(0)).skip(steps.shown) {
                // A frame of a window in row-major order is in one piece.
                outcome = steps.show(frame.as_slice().unwrap_or_default());
                if outcome.is_err() {
                    break;
                }
                task.advance(1);
            }
            (joined(base), outcome)
        });
        let base = base?;
        outcome?;
        self.tell_left_over(network, filled.moments.len() / views.max(1));
        let Steps { stream, logits, times, .. } = steps;
        let streamed = Streamed { logits, times, inside: stream.time_inside() };
        Ok(Both { filled, decode, base, base_time, streamed })
    }

    /// What the base network says of each of so many `views` of equal length in `window`.
    pub(super) fn views(&self, window: &dyn Window, views: usize) -> Result<Vec<Array1<f32>>, SessionError> {
        if views <= 1 {
            return Ok(vec![window.predict()?]);
        }
        let network = &*self.base()?.network;
        let frames = window.video().len_of(Axis(0)) / views;
        let view = |view: usize| {
            let video = window.video();
            let part = Slice::from(view * frames..(view + 1) * frames);
            Ok(filled(network, video.slice_axis(Axis(0), part))?.predict()?)
        };
        (0..views).map(view).collect()
    }

    /// Says how many frames gave no prediction.
    fn tell_left_over(&self, network: &dyn StreamNetwork, frames: usize) {
        let at_once = network.frames_per_step();
        match frames % at_once.max(1) {
            0 => {}
            left_over => self.progress.warning(&format!(
                "the stream model takes {at_once} frames at a time: the last {left_over} are left over"
            )),
        }
    }
}

/// A stream under way.
struct Steps<'p> {
    stream: Box<dyn Stream>,
    shape: (usize, usize, usize),
    /// Frames of a view, where there are several: each is seen anew.
    a_view: Option<usize>,
    /// Frames that were shown.
    shown: usize,
    logits: Vec<Array1<f32>>,
    times: Vec<Duration>,
    progress: &'p dyn Progress,
}

impl Steps<'_> {
    fn show(&mut self, frame: &[f32]) -> Result<(), EngineError> {
        let began = Instant::now();
        if self.shown > 0 && self.a_view.is_some_and(|frames| self.shown.is_multiple_of(frames)) {
            self.stream.reset()?;
        }
        let (got, expected) = (frame.len(), self.shape.0 * self.shape.1 * self.shape.2);
        let pixels = ArrayView3::from_shape(self.shape, frame);
        fill(self.stream.input(), pixels.map_err(|_| EngineError::Size { what: "frame", got, expected })?)?;
        self.shown += 1;
        if let Some(logits) = self.stream.step()? {
            self.logits.push(logits);
            self.times.push(began.elapsed());
            if let Some(warning) = self.stream.warning() {
                self.progress.warning(&warning);
            }
        }
        Ok(())
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}
