//! A source going through the stream network, frame after frame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array1;

use super::{Session, SessionError};
use crate::answer::check;
use crate::cache::Locked;
use crate::engine::Stream;
use crate::media::{FrameSource, Resizer};
use crate::models::LabelSource;
use crate::predict::Labels;

/// What the stream network says after a frame.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The frame, from 0; of a network that takes several frames for one prediction, the last of them.
    pub frame: usize,
    /// When the frame is shown, since the beginning of the source.
    pub time: Duration,
    /// Logits `(classes)` after it.
    pub logits: Array1<f32>,
    /// How long it took from the decoded frame to the logits.
    pub elapsed: Duration,
}

/// A source going through the stream network; each item is one prediction. It ends with the source, or at the first error.
#[derive(Debug)]
#[must_use = "frames are read as they are asked for"]
pub struct Streaming<S> {
    source: S,
    resizer: Resizer,
    stream: Box<dyn Stream>,
    /// Frames that were read.
    frames: usize,
    /// Frames that were read since the last prediction.
    pending: usize,
    ended: bool,
    /// The model's name, and the names of its classes.
    model: String,
    labels: LabelSource,
    /// The model is in use as long as this is there, whatever becomes of the session.
    _held: Option<Arc<Locked>>,
}

impl Session {
    /// Shows `source` to the stream network frame by frame. Memory holds one frame, however long the source is.
    ///
    /// # Errors
    /// [`SessionError::NoStream`], [`SessionError::UnknownSize`], or what the engine says.
    pub fn stream<S: FrameSource>(&self, source: S) -> Result<Streaming<S>, SessionError> {
        let size = self.size()?;
        let model = self.stream_model()?;
        let (stream, _held) = (model.network.begin(size, size)?, model.held.clone());
        let info = source.info();
        let resizer = Resizer::new((info.height, info.width), (size, size));
        let (model, labels) = (model.info.name.clone(), self.labels.clone());
        Ok(Streaming { source, resizer, stream, frames: 0, pending: 0, ended: false, model, labels, _held })
    }
}

impl<S: FrameSource> Streaming<S> {
    /// Frames at the end that gave no prediction, because the network takes several at a time.
    pub fn left_over(&self) -> usize {
        self.pending
    }

    /// The source, to ask it for warnings.
    pub fn source(&self) -> &S {
        &self.source
    }

    fn step(&mut self) -> Result<Option<Step>, SessionError> {
        while let Some(frame) = self.source.next_frame()? {
            let began = Instant::now();
            let time = frame.time;
            self.resizer.run(frame.pixels, self.stream.input())?;
            let logits = self.stream.step()?;
            self.frames += 1;
            self.pending += 1;
            if let Some(logits) = logits {
                self.pending = 0;
                check(logits.view(), 0).map_err(|fault| {
                    let labels = self.labels.for_outputs(logits.len()).unwrap_or_else(|_| Labels::numbered());
                    SessionError::not_a_number(&self.model, Some(self.frames - 1), fault, &labels)
                })?;
                return Ok(Some(Step { frame: self.frames - 1, time, logits, elapsed: began.elapsed() }));
            }
        }
        Ok(None)
    }
}

impl<S: FrameSource> Iterator for Streaming<S> {
    type Item = Result<Step, SessionError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

impl<S: FrameSource> std::iter::FusedIterator for Streaming<S> {}
