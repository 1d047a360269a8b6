//! Sessions side by side on the same frames of a clip: what one model says beside what another says.

use ndarray::{Array1, ArrayView3, ArrayView4};

use super::outputs::Outputs;
use super::{Session, SessionError};
use crate::compare::FrameTime;
use crate::engine::{EngineError, Stream, fill, filled};
use crate::media::{Ahead, Cuts, Frame, FrameSource, Seen};
use crate::progress::Unit;

/// So many frames wait for the networks.
const AHEAD: usize = 4;

impl Session {
    /// Shows `source`, by this session's rule and in its size, to its models and to those of `other`, which are of the same
    /// kinds. Each frame is read once. Gives this session's outputs and then the other's, without the video; memory doesn't grow
    /// with the clip where there is no base model.
    ///
    /// # Errors
    /// [`SessionError::NoBase`], [`SessionError::NoStream`] where the other session lacks a model that this one has;
    /// [`EngineError::Classes`], [`SessionError::SizesDiffer`] where two differ in their number of classes or were made for frames
    /// of other sizes; what the source or the engines say.
    pub fn outputs_beside<S: FrameSource + 'static>(
        &self,
        other: &Self,
        source: S,
    ) -> Result<[Outputs; 2], SessionError> {
        self.check_classes(other)?;
        self.check_sizes(other)?;
        let mut outputs = self.outputs_with(&[other], source)?;
        match (outputs.pop(), outputs.pop()) {
            (Some(others), Some(own)) => Ok([own, others]),
            _ => Err(SessionError::NoModel),
        }
    }

    /// What this session's models, and then those of each of the `others`, gave for `source`.
    pub(super) fn outputs_with<S: FrameSource + 'static>(
        &self,
        others: &[&Self],
        source: S,
    ) -> Result<Vec<Outputs>, SessionError> {
        let sessions = [&[self], others].concat();
        let (rule, sampled) = (self.rule()?, self.sampled(source)?);
        let (views, shape, path) = (rule.views().max(1), sampled.shape(), sampled.info().path.clone());
        let task = self.progress.begin("streaming", sampled.frames().map(|frames| frames as u64), Unit::Frames);
        let frames_of_a_view = sampled.frames().filter(|_| views > 1).map(|frames| frames / views);
        let streaming = sessions.iter().filter(|_| self.stream.is_some());
        let watching: Result<Vec<_>, _> =
            streaming.map(|session| Watching::new(session, shape, frames_of_a_view)).collect();
        let mut watching = watching?;
        let mut show = |frame: &[f32]| {
            task.advance(1);
            watching.iter_mut().try_for_each(|watching| watching.show(frame))
        };
        let (mut moments, mut bases) = (Vec::new(), Vec::new());
        if self.base.is_some() {
            let mut cuts = Seen { sampled, seen: &mut |_: Frame<'_>| {} };
            let mut outcome = Ok(());
            let read = self.read(&mut cuts, |frame| {
                if outcome.is_ok() {
                    outcome = show(frame);
                }
            })?;
            outcome?;
            self.warn_of(&cuts);
            bases.push(self.views(&*read.window, views)?);
            for other in others {
                bases.push(other.views_of(read.window.video(), views)?);
            }
            moments = read.moments;
        } else {
            let mut cuts = Ahead::start(sampled, AHEAD, |_| {}).map_err(EngineError::Read)?;
            let mut frame = vec![0.0; shape.0 * shape.1 * 3];
            while let Some(moment) = cuts.next(&mut frame)? {
                show(&frame)?;
                moments.push(moment);
            }
            self.warn_of(&cuts);
        }
        if moments.is_empty() {
            return Err(self.nothing_left(SessionError::NoFrames { path }));
        }
        let moments = &moments[..moments.len() / views];
        let streams: Vec<_> =
            watching.into_iter().map(|watching| (watching.logits, watching.frames_per_step)).collect();
        if let Some((_, needed)) = streams.iter().find(|(logits, _)| logits.is_empty()) {
            return Err(SessionError::TooShort { path, frames: moments.len(), needed: *needed });
        }
        let (mut bases, mut streams) = (bases.into_iter(), streams.into_iter());
        let gathered = sessions.iter().map(|session| {
            let (stream, at_once) = streams.next().unzip();
            let frames = at_once.map_or_else(Vec::new, |at_once| FrameTime::of_predictions(moments, at_once));
            session.gathered(bases.next(), stream, frames, (rule.sampling, views))
        });
        gathered.collect()
    }

    /// What the base network says of each of so many `views` in `video`.
    fn views_of(&self, video: ArrayView4<f32>, views: usize) -> Result<Vec<Array1<f32>>, SessionError> {
        let window = filled(&*self.base()?.network, video)?;
        self.views(&*window, views)
    }

    /// Whether the models of both sessions have as many classes, as far as that is known before they run.
    fn check_classes(&self, other: &Self) -> Result<(), EngineError> {
        let known = |session: &Self| {
            let base = session.base.as_ref().map(|base| (base.info.name.clone(), base.network.outputs()));
            let stream = session.stream.as_ref().map(|stream| (stream.info.name.clone(), stream.network.outputs()));
            [base, stream]
        };
        for (own, others) in known(self).into_iter().zip(known(other)) {
            let (Some((left, Some(left_classes))), Some((right, Some(right_classes)))) = (own, others) else {
                continue;
            };
            if left_classes != right_classes {
                return Err(EngineError::Classes { left, left_classes, right, right_classes });
            }
        }
        Ok(())
    }

    /// Whether the models of both sessions are shown frames of the same size, as far as they tell.
    fn check_sizes(&self, other: &Self) -> Result<(), SessionError> {
        let (takes, Ok(size)) = (self.size()?, other.size()) else { return Ok(()) };
        let info = self.stream_info().or(self.base_info());
        match info.filter(|_| takes != size) {
            None => Ok(()),
            Some(info) => Err(SessionError::SizesDiffer { model: info.path.clone(), takes, size }),
        }
    }

    fn warn_of(&self, cuts: &dyn Cuts) {
        if let Some(warning) = cuts.warning() {
            self.progress.warning(warning);
        }
    }
}

