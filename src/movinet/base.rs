//! The base network: a whole clip in, one prediction out.

use std::path::Path;

use ndarray::{Array1, ArrayView4};

use super::MovinetError;
use super::recognise::{self, IMAGE};
use super::stream::{fill, logits_of};
use crate::runtime::Runtime;
use crate::saved_model::{Function, SavedModel, SessionConfig, Tensor};

/// A loaded base model.
#[derive(Debug)]
pub struct BaseModel {
    model: SavedModel,
    predict: Function,
}

impl BaseModel {
    /// Loads the base model in `folder`.
    ///
    /// # Errors
    /// [`MovinetError`] when the SavedModel cannot be loaded or isn't a base MoViNet.
    pub fn load(runtime: &Runtime, folder: &Path, config: SessionConfig) -> Result<Self, MovinetError> {
        Self::of(SavedModel::load(runtime, folder, config)?)
    }

    /// `model` as a base model, if it is one.
    pub(super) fn of(model: SavedModel) -> Result<Self, MovinetError> {
        let path = model.path().to_owned();
        let Some(signature) = recognise::base(model.signatures()) else {
            return Err(match recognise::stream(model.signatures()) {
                Ok(_) => MovinetError::StreamGivenAsBase { path },
                Err(_) => MovinetError::NotAMovinet { path, reason: "no signature takes 'image' alone".into() },
            });
        };
        let predict = model.function(&signature.name, &[IMAGE], &[&signature.logits])?;
        Ok(Self { model, predict })
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> &SavedModel {
        &self.model
    }

    /// Whether it takes clips of this height and width.
    pub(crate) fn accepts(&self, height: usize, width: usize) -> bool {
        self.predict.accepts(0, &Tensor::float32(&[1, 1, height as u64, width as u64, 3]))
    }

    /// Logits `(classes)` of a clip `(frames, height, width, 3)`, float32 in [0, 1].
    ///
    /// # Errors
    /// [`MovinetError`] when the clip doesn't fit the model or TensorFlow fails.
    pub fn predict(&self, clip: ArrayView4<f32>) -> Result<Array1<f32>, MovinetError> {
        let (frames, height, width, channels) = clip.dim();
        let mut image = Tensor::float32(&[1, frames as u64, height as u64, width as u64, channels as u64]);
        fill(&mut image, clip);
        let outputs = self.predict.run([&image])?;
        logits_of(outputs.first(), self.model.path())
    }
}
