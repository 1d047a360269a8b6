//! How many numbers a model has learned.

use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;
use serde::Serialize;

use super::graph::Graph;
use super::proto::{FLOAT, SavedModelDef, ShapeProto, Value};
use crate::engine::EngineError;

/// Float32 variables of a SavedModel; in one whose variables are constants, those of more than one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// Numbers in all.
    pub numbers: usize,
    /// Variables or constants.
    pub variables: usize,
}

/// Counts the parameters of the SavedModel in `folder`; batch norms' moving statistics count.
///
/// # Errors
/// [`EngineError`] when its graph cannot be read.
pub fn parameters(folder: impl AsRef<Path>) -> Result<Parameters, EngineError> {
    let folder = folder.as_ref();
    let bytes = fs_err::read(folder.join("saved_model.pb")).map_err(EngineError::Read)?;
    let unknown = |reason: String| EngineError::Load { path: folder.to_owned(), reason };
    let saved = SavedModelDef::decode(Bytes::from(bytes)).map_err(|error| unknown(error.to_string()))?;
    let mut graph = Graph::default();
    for node in saved.meta_graphs.into_iter().take(1).filter_map(|meta| meta.graph).flat_map(|graph| graph.nodes) {
        graph.add(node);
    }
    let variables = graph.nodes.iter().filter(|node| node.op == "VarHandleOp").filter_map(|node| {
        let Some(Value::Shape(shape)) = node.attribute("shape") else { return None };
        let is_float = node.attribute("dtype") == Some(&Value::Type(FLOAT));
        let dims = ShapeProto::decode(shape.as_slice()).ok()?.known().filter(|_| is_float)?;
        Some(dims.iter().product())
    });
    let mut sizes: Vec<usize> = variables.collect();
    if sizes.is_empty() {
        let constants = graph.nodes.iter().filter_map(|node| graph.shape(&node.name));
        sizes = constants.map(|shape| shape.iter().product()).filter(|&count| count > 1).collect();
    }
    Ok(Parameters { numbers: sizes.iter().sum(), variables: sizes.len() })
}
