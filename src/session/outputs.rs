//! A whole clip through whichever models there are, one after the other: all numbers, unread.

use ndarray::{Array1, Array2, Array4};

use super::{Session, SessionError};
use crate::engine::EngineError;
use crate::media::FrameSource;
use crate::predict::Labels;

/// What the models of a session gave for a clip.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outputs {
    /// What the models saw, `(frames, size, size, 3)`, float32 in [0, 1].
    pub video: Array4<f32>,
    /// Of the base model, `(classes)`.
    pub base: Option<Array1<f32>>,
    /// Of the stream model, `(predictions, classes)`.
    pub stream: Option<Array2<f32>>,
    /// Names of the classes.
    pub labels: Labels,
}

impl Session {
    /// Shows all of `source` to the models that the session has. For both of a pair, [`Session::run`] is faster.
    ///
    /// # Errors
    /// What the source or the engines say.
    pub fn outputs(&self, source: impl FrameSource) -> Result<Outputs, SessionError> {
        let video = self.video(source)?;
        let base = self.base_network().map(|network| network.predict(video.view())).transpose()?;
        let stream = self.stream_network().map(|network| network.logits(video.view())).transpose()?;
        let outputs = base.as_ref().map(Array1::len);
        let outputs = outputs.or_else(|| stream.as_ref()?.first().map(Array1::len));
        let labels = outputs.map_or(Ok(Labels::numbered()), |outputs| self.labels(outputs))?;
        Ok(Outputs { video, base, stream: stream.map(rows).transpose()?, labels })
    }
}

/// Predictions as one array.
fn rows(predictions: Vec<Array1<f32>>) -> Result<Array2<f32>, EngineError> {
    let classes = predictions.first().map_or(0, Array1::len);
    let mut rows = Array2::zeros((0, classes));
    for prediction in &predictions {
        let (got, expected) = (prediction.len(), classes);
        rows.push_row(prediction.view()).map_err(|_| EngineError::Size { what: "logits", got, expected })?;
    }
    Ok(rows)
}
