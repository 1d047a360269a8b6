//! A clip through one model, the numbers unread.

use ndarray::{Array1, Array2, Array4};

use super::run::rows;
use super::{Session, SessionError};
use crate::media::{FrameSource, Sampled};
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
            let mut sampled = Sampled::new(source, &rule, self.size()?)?;
            let read = self.read(&mut sampled, &mut |_| {}, |_| {})?;
            if let Some(warning) = sampled.warning() {
                self.progress.warning(warning);
            }
            base = Some(self.views(&*read.window, rule.views())?);
            video = Some(read.window.video().to_owned());
        } else if keep_video {
            let seen = self.video(source)?;
            stream = Some(self.stream_model()?.network.logits(seen.view())?);
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
        Ok(Outputs { video, base: array(base)?, stream: array(stream)?, labels })
    }
}
