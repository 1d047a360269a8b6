//! A stream model as a TF Lite file, which Google's interpreters run on phones and elsewhere.
//!
//! `SavedModel -> prepare's step for one size -> lower -> passes -> weights -> flatbuffer`
//!
//! The graph is that of [`prepare`](crate::prepare), without oneDNN's names: functions inlined, variables frozen, batch
//! norms folded, all that follows from shapes a constant. `lower/` says it in TF Lite's operators (`model.rs`), `passes/`
//! makes fewer of them, `weights.rs` stores weights in fewer bits, and `flatbuffer/` writes the file. Only builtin operators
//! are used.

mod error;
mod flatbuffer;
mod lower;
mod model;
mod passes;
mod proved;
mod weights;

use std::collections::BTreeMap;
use std::path::Path;

pub use error::ExportError;
pub use proved::prove;
pub use weights::Weights;

use crate::cache::Cache;
use crate::prepare::{StepGraph, own_size};
use crate::runtime::Runtime;
use crate::tflite::is_tflite;
use model::{Content, Kind};

/// How a model is to be exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Height and width in pixels of the frames, instead of the model's own.
    pub size: Option<usize>,
    /// The same where the model doesn't tell its own.
    pub usual_size: Option<usize>,
    /// What weights are stored as.
    pub weights: Weights,
}

/// A TF Lite file and what is in it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Exported {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Height and width in pixels of the frames that it takes.
    pub size: usize,
    /// States that it takes and gives.
    pub states: usize,
    /// How many operators of each kind it has, by TF Lite's names.
    pub operators: BTreeMap<&'static str, usize>,
    /// Numbers in its filters and biases.
    pub parameters: usize,
}

/// Height and width in pixels of the frames of what [`export`] makes of `source`, as far as is known before TensorFlow looks
/// at it.
///
/// # Errors
/// [`ExportError`] where `source` is no SavedModel of a stream model, or nothing tells the size.
pub fn check(source: impl AsRef<Path>, wanted: Wanted) -> Result<usize, ExportError> {
    let source = source.as_ref();
    let path = source.to_owned();
    if is_tflite(source) {
        return Err(ExportError::TfLite { path });
    }
    StepGraph::check(source).map_err(|error| ExportError::of(source, error))?;
    let size = wanted.size.or_else(|| own_size(source)).or(wanted.usual_size);
    size.ok_or(ExportError::UnknownSize { path })
}

/// The stream model in `source` as a TF Lite file for single frames of one size. Its signature `serving_default` takes
/// `image`, float32 `(1, 1, size, size, 3)` in [0, 1], and the states, and gives `logits` `(1, classes)` and the states of
/// the same names; these begin as zeros. What is under work is in `cache`, and gone afterwards.
///
/// # Errors
/// [`ExportError`], also where `source` is a base model.
pub fn export(
    runtime: &Runtime,
    cache: &Cache,
    source: impl AsRef<Path>,
    wanted: Wanted,
) -> Result<Exported, ExportError> {
    let source = source.as_ref();
    let size = check(source, wanted)?;
    let step = StepGraph::of(runtime, cache, source, size).map_err(|error| ExportError::of(source, error))?;
    let inexpressible = |reason| ExportError::Inexpressible { path: source.to_owned(), reason };
    let mut model = lower::lower(&step).map_err(inexpressible)?;
    drop(step);
    passes::improve(&mut model);
    let parameters = parameters(&model);
    weights::store(&mut model, wanted.weights);
    passes::remove_unused(&mut model);
    let mut operators = BTreeMap::new();
    for operator in &model.operators {
        *operators.entry(flatbuffer::code(&operator.kind).name).or_default() += 1;
    }
    let description = concat!("MoViNet, exported by movinet-tf ", env!("CARGO_PKG_VERSION"));
    let bytes = flatbuffer::write(&model, description);
    Ok(Exported { bytes, size, states: model.inputs.len() - 1, operators, parameters })
}

/// Numbers in the filters and biases of `model`.
fn parameters(model: &model::Model) -> usize {
    let convolutions =
        model.operators.iter().filter(|operator| matches!(operator.kind, Kind::Conv2D(_) | Kind::DepthwiseConv2D(_)));
    let constants = convolutions.flat_map(|operator| &operator.inputs[1..]).map(|&input| &model.tensors[input]);
    constants.filter(|tensor| matches!(tensor.content, Content::Float32(_))).map(|tensor| tensor.len()).sum()
}
