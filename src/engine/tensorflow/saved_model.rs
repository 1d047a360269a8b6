//! A SavedModel, loaded through TensorFlow's C API: its signatures, and calling them by the names they give.
//!
//! `folder -> SavedModel (signatures) -> Function (feeds and fetches resolved once) -> run(tensors) -> tensors`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tensorflow::{Graph, SavedModelBundle, SessionOptions, SessionRunArgs};

use super::session::Loaded;
use super::{Function, SessionConfig, Tensor, dtype, status};
use crate::engine::EngineError;
use crate::movinet::{DType, Signature, TensorSpec};
use crate::runtime::Runtime;
use crate::saved_model::{self, INIT_OP, SERVE};

/// A loaded SavedModel.
#[derive(Debug)]
pub struct SavedModel {
    path: PathBuf,
    signatures: BTreeMap<String, Signature>,
    loaded: Arc<Loaded>,
}

impl SavedModel {
    /// Whether `folder` has the files of a SavedModel, as whole as can be seen without loading it.
    ///
    /// # Errors
    /// [`EngineError::NotAFolder`], [`EngineError::Incomplete`] with the first missing file, [`EngineError::Damaged`].
    pub fn check(folder: impl AsRef<Path>) -> Result<(), EngineError> {
        let folder = folder.as_ref();
        if !folder.is_dir() {
            return Err(EngineError::NotAFolder { path: folder.to_owned() });
        }
        if let Some(file) = saved_model::lacks(folder).map_err(EngineError::Read)? {
            return Err(EngineError::Incomplete { path: folder.to_owned(), file });
        }
        match saved_model::damage(folder) {
            Some(reason) => Err(EngineError::Damaged { path: folder.to_owned(), reason }),
            None => Ok(()),
        }
    }

    /// The signatures of the SavedModel in `folder`, by name, without loading it.
    ///
    /// # Errors
    /// As [`SavedModel::check`].
    pub(crate) fn signatures_in(folder: &Path) -> Result<BTreeMap<String, Signature>, EngineError> {
        Self::check(folder)?;
        saved_model::signatures(folder).map_err(|reason| EngineError::Damaged { path: folder.to_owned(), reason })
    }

    /// Loads the graph tagged `serve` of the SavedModel in `folder`, with its variables.
    ///
    /// # Errors
    /// [`EngineError::Incomplete`] when a file is missing, [`EngineError::Load`] when TensorFlow refuses it.
    pub fn load(_runtime: &Runtime, folder: impl AsRef<Path>, config: SessionConfig) -> Result<Self, EngineError> {
        let folder = folder.as_ref();
        Self::check(folder)?;
        let refused = |status: tensorflow::Status| status::refused(folder, &status);
        let mut options = SessionOptions::new();
        options.set_config(&config.to_proto()).map_err(refused)?;
        let mut graph = Graph::new();
        let named = Utf8Folder::new(folder)?;
        let bundle = SavedModelBundle::load(&options, [SERVE], &mut graph, named.path()).map_err(refused)?;
        let signatures = bundle
            .meta_graph_def()
            .signatures()
            .iter()
            .filter(|(name, _)| *name != INIT_OP)
            .map(|(name, definition)| (name.clone(), dtype::signature(name, definition)))
            .collect();
        let loaded = Arc::new(Loaded { graph, session: bundle.session });
        Ok(Self { path: folder.to_owned(), signatures, loaded })
    }

    /// The folder that it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its signatures, by name.
    pub fn signatures(&self) -> &BTreeMap<String, Signature> {
        &self.signatures
    }

