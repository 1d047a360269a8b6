//! What a model is: signatures, states, size, parameters, where it comes from, whether it is prepared.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{Card, LocatedModel};
use crate::cache::{Cache, Origin};
use crate::catalog::EngineLibrary;
use crate::engine::tensorflow::{Movinet, SavedModel, SessionConfig, StreamModel};
use crate::engine::{EngineError, StreamNetwork};
use crate::movinet::{Signature, StateName, TensorSpec, recognise};
use crate::prepare::{self, FormRecord, Kept, Parameters, Prepared, Proof, ProvedForm};
use crate::runtime::Runtime;
use crate::saved_model::fingerprint;

/// The schema's name.
pub const SCHEMA: &str = "movinet-tf/show/1";

/// A model, described. Serialized, it is the schema `movinet-tf/show/1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelDescription {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ModelKind,
    /// Why it is that: what it takes and gives, or what it lacks.
    pub why: String,
    /// What is known of it beside its files.
    pub card: Card,
    /// Its folder, or its file.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Where it came from.
    pub source: Origin,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Bytes of its files.
    pub bytes: u64,
    /// What it has learned.
    pub parameters: Parameters,
    /// Of a TF Lite file, what is kept as which type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<WeightsDescription>>,
    /// Its prepared form, where there is one for this TensorFlow.
    pub prepared: Option<PreparedDescription>,
    /// Its form that LiteRT runs, where there is one for this processor.
    pub tflite: Option<FormDescription>,
    /// Its form that OpenVINO runs, where there is one for this processor.
    pub openvino: Option<FormDescription>,
    /// TensorFlow's version, where it was asked.
    pub tensorflow: Option<String>,
    /// What can be called.
    pub signatures: Vec<SignatureDescription>,
    /// The states of a stream model, where the size of its frames is known.
    pub states: Option<StatesDescription>,
}

/// What a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// A MoViNet that sees a whole clip.
    Base,
    /// A MoViNet that sees a frame and its states.
    Stream,
    /// No MoViNet.
    Other,
}

/// Weights of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeightsDescription {
    /// `float32`, `float16`, `int8`, `int32`, ...
    pub dtype: String,
    /// How many numbers.
    pub numbers: u64,
    /// In how many tensors.
    pub tensors: usize,
}

/// A prepared form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PreparedDescription {
    /// Its folder.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// How equal it is.
    pub proof: Proof,
}

/// A form that another library than TensorFlow runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FormDescription {
    /// Its file.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Height and width in pixels of the frames that it was proved on; a TF Lite form takes no others.
    pub size: usize,
    /// How equal it is.
    pub proof: Proof,
    /// Seconds of its quickest step or clip, when it was made.
    pub seconds: f64,
    /// And of the form that TensorFlow runs.
    pub seconds_by_tensorflow: f64,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SignatureDescription {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub inputs: Vec<TensorDescription>,
    /// What it gives.
    pub outputs: Vec<TensorDescription>,
}

/// An input or output of a signature.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TensorDescription {
    /// Its name in the signature.
    pub name: String,
    /// `float32`, `int32`, ...
    pub dtype: String,
    /// Its dimensions, null for those that vary; null altogether where the rank varies.
    pub shape: Option<Vec<Option<u64>>>,
    /// The tensor of the graph.
    pub tensor: String,
}

