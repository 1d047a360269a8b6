//! A base network that OpenVINO has compiled, loaded.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Array1, ArrayView4};

use super::Interface;
use super::handle::{OwnedCompiledModel, OwnedCore, OwnedRequest};
use super::tensor::OwnedTensor;
use crate::engine::{BaseNetwork, EngineError, Window};
use crate::movinet::fixed_size;
use crate::runtime::OpenVinoLibrary;

/// A loaded base network.
#[derive(Debug, Clone)]
pub struct OpenVinoBaseModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    compiled: OwnedCompiledModel,
    /// The file that it was loaded from.
    path: PathBuf,
    interface: Interface,
}

impl OpenVinoBaseModel {
    /// Loads the network that was compiled into the file at `path`, which is to run on so many threads, all cores where
    /// nothing is said. `interface` is that of the SavedModel that it was made of.
    ///
    /// # Errors
    /// [`EngineError`] when the file cannot be read or OpenVINO refuses it.
    pub(crate) fn load(
        library: &Arc<OpenVinoLibrary>,
        path: impl AsRef<Path>,
        interface: Interface,
        threads: Option<u16>,
    ) -> Result<Self, EngineError> {
        let path = path.as_ref();
        let bytes = fs_err::read(path).map_err(EngineError::Read)?;
        let core = OwnedCore::new(Arc::clone(library), threads, path)?;
        let compiled = OwnedCompiledModel::saved(core, bytes, path)?;
        Ok(Self { inner: Arc::new(Inner { compiled, path: path.to_owned(), interface }) })
    }
}

impl BaseNetwork for OpenVinoBaseModel {
    fn own_size(&self) -> Option<usize> {
        fixed_size(&self.inner.interface.clip)
    }

    fn outputs(&self) -> Option<usize> {
        let last = *self.inner.interface.logits.shape.as_ref()?.last()?;
        usize::try_from(last?).ok()
    }

    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError> {
        let Inner { compiled, path, interface } = &*self.inner;
        interface.check([frames, height, width], path)?;
        let input = OwnedTensor::zeros(&compiled.core.library, "frames", &[1, frames, height, width, 3])?;
        let request = Mutex::new(OwnedRequest::new(compiled, &input, path)?);
        Ok(Box::new(Clip { request, input, shape: (frames, height, width, 3), inner: Arc::clone(&self.inner) }))
    }
}

/// A clip as the tensor that is fed. The run is let go of before the network.
#[derive(Debug)]
struct Clip {
    request: Mutex<OwnedRequest>,
    input: OwnedTensor,
    shape: (usize, usize, usize, usize),
    inner: Arc<Inner>,
}

impl Window for Clip {
    fn pixels(&mut self) -> &mut [f32] {
        self.input.values_mut()
    }

    fn video(&self) -> ArrayView4<'_, f32> {
        let values = self.input.values();
        ArrayView4::from_shape(self.shape, values).unwrap_or_else(|_| unreachable!("the tensor was made in this shape"))
    }

    fn predict(&self) -> Result<Array1<f32>, EngineError> {
        let path = &self.inner.path;
        // One that failed before can run again.
        let output = self.request.lock().unwrap_or_else(PoisonError::into_inner).run(path)?;
        match output.dims() {
            [1, _] => Ok(Array1::from(output.values().to_vec())),
            got => Err(EngineError::Logits { path: path.clone(), got: got.to_vec() }),
        }
    }
}
