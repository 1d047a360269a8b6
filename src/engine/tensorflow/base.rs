//! The base network: a whole clip in, one prediction out.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, ArrayView4};

use super::frames::Frames;
use super::renewed::Renewed;
use super::{SavedModel, SessionConfig, output};
use crate::engine::{BaseNetwork, EngineError, Window};
use crate::movinet::recognise::{self, BaseSignature, Network, Signatures};
use crate::movinet::{fixed_frames, own_size};
use crate::runtime::Runtime;

/// A loaded base model.
#[derive(Debug, Clone)]
pub struct BaseModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    predict: Renewed,
    own_size: Option<usize>,
    /// The number of frames of a clip, where that is fixed.
    frames: Option<usize>,
}

impl BaseModel {
    /// Loads the base model in `folder`.
    ///
    /// # Errors
    /// [`EngineError`] when the SavedModel cannot be loaded or isn't a base MoViNet.
    pub fn load(runtime: &Runtime, folder: impl AsRef<Path>, config: SessionConfig) -> Result<Self, EngineError> {
        Self::of(SavedModel::load(runtime, folder, config)?, runtime, config)
    }

    /// `model` as a base model, if it is one.
    pub(super) fn of(model: SavedModel, runtime: &Runtime, config: SessionConfig) -> Result<Self, EngineError> {
        let found = recognised(model.signatures(), model.path())?;
        let image = model.signatures().get(&found.name).and_then(|signature| signature.input(&found.image));
        let (frames, own_size) = (image.and_then(fixed_frames), own_size(model.signatures()));
        let predict = Renewed::new(runtime, config, model, found)?;
        Ok(Self { inner: Arc::new(Inner { predict, own_size, frames }) })
    }

    /// Whether the SavedModel in `folder` is a base model, without loading it.
    ///
    /// # Errors
    /// [`EngineError`] where it isn't, or cannot be read.
    pub fn check(folder: &Path) -> Result<(), EngineError> {
        recognised(&SavedModel::signatures_in(folder)?, folder).map(drop)
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> Arc<SavedModel> {
        self.inner.predict.model()
    }

    /// Whether it takes clips of this height and width.
    pub(super) fn accepts(&self, height: usize, width: usize) -> bool {
        let frames = self.inner.frames.unwrap_or(1) as u64;
        self.inner.predict.function().accepts(0, &[1, frames, height as u64, width as u64, 3])
    }

    /// The number of frames of the clips that it takes, where that is fixed.
    pub(super) fn fixed_frames(&self) -> Option<usize> {
        self.inner.frames
    }
}

/// The base network's signature among those of the model in `path`.
fn recognised(signatures: &Signatures, path: &Path) -> Result<BaseSignature, EngineError> {
    let path = || path.to_owned();
    recognise::base(signatures).map_err(|_| match recognise::network(signatures) {
        Ok(Network::Stream(_)) => EngineError::StreamGivenAsBase { path: path() },
        Ok(Network::Base(_)) => unreachable!("it was not recognised"),
        Err(reason) => EngineError::NotAMovinet { path: path(), reason },
    })
}

impl BaseNetwork for BaseModel {
    fn own_size(&self) -> Option<usize> {
        self.inner.own_size
    }

    fn outputs(&self) -> Option<usize> {
        self.inner.predict.function().gives(0)
    }

    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError> {
        let dims = [1, frames as u64, height as u64, width as u64, 3];
        let image = Frames::new(self.inner.predict.function().takes(0), &dims)?;
        Ok(Box::new(Clip { inner: Arc::clone(&self.inner), image, shape: (frames, height, width, 3) }))
    }
}

/// A clip as the tensor that is fed.
#[derive(Debug)]
struct Clip {
    inner: Arc<Inner>,
    image: Frames,
    shape: (usize, usize, usize, usize),
}

impl Window for Clip {
    fn pixels(&mut self) -> &mut [f32] {
        self.image.pixels_mut()
    }

    fn video(&self) -> ArrayView4<'_, f32> {
        let values = self.image.pixels();
        ArrayView4::from_shape(self.shape, values).unwrap_or_else(|_| unreachable!("the tensor was made in this shape"))
    }

    fn predict(&self) -> Result<Array1<f32>, EngineError> {
        if let Some(takes) = self.inner.frames.filter(|&takes| takes != self.shape.0) {
            let path = self.inner.predict.model().path().to_owned();
            return Err(EngineError::ClipLength { path, takes, got: self.shape.0 });
        }
        let outputs = self.inner.predict.run(&*self.image.feed()?)?;
        output::logits(outputs.first(), self.inner.predict.model().path())
    }
}