/// The states between two frames of one size.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StatesDescription {
    /// Height and width of the frames in pixels.
    pub size: usize,
    /// Bytes of all.
    pub bytes: u64,
    /// In the order in which a frame goes through the network.
    pub states: Vec<StateDescription>,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StateDescription {
    /// Its name.
    pub name: StateName,
    /// `float32` or `int32`.
    pub dtype: String,
    /// Its dimensions.
    pub shape: Vec<u64>,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A loaded model of any kind.
enum Loaded {
    Movinet(Movinet),
    Other(Arc<SavedModel>),
}

/// Describes the SavedModel `model`, its states for frames of `size` pixels or else of the model's own.
///
/// # Errors
/// [`EngineError`] when it cannot be read or loaded.
pub fn describe(
    model: LocatedModel,
    size: Option<usize>,
    runtime: &Runtime,
    cache: &Cache,
) -> Result<ModelDescription, EngineError> {
    let config = SessionConfig::default();
    let loaded = match Movinet::load(runtime, &model.path, config) {
        Err(EngineError::NotAMovinet { .. }) => {
            Loaded::Other(Arc::new(SavedModel::load(runtime, &model.path, config)?))
        }
        loaded => Loaded::Movinet(loaded?),
    };
    let (kind, saved_model, states) = match &loaded {
        Loaded::Movinet(Movinet::Base(base)) => (ModelKind::Base, base.saved_model(), None),
        Loaded::Movinet(Movinet::Stream(stream)) => {
            let size = size.or(model.card.size).or_else(|| stream.own_size());
            let states = size.map(|size| states(stream, size)).transpose()?;
            (ModelKind::Stream, stream.saved_model(), states)
        }
        Loaded::Other(other) => (ModelKind::Other, Arc::clone(other), None),
    };
    let sha256 = fingerprint(&model.path).map_err(EngineError::Read)?;
    let prepared = match prepare::find(cache, runtime, &sha256) {
        Kept::Whole(Prepared { path, record, .. }) => Some(PreparedDescription { path, proof: record.proof }),
        _ => None,
    };
    // One that is damaged is none: whoever runs it is told.
    let form = |library| {
        let ProvedForm { path, record } = prepare::find_form(cache, library, &sha256).ok().flatten()?;
        let FormRecord { size, proof, seconds, seconds_by_tensorflow, .. } = record;
        Some(FormDescription { path, size, proof, seconds, seconds_by_tensorflow })
    };
    let (tflite, openvino) = (form(EngineLibrary::LiteRt), form(EngineLibrary::OpenVino));
    Ok(ModelDescription {
        schema: SCHEMA,
        name: model.name,
        kind,
        why: recognise::explained(saved_model.signatures()),
        card: model.card,
        source: model.origin,
        sha256,
        bytes: bytes_of(&model.path).map_err(EngineError::Read)?,
        parameters: prepare::parameters(&model.path)?,
        weights: None,
        prepared,
        tflite,
        openvino,
        tensorflow: Some(runtime.version().to_owned()),
        signatures: saved_model.signatures().values().map(signature).collect(),
        states,
        path: model.path,
    })
}

/// A signature, described.
pub(super) fn signature(signature: &Signature) -> SignatureDescription {
    let tensors = |specs: &[TensorSpec]| {
        let tensor = |spec: &TensorSpec| TensorDescription {
            name: spec.name.clone(),
            dtype: spec.dtype.to_string(),
            shape: spec.shape.clone(),
            tensor: spec.tensor(),
        };
        specs.iter().map(tensor).collect()
    };
    SignatureDescription {
        name: signature.name.clone(),
        inputs: tensors(&signature.inputs),
        outputs: tensors(&signature.outputs),
    }
}

/// The states as `init_states` makes them for frames of `size`.
fn states(model: &StreamModel, size: usize) -> Result<StatesDescription, EngineError> {
    const BYTES: u64 = 4; // float32 and int32 alike
    let stream = model.begin(size, size)?;
    let mut states: Vec<_> = stream
        .states()
        .into_iter()
        .map(|state| StateDescription {
            name: state.name,
            dtype: state.values.dtype().to_string(),
            bytes: state.dims.iter().product::<u64>() * BYTES,
            shape: state.dims.to_vec(),
        })
        .collect();
    states.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(StatesDescription { size, bytes: states.iter().map(|state| state.bytes).sum(), states })
}

/// Bytes of all files of a folder.
fn bytes_of(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs_err::metadata(&path)?;
        bytes += if metadata.is_dir() { bytes_of(&path)? } else { metadata.len() };
    }
    Ok(bytes)
}
