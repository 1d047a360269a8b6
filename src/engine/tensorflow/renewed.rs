//! A signature whose memory is bounded, however many lengths of clips it is called with.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;

use super::{Function, SavedModel, SessionConfig, Tensor};
use crate::engine::EngineError;
use crate::memory;
use crate::movinet::recognise::BaseSignature;
use crate::runtime::Runtime;
use crate::saved_model::GRAPH;

/// Shapes that TensorFlow is let keep compiled code for: some 8 MB each for an a0.
const SHAPES: usize = 16;
/// Marks functions that are compiled for each shape of input, and kept as long as their session.
const COMPILED: &[u8] = b"_XlaMustCompile";

/// A base network's signature, and the session that it runs in, which is made anew once it holds compiled code for
/// [`SHAPES`] shapes.
#[derive(Debug)]
pub(super) struct Renewed {
    runtime: Runtime,
    config: SessionConfig,
    signature: BaseSignature,
    is_compiled: bool,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    model: Arc<SavedModel>,
    predict: Arc<Function>,
    seen: HashSet<Vec<u64>>,
}

impl Renewed {
    /// The `signature` of `model`, which was loaded by `runtime` with this `config`.
    pub fn new(
        runtime: &Runtime,
        config: SessionConfig,
        model: SavedModel,
        signature: BaseSignature,
    ) -> Result<Self, EngineError> {
        let graph = fs_err::read(model.path().join(GRAPH)).map_err(EngineError::Read)?;
        let is_compiled = memmem::find(&graph, COMPILED).is_some();
        let predict = Arc::new(function(&model, &signature)?);
        let current = Mutex::new(Current { model: Arc::new(model), predict, seen: HashSet::new() });
        Ok(Self { runtime: runtime.clone(), config, signature, is_compiled, current })
    }

    /// The SavedModel that runs now.
    pub fn model(&self) -> Arc<SavedModel> {
        Arc::clone(&self.current().model)
    }

    /// The signature in the session that runs now.
    pub fn function(&self) -> Arc<Function> {
        Arc::clone(&self.current().predict)
    }

    /// Calls the signature with one tensor; see [`Function::run`].
    pub fn run(&self, clip: &Tensor) -> Result<Vec<Tensor>, EngineError> {
        let predict = self.for_shape(clip.dims())?;
        predict.run([clip]).map(|(outputs, _)| outputs)
    }

    fn for_shape(&self, dims: &[u64]) -> Result<Arc<Function>, EngineError> {
        let mut current = self.current();
        if self.is_compiled && !current.seen.contains(dims) {
            if current.seen.len() == SHAPES {
                let path = current.model.path().to_owned();
                *current = self.loaded(&path)?;
                memory::give_back();
            }
            current.seen.insert(dims.to_vec());
        }
        Ok(Arc::clone(&current.predict))
    }

    fn loaded(&self, path: &Path) -> Result<Current, EngineError> {
        let model = SavedModel::load(&self.runtime, path, self.config)?;
        let predict = Arc::new(function(&model, &self.signature)?);
        Ok(Current { model: Arc::new(model), predict, seen: HashSet::new() })
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        // Whatever a thread was doing when it ended, what is there is whole.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn function(
    model: &SavedModel,
    BaseSignature { name, image, logits }: &BaseSignature,
) -> Result<Function, EngineError> {
    model.function(name, &[image], &[logits])
}
