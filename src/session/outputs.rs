//! A clip through one model, the numbers unread.

use ndarray::{Array1, Array2, Array4, ArrayViewD, Axis};

use super::run::rows;
use super::{Session, SessionError};
use crate::compare::by_view;
use crate::media::{Cuts, Frame, FrameSource, Seen};
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
    views: usize,
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
}

impl Session {
    /// Shows all of `source` to the model that the session has; to both of a pair, [`Session::run`] does. What a stream
    /// model saw is kept where `keep_video` says so, and else memory doesn't grow with the clip.
    ///
    /// # Errors
    /// What the source or the engines say.
    pub fn outputs<S: FrameSource + 'static>(&self, source: S, keep_video: bool) -> Result<Outputs, SessionError> {
        let rule = self.rule()?;
        let (mut video, mut base, mut stream) = (None, None, None);
        if self.base_network().is_some() {
            let sampled = self.sampled(source)?;
            let mut cuts = Seen { sampled, seen: &mut |_: Frame<'_>| {} };
            let read = self.read(&mut cuts, |_| {})?;
            if let Some(warning) = cuts.warning() {
                self.progress.warning(warning);
            }
            base = Some(self.views(&*read.window, rule.views())?);
            video = Some(read.window.video().to_owned());
        } else if keep_video {
            let seen = self.video(source)?;
            let frames = seen.len_of(Axis(0)).div_ceil(rule.views()).max(1);
            let network = &self.stream_model()?.network;
            let views = seen.axis_chunks_iter(Axis(0), frames).map(|view| network.logits(view));
            stream = Some(views.collect::<Result<Vec<_>, _>>()?.concat());
            video = Some(seen);
        } else {
            let steps: Result<Vec<_>, _> =
                self.stream(source)?.map(|step| Ok::<_, SessionError>(step?.logits)).collect();
            stream = Some(steps?);
        }
        let classes = |logits: &Vec<Array1<f32>>| logits.first().map_or(0, Array1::len);
        let outputs = base.as_ref().or(stream.as_ref()).map_or(0, classes);
        let labels = self.labels(outputs)?;
        let array = |logits: Option<Vec<Array1<f32>>>| logits.map(|logits| rows(&logits, outputs)).transpose();
        Ok(Outputs { video, base: array(base)?, stream: array(stream)?, labels, views: rule.views() })
    }
}
