//! The base network: a whole clip in, one prediction out.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, ArrayView4};

use super::{Function, SavedModel, SessionConfig, Tensor, output};
use crate::engine::{BaseNetwork, EngineError, Window};
use crate::movinet::{fixed_size, recognise};
use crate::runtime::Runtime;

/// A loaded base model.
#[derive(Debug, Clone)]
pub struct BaseModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    model: SavedModel,
    signature: String,
    predict: Function,
}

impl BaseModel {
    /// Loads the base model in `folder`.
    ///
    /// # Errors
    /// [`EngineError`] when the SavedModel cannot be loaded or isn't a base MoViNet.
    pub fn load(runtime: &Runtime, folder: impl AsRef<Path>, config: SessionConfig) -> Result<Self, EngineError> {
        Self::of(SavedModel::load(runtime, folder, config)?)
    }

    /// `model` as a base model, if it is one.
    pub(super) fn of(model: SavedModel) -> Result<Self, EngineError> {
        let path = model.path().to_owned();
        let Some(signature) = recognise::base(model.signatures()) else {
            return Err(match recognise::stream(model.signatures()) {
                Ok(_) => EngineError::StreamGivenAsBase { path },
                Err(_) => EngineError::NotAMovinet { path, reason: "no signature takes 'image' alone".into() },
            });
        };
        let predict = model.function(&signature.name, &[recognise::IMAGE], &[&signature.logits])?;
        Ok(Self { inner: Arc::new(Inner { model, signature: signature.name, predict }) })
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> &SavedModel {
        &self.inner.model
    }

    /// Whether it takes clips of this height and width.
    pub(super) fn accepts(&self, height: usize, width: usize) -> bool {
        self.inner.predict.accepts(0, &[1, 1, height as u64, width as u64, 3])
    }
}

impl BaseNetwork for BaseModel {
    fn own_size(&self) -> Option<usize> {
        let Inner { model, signature, .. } = &*self.inner;
        fixed_size(model.signatures().get(signature)?.input(recognise::IMAGE)?)
    }

    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError> {
        let image = Tensor::float32(&[1, frames as u64, height as u64, width as u64, 3])?;
        Ok(Box::new(Clip { inner: Arc::clone(&self.inner), image, shape: (frames, height, width, 3) }))
    }
}

/// A clip as the tensor that is fed.
#[derive(Debug)]
struct Clip {
    inner: Arc<Inner>,
    image: Tensor,
    shape: (usize, usize, usize, usize),
}

impl Window for Clip {
    fn pixels(&mut self) -> &mut [f32] {
        self.image.as_float32_mut().unwrap_or_default()
    }

    fn video(&self) -> ArrayView4<'_, f32> {
        let values = self.image.as_float32().unwrap_or_default();
        ArrayView4::from_shape(self.shape, values).unwrap_or_else(|_| unreachable!("the tensor was made in this shape"))
    }

    fn predict(&self) -> Result<Array1<f32>, EngineError> {
        let (outputs, _) = self.inner.predict.run([&self.image])?;
        output::logits(outputs.first(), self.inner.model.path())
    }
}
