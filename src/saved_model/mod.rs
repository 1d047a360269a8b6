//! A SavedModel, loaded through TensorFlow's C API: its signatures, and calling them by the names they give.
//!
//! `folder -> SavedModel (signatures) -> Function (feeds and fetches resolved once) -> run(tensors) -> tensors`

mod config;
mod error;
mod fingerprint;
mod function;
mod signature;
mod tensor;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tensorflow::{Graph, SavedModelBundle, Session, SessionOptions, SessionRunArgs};

pub use config::SessionConfig;
pub use error::SavedModelError;
pub use fingerprint::fingerprint;
pub use function::Function;
pub use signature::{DType, Signature, TensorSpec};
pub use tensor::Tensor;

use crate::fetch::archive::missing_file;
use crate::runtime::Runtime;

/// The tag of the graph that a SavedModel is served with.
const SERVE: &str = "serve";
/// Lies in the folder of a SavedModel whose variables are constants of its graph; it has no variables' files.
pub(crate) const FROZEN_MARK: &str = "prepared.json";
/// TensorFlow lists this among the signatures; it is none.
const INIT_OP: &str = "__saved_model_init_op";

/// Whether `folder` has the files of a SavedModel.
///
/// # Errors
/// [`SavedModelError::NotAFolder`], [`SavedModelError::Incomplete`] with the first missing file.
fn check_whole(folder: &Path) -> Result<(), SavedModelError> {
    if !folder.is_dir() {
        return Err(SavedModelError::NotAFolder { path: folder.to_owned() });
    }
    let frozen = folder.join(FROZEN_MARK).is_file();
    match missing_file(folder) {
        Some(file) if !frozen => Err(SavedModelError::Incomplete { path: folder.to_owned(), file }),
        _ => Ok(()),
    }
}

/// A loaded SavedModel.
#[derive(Debug)]
pub struct SavedModel {
    path: PathBuf,
    signatures: BTreeMap<String, Signature>,
    loaded: Arc<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    graph: Graph,
    session: Session,
}

impl SavedModel {
    /// Loads the graph tagged `serve` of the SavedModel in `folder`, with its variables.
    ///
    /// # Errors
    /// [`SavedModelError::Incomplete`] when a file is missing, [`SavedModelError::Load`] when TensorFlow refuses it.
    pub fn load(_runtime: &Runtime, folder: &Path, config: SessionConfig) -> Result<Self, SavedModelError> {
        check_whole(folder)?;
        let refused = |status: tensorflow::Status| SavedModelError::load(folder, &status);
        let mut options = SessionOptions::new();
        options.set_config(&config.to_proto()).map_err(refused)?;
        let mut graph = Graph::new();
        let bundle = SavedModelBundle::load(&options, [SERVE], &mut graph, folder).map_err(refused)?;
        let signatures = bundle
            .meta_graph_def()
            .signatures()
            .iter()
            .filter(|(name, _)| *name != INIT_OP)
            .map(|(name, definition)| (name.clone(), Signature::new(name, definition)))
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

    /// The first output of an operation of the graph that needs no input.
    ///
    /// # Errors
    /// [`SavedModelError::Run`] when there is no such operation or it fails.
    pub fn read(&self, operation: &str) -> Result<Tensor, SavedModelError> {
        let failed = |status: tensorflow::Status| SavedModelError::Run {
            path: self.path.clone(),
            signature: operation.to_owned(),
            reason: error::first_line(&status),
        };
        let found = self.loaded.graph.operation_by_name_required(operation).map_err(failed)?;
        let mut arguments = SessionRunArgs::new();
        let token = arguments.request_fetch(&found, 0);
        self.loaded.session.run(&mut arguments).map_err(failed)?;
        arguments.fetch(token).map(Tensor::Float32).map_err(failed)
    }

    /// A signature as something to call that gives tensors of the graph instead of its outputs: those of `tensors`
    /// (`node` or `node:1`) that are float32 or int32, which are listed beside it.
    ///
    /// # Errors
    /// [`SavedModelError`] when there is no such signature, input or operation.
    pub fn probe(
        &self,
        signature: &str,
        inputs: &[&str],
        tensors: &[String],
    ) -> Result<(Function, Vec<String>), SavedModelError> {
        let mut probing = self.signature(signature)?.clone();
        probing.outputs.clear();
        for tensor in tensors {
            let (node, index) = tensor.rsplit_once(':').unwrap_or((tensor, "0"));
            let index: i32 = index.parse().unwrap_or(0);
            let operation = self.loaded.graph.operation_by_name_required(node);
            let operation = operation.map_err(|status| SavedModelError::load(&self.path, &status))?;
            let dtype = DType::from(operation.output_type(index as usize));
            if !matches!(dtype, DType::Other(_)) {
                probing.outputs.push(TensorSpec::at(tensor, dtype, (node.to_owned(), index)));
            }
        }
        let names: Vec<_> = probing.outputs.iter().map(|spec| spec.name.clone()).collect();
        let outputs: Vec<_> = names.iter().map(String::as_str).collect();
        let function = Function::new(Arc::clone(&self.loaded), &self.path, &probing, inputs, &outputs)?;
        Ok((function, names))
    }

    fn signature(&self, name: &str) -> Result<&Signature, SavedModelError> {
        self.signatures.get(name).ok_or_else(|| SavedModelError::NoSignature {
            path: self.path.clone(),
            wanted: name.to_owned(),
            present: self.signatures.keys().cloned().collect(),
        })
    }

    /// A signature as something to call: `inputs` are fed and `outputs` fetched, in these orders.
    ///
    /// # Errors
    /// [`SavedModelError::NoSignature`] or [`SavedModelError::NoTensor`] with the names that are there.
    pub fn function(&self, signature: &str, inputs: &[&str], outputs: &[&str]) -> Result<Function, SavedModelError> {
        let signature = self.signature(signature)?;
        Function::new(Arc::clone(&self.loaded), &self.path, signature, inputs, outputs)
    }
}
