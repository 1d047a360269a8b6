//! A MoViNet of whichever kind a folder holds.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, ArrayView4};

use super::{BaseModel, SavedModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, EngineError, StreamNetwork};
use crate::movinet::recognise::{self, Network};
use crate::runtime::Runtime;

/// A loaded model of either kind.
#[derive(Debug)]
pub enum Movinet {
    /// It sees a whole clip.
    Base(BaseModel),
    /// It sees a frame and its states.
    Stream(StreamModel),
}

impl Movinet {
    /// Loads the model in `folder`.
    ///
    /// # Errors
    /// [`EngineError`] when the SavedModel cannot be loaded or is of neither kind.
    pub fn load(runtime: &Runtime, folder: impl AsRef<Path>, config: SessionConfig) -> Result<Self, EngineError> {
        let model = SavedModel::load(runtime, folder, config)?;
        match recognise::network(model.signatures()) {
            Ok(Network::Base(_)) => BaseModel::of(model, runtime, config).map(Self::Base),
            Ok(Network::Stream(_)) => StreamModel::of(model).map(Self::Stream),
            Err(reason) => Err(EngineError::NotAMovinet { path: model.path().to_owned(), reason }),
        }
    }

    /// Whether the SavedModel in `folder` is of either kind, without loading it.
    ///
    /// # Errors
    /// [`EngineError`] where it isn't, or cannot be read.
    pub(crate) fn check(folder: &Path) -> Result<(), EngineError> {
        let reason = recognise::network(&SavedModel::signatures_in(folder)?).err();
        reason.map_or(Ok(()), |reason| Err(EngineError::NotAMovinet { path: folder.to_owned(), reason }))
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> Arc<SavedModel> {
        match self {
            Self::Base(model) => model.saved_model(),
            Self::Stream(model) => model.saved_model(),
        }
    }

    /// Whether it takes clips of this height and width; one that was exported for a single size takes no other.
    pub(crate) fn accepts(&self, height: usize, width: usize) -> bool {
        match self {
            Self::Base(model) => model.accepts(height, width),
            Self::Stream(model) => model.accepts(height, width),
        }
    }

    /// The number of frames that a clip has to have: this one alone, or a multiple of it in a stream model.
    pub(crate) fn fixed_frames(&self) -> Option<usize> {
        match self {
            Self::Base(model) => model.fixed_frames(),
            Self::Stream(model) => Some(model.frames_per_step()).filter(|&frames| frames > 1),
        }
    }

    /// Logits `(classes)` of a clip `(frames, height, width, 3)`, float32 in [0, 1]: one array, or one for each frame.
    ///
    /// # Errors
    /// [`EngineError`] when the clip doesn't fit the model or TensorFlow fails.
    pub fn logits(&self, clip: ArrayView4<f32>) -> Result<Vec<Array1<f32>>, EngineError> {
        match self {
            Self::Base(model) => Ok(vec![(model as &dyn BaseNetwork).predict(clip)?]),
            Self::Stream(model) => (model as &dyn StreamNetwork).logits(clip),
        }
    }
}