/// A stream network that is shown a clip.
struct Watching<'s> {
    session: &'s Session,
    stream: Box<dyn Stream>,
    shape: (usize, usize, usize),
    frames_per_step: usize,
    /// Frames of a view, where there are several: each is seen anew.
    frames_of_a_view: Option<usize>,
    shown: usize,
    logits: Vec<Array1<f32>>,
}

impl<'s> Watching<'s> {
    fn new(
        session: &'s Session,
        (height, width): (usize, usize),
        frames_of_a_view: Option<usize>,
    ) -> Result<Self, SessionError> {
        let network = &session.stream_model()?.network;
        let (stream, frames_per_step) = (network.begin(height, width)?, network.frames_per_step().max(1));
        let shape = (height, width, 3);
        Ok(Self { session, stream, shape, frames_per_step, frames_of_a_view, shown: 0, logits: Vec::new() })
    }

    fn show(&mut self, frame: &[f32]) -> Result<(), EngineError> {
        if self.shown > 0 && self.frames_of_a_view.is_some_and(|frames| self.shown.is_multiple_of(frames)) {
            self.stream.reset()?;
        }
        let (got, expected) = (frame.len(), self.shape.0 * self.shape.1 * self.shape.2);
        let pixels = ArrayView3::from_shape(self.shape, frame);
        fill(self.stream.input(), pixels.map_err(|_| EngineError::Size { what: "frame", got, expected })?)?;
        self.shown += 1;
        self.logits.extend(self.stream.step()?);
        if let Some(warning) = self.stream.warning() {
            self.session.progress.warning(&warning);
        }
        Ok(())
    }
}
