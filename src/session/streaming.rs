//! A source going through the stream network, frame after frame. Frames are read and cut in a thread of their own, so that the
//! network doesn't wait for them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array1;

use super::{Session, SessionError};
use crate::answer::check;
use crate::cache::Locked;
use crate::engine::{EngineError, Stream};
use crate::media::{Ahead, Cuts, FrameSource};
use crate::models::LabelSource;
use crate::predict::Labels;
use crate::progress::Progress;

/// So many frames wait for the network.
const AHEAD: usize = 4;

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
    /// How long the network took for it.
    pub elapsed: Duration,
}

/// A source going through the stream network; each item is one prediction. It ends with the source, or at the first error.
#[derive(Debug)]
#[must_use = "frames are read as they are asked for"]
pub struct Streaming {
    cuts: Ahead,
    stream: Box<dyn Stream>,
    /// Frames of a view, where there are several: each is seen anew.
    a_view: Option<usize>,
    /// Frames that were read.
    frames: usize,
    /// Frames that were read since the last prediction.
    pending: usize,
    ended: bool,
    /// The model's name, and the names of its classes.
    model: String,
    labels: LabelSource,
    progress: Arc<dyn Progress>,
    /// The model is in use as long as this is there, whatever becomes of the session.
    _held: Option<Arc<Locked>>,
}

impl Session {
    /// Shows `source` to the stream network frame by frame. Memory holds a few frames, however long the source is.
    ///
    /// # Errors
    /// [`SessionError::NoStream`], [`SessionError::UnknownSize`], or what the engine says.
    pub fn stream<S: FrameSource + 'static>(&self, source: S) -> Result<Streaming, SessionError> {
        let model = self.stream_model()?;
        let (rule, sampled) = (self.rule()?, self.sampled(source)?);
        let (height, width) = sampled.shape();
        let (stream, _held) = (model.network.begin(height, width)?, model.held.clone());
        let a_view = sampled.frames().filter(|_| rule.views() > 1).map(|frames| frames / rule.views());
        let cannot = |error| SessionError::Engine(EngineError::Read(error));
        let cuts = Ahead::start(sampled, AHEAD, |_| {}).map_err(cannot)?;
        Ok(Streaming {
            cuts,
            stream,
            a_view,
            frames: 0,
            pending: 0,
            ended: false,
            model: model.info.name.clone(),
            labels: self.labels.clone(),
            progress: Arc::clone(&self.progress),
            _held,
        })
    }
}

impl Streaming {
    /// Frames that were shown so far.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Frames of a view, where there are several.
    pub(super) fn frames_of_a_view(&self) -> Option<usize> {
        self.a_view
    }

    /// Frames at the end that gave no prediction, because the network takes several at a time.
    pub fn left_over(&self) -> usize {
        self.pending
    }

    /// What a careful user wants to know of the source, once it has ended.
    pub fn warning(&self) -> Option<&str> {
        self.cuts.warning()
    }

    fn step(&mut self) -> Result<Option<Step>, SessionError> {
        loop {
            if self.frames > 0 && self.a_view.is_some_and(|frames| self.frames.is_multiple_of(frames)) {
                self.stream.reset()?;
            }
            let Some(moment) = self.cuts.next(self.stream.input())? else { return Ok(None) };
            let began = Instant::now();
            let logits = self.stream.step()?;
            self.frames += 1;
            self.pending += 1;
            if let Some(logits) = logits {
                self.pending = 0;
                if let Some(warning) = self.stream.warning() {
                    self.progress.warning(&warning);
                }
                check(logits.view(), 0).map_err(|fault| {
                    let labels = self.labels.for_outputs(logits.len()).unwrap_or_else(|_| Labels::numbered());
                    SessionError::not_a_number(&self.model, Some(self.frames - 1), fault, &labels)
                })?;
                return Ok(Some(Step { frame: self.frames - 1, time: moment.time, logits, elapsed: began.elapsed() }));
            }
        }
    }
}

impl Iterator for Streaming {
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

impl std::iter::FusedIterator for Streaming {}
