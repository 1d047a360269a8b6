//! Calling a signature.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tensorflow::{Operation, SessionRunArgs};

use super::session::Loaded;
use super::{Tensor, config, status};
use crate::engine::EngineError;
use crate::movinet::{DType, Signature, TensorSpec};

/// A signature with its feeds and fetches resolved to operations of the graph.
#[derive(Debug)]
pub(crate) struct Function {
    loaded: Arc<Loaded>,
    path: PathBuf,
    signature: String,
    feeds: Vec<Port>,
    fetches: Vec<Port>,
    run_options: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Port {
    spec: TensorSpec,
    operation: Operation,
}

impl Function {
    pub(super) fn new(
        loaded: Arc<Loaded>,
        path: &Path,
        signature: &Signature,
        inputs: &[&str],
        outputs: &[&str],
    ) -> Result<Self, EngineError> {
        let resolve = |role, specs: &[TensorSpec], name: &str| {
            let spec = specs.iter().find(|spec| spec.name == name).ok_or_else(|| EngineError::NoTensor {
                path: path.to_owned(),
                signature: signature.name.clone(),
                role,
                wanted: name.to_owned(),
                present: specs.iter().map(|spec| spec.name.clone()).collect(),
            })?;
            let operation =
                loaded.graph.operation_by_name_required(&spec.at.0).map_err(|status| status::refused(path, &status))?;
            Ok(Port { spec: spec.clone(), operation })
        };
        let feeds = inputs.iter().map(|name| resolve("input", &signature.inputs, name)).collect::<Result<_, _>>()?;
        let fetches =
            outputs.iter().map(|name| resolve("output", &signature.outputs, name)).collect::<Result<_, _>>()?;
        Ok(Self { loaded, path: path.to_owned(), signature: signature.name.clone(), feeds, fetches, run_options: None })
    }

    /// Runs each call in the thread that makes it instead of handing it to a pool: for calls of a few milliseconds.
    #[must_use]
    pub fn in_calling_thread(self) -> Self {
        Self { run_options: Some(config::in_calling_thread()), ..self }
    }

    /// Whether a tensor of these dimensions fits the input at `position`.
    pub fn accepts(&self, position: usize, dims: &[u64]) -> bool {
        self.feeds.get(position).is_some_and(|port| port.spec.accepts(port.spec.dtype, dims))
    }

    /// Whether tensors of these types and shapes, in the order of the inputs, can be fed.
    pub fn fits<'t>(&self, mut feeds: impl Iterator<Item = &'t Tensor>) -> bool {
        self.feeds
            .iter()
            .all(|port| feeds.next().is_some_and(|tensor| port.spec.accepts(tensor.dtype(), tensor.dims())))
    }

    /// The type of the input at `position`.
    pub fn takes(&self, position: usize) -> DType {
        self.feeds.get(position).map_or(DType::Float32, |port| port.spec.dtype)
    }

    /// The last dimension of the output at `position`, where it is fixed.
    pub fn gives(&self, position: usize) -> Option<usize> {
        let last = *self.fetches.get(position)?.spec.shape.as_ref()?.last()?;
        usize::try_from(last?).ok()
    }

    /// Calls the signature and tells how long the C library's run call took. `feeds` are in the order of the inputs that the function was made with, the results in
    /// that of its outputs.
    ///
    /// # Errors
    /// [`EngineError::Count`] when `feeds` are not as many as the inputs, [`EngineError::Mismatch`] when one does not
    /// fit its input, [`EngineError::Run`] when TensorFlow fails.
    pub fn run<'t>(&self, feeds: impl IntoIterator<Item = &'t Tensor>) -> Result<(Vec<Tensor>, Duration), EngineError> {
        let feeds: Vec<_> = feeds.into_iter().collect();
        if feeds.len() != self.feeds.len() {
            let (signature, expected) = (self.signature.clone(), self.feeds.len());
            return Err(EngineError::Count { signature, expected, got: feeds.len() });
        }
        let mut arguments = SessionRunArgs::new();
        for (tensor, port) in feeds.into_iter().zip(&self.feeds) {
            // The C API takes a tensor of a wrong shape and may even return Ok, so it is checked here.
            if !port.spec.accepts(tensor.dtype(), tensor.dims()) {
                return Err(self.mismatch(&port.spec, format!("{} {:?}", tensor.dtype(), tensor.dims())));
            }
            match tensor {
                Tensor::Float32(values) => arguments.add_feed(&port.operation, port.spec.at.1, values),
                Tensor::Int32(values) => arguments.add_feed(&port.operation, port.spec.at.1, values),
                Tensor::UInt8(values) => arguments.add_feed(&port.operation, port.spec.at.1, values),
            }
        }
        let tokens: Vec<_> =
            self.fetches.iter().map(|port| arguments.request_fetch(&port.operation, port.spec.at.1)).collect();
        if let Some(options) = &self.run_options {
            arguments.set_run_options(options);
        }
        let began = Instant::now();
        self.loaded.session.run(&mut arguments).map_err(|status| self.failed(&status))?;
        let inside = began.elapsed();
        let outputs = tokens
            .into_iter()
            .zip(&self.fetches)
            .map(|(token, port)| match port.spec.dtype {
                DType::Float32 => arguments.fetch(token).map(Tensor::Float32).map_err(|status| self.failed(&status)),
                DType::Int32 => arguments.fetch(token).map(Tensor::Int32).map_err(|status| self.failed(&status)),
                other @ (DType::UInt8 | DType::Int8 | DType::Other(_)) => {
                    Err(self.mismatch(&port.spec, format!("a fetch of {other}")))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok((outputs, inside))
    }

    fn failed(&self, status: &tensorflow::Status) -> EngineError {
        EngineError::Run {
            path: self.path.clone(),
            signature: self.signature.clone(),
            reason: status::first_line(status),
        }
    }

    fn mismatch(&self, spec: &TensorSpec, got: String) -> EngineError {
        EngineError::Mismatch {
            signature: self.signature.clone(),
            tensor: spec.name.clone(),
            expected: spec.to_string(),
            got,
        }
    }
}
