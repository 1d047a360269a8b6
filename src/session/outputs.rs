//! A clip through one model, the numbers unread.

use ndarray::{Array1, Array2, Array4, ArrayViewD, Axis};

use super::run::rows;
use super::{Session, SessionError};
use crate::answer::Reading;
use crate::compare::{FrameTime, Observed, by_view};
use crate::media::{Cuts, Frame, FrameSource, Sampling, Seen};
use crate::predict::Labels;

/// What the model of a session that has one gave for a clip.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outputs {
    /// What the model saw, `(frames, height, width, 3)`, float32 in [0, 1], where it was wanted or the model is a base
    /// model.
    pub video: Option<Array4<f32>>,
    /// Of the base model, `(views, classes)`.
    pub base: Option<Array2<f32>>,
    /// Of the stream model, `(predictions, classes)`.
    pub stream: Option<Array2<f32>>,
    /// Names of the classes.
    pub labels: Labels,
    pub(super) readings: [Option<Reading>; 2],
    /// After which each of the stream model's predictions was made.
    pub(super) frames: Vec<FrameTime>,
    pub(super) sampling: Sampling,
    pub(super) views: usize,
}

impl Outputs {
    /// Video, base and stream as references have them: without a dimension of views where there is one.
    pub fn arrays(&self) -> [Option<ArrayViewD<'_, f32>>; 3] {
        let video = self.video.as_ref().map(|video| by_view(video.view().into_dyn(), self.views));
        let base = self.base.as_ref().map(|base| match base.nrows() {
            1 => base.row(0).into_dyn(),
            _ => base.view().into_dyn(),
        });
        [video, base, self.stream.as_ref().map(|stream| by_view(stream.view().into_dyn(), self.views))]
    }

    /// What the model gave, to be held against what others gave.
    pub fn observed(&self) -> Observed<'_> {
        let Self { readings, frames, sampling, .. } = self;
        Observed { arrays: self.arrays(), readings: *readings, frames, sampling: *sampling }
    }
}

impl Session {
    /// Shows all of `source` to the model that the session has; to both of a pair, [`Session::run`] does. What a stream
    /// model saw is kept where `keep_video` says so, and else memory doesn't grow with the clip.
    ///
    /// # Errors
    /// What the source or the engines say.
    pub fn outputs<S: FrameSource + 'static>(&self, source: S, keep_video: bool) -> Result<Outputs, SessionError> {
        let rule = self.rule()?;
        let how = (rule.sampling, rule.views());
        if self.base_network().is_some() {
            let sampled = self.sampled(source)?;
            let mut cuts = Seen { sampled, seen: &mut |_: Frame<'_>| {} };
            let read = self.read(&mut cuts, |_| {})?;
            if let Some(warning) = cuts.warning() {
                self.progress.warning(warning);
            }
            let base = self.views(&*read.window, rule.views())?;
            let video = Some(read.window.video().to_owned());
            return Ok(Outputs { video, ..self.gathered(Some(base), None, Vec::new(), how)? });
        }
        if !keep_video {
            return self.outputs_with(&[], source)?.pop().ok_or(SessionError::NoStream);
        }
        let (video, moments) = self.watched(source, usize::MAX)?;
        let frames = video.len_of(Axis(0)).div_ceil(rule.views()).max(1);
        let network = &self.stream_model()?.network;
        let views = video.axis_chunks_iter(Axis(0), frames).map(|view| network.logits(view));
        let stream = views.collect::<Result<Vec<_>, _>>()?.concat();
        let times = FrameTime::of_predictions(moments.get(..frames).unwrap_or(&moments), network.frames_per_step());
        Ok(Outputs { video: Some(video), ..self.gathered(None, Some(stream), times, how)? })
    }

    /// The outputs that these predictions are, without a video.
    pub(super) fn gathered(
        &self,
        base: Option<Vec<Array1<f32>>>,
        stream: Option<Vec<Array1<f32>>>,
        frames: Vec<FrameTime>,
        (sampling, views): (Sampling, usize),
    ) -> Result<Outputs, SessionError> {
        let some = base.as_ref().or(stream.as_ref()).and_then(|predictions| predictions.first());
        let outputs = some.map_or(0, Array1::len);
        let labels = self.labels(outputs)?;
        let array = |predictions: Option<Vec<_>>| predictions.map(|all| rows(&all, outputs)).transpose();
        let (base, stream, readings) = (array(base)?, array(stream)?, self.readings());
        Ok(Outputs { video: None, base, stream, labels, readings, frames, sampling, views })
    }

    /// How the output of base and stream is read, where their cards tell.
    fn readings(&self) -> [Option<Reading>; 2] {
        let base = self.base.as_ref().and_then(|base| base.reading);
        [base, self.stream.as_ref().and_then(|stream| stream.reading)]
    }
}