    /// The first outputs of operations of the graph that need no input and give float32, in one run: TensorFlow keeps what
    /// it makes for each run of its own.
    ///
    /// # Errors
    /// [`EngineError::Run`] when there is no such operation or it fails.
    pub(crate) fn read(&self, operations: &[&str]) -> Result<Vec<Tensor>, EngineError> {
        let failed = |operation: &str, status: tensorflow::Status| EngineError::Run {
            path: self.path.clone(),
            signature: operation.to_owned(),
            reason: status::first_line(&status),
        };
        let mut arguments = SessionRunArgs::new();
        let mut tokens = Vec::with_capacity(operations.len());
        for operation in operations {
            let found = self.loaded.graph.operation_by_name_required(operation);
            let found = found.map_err(|status| failed(operation, status))?;
            tokens.push(arguments.request_fetch(&found, 0));
        }
        let first = operations.first().copied().unwrap_or_default();
        self.loaded.session.run(&mut arguments).map_err(|status| failed(first, status))?;
        let fetch = |(token, operation): (_, &&str)| {
            arguments.fetch(token).map(Tensor::Float32).map_err(|status| failed(operation, status))
        };
        tokens.into_iter().zip(operations).map(fetch).collect()
    }

    /// A signature as something to call that gives tensors of the graph instead of its outputs: those of `tensors`
    /// (`node` or `node:1`) that are float32 or int32, which are listed beside it.
    ///
    /// # Errors
    /// [`EngineError`] when there is no such signature, input or operation.
    pub(crate) fn probe(
        &self,
        signature: &str,
        inputs: &[&str],
        tensors: &[String],
    ) -> Result<(Function, Vec<String>), EngineError> {
        let mut probing = self.signature(signature)?.clone();
        probing.outputs.clear();
        for tensor in tensors {
            let (node, index) = tensor.rsplit_once(':').unwrap_or((tensor, "0"));
            let index: i32 = index.parse().unwrap_or(0);
            let operation = self.loaded.graph.operation_by_name_required(node);
            let operation = operation.map_err(|status| status::refused(&self.path, &status))?;
            let dtype = dtype::dtype(operation.output_type(index as usize));
            if matches!(dtype, DType::Float32 | DType::Int32) {
                let at = (node.to_owned(), index);
                probing.outputs.push(TensorSpec { name: tensor.clone(), dtype, shape: None, quantisation: None, at });
            }
        }
        let names: Vec<_> = probing.outputs.iter().map(|spec| spec.name.clone()).collect();
        let outputs: Vec<_> = names.iter().map(String::as_str).collect();
        let function = Function::new(Arc::clone(&self.loaded), &self.path, &probing, inputs, &outputs)?;
        Ok((function, names))
    }

    fn signature(&self, name: &str) -> Result<&Signature, EngineError> {
        self.signatures.get(name).ok_or_else(|| EngineError::NoSignature {
            path: self.path.clone(),
            wanted: name.to_owned(),
            present: self.signatures.keys().cloned().collect(),
        })
    }

    /// A signature as something to call: `inputs` are fed and `outputs` fetched, in these orders.
    ///
    /// # Errors
    /// [`EngineError::NoSignature`] or [`EngineError::NoTensor`] with the names that are there.
    pub(crate) fn function(&self, signature: &str, inputs: &[&str], outputs: &[&str]) -> Result<Function, EngineError> {
        let signature = self.signature(signature)?;
        Function::new(Arc::clone(&self.loaded), &self.path, signature, inputs, outputs)
    }
}

/// A folder by a name that the crate `tensorflow` takes: one that is UTF-8.
struct Utf8Folder<'a> {
    folder: &'a Path,
    link: Option<tempfile::TempDir>,
}

impl<'a> Utf8Folder<'a> {
    fn new(folder: &'a Path) -> Result<Self, EngineError> {
        let link = folder.to_str().is_none().then(|| linked(folder)).transpose().map_err(EngineError::Read)?;
        Ok(Self { folder, link })
    }

    fn path(&self) -> PathBuf {
        self.link.as_ref().map_or_else(|| self.folder.to_owned(), |link| link.path().join(LINK))
    }
}

const LINK: &str = "model";

/// A temporary folder with a link to `folder`.
#[cfg(unix)]
fn linked(folder: &Path) -> std::io::Result<tempfile::TempDir> {
    let link = tempfile::tempdir()?;
    std::os::unix::fs::symlink(std::path::absolute(folder)?, link.path().join(LINK))?;
    Ok(link)
}

#[cfg(not(unix))]
fn linked(_: &Path) -> std::io::Result<tempfile::TempDir> {
    Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "its name is no Unicode"))
}
