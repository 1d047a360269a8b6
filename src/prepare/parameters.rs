//! How many numbers a model has learned.

use std::collections::HashSet;
use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;
use serde::Serialize;

use super::graph::{Graph, split};
use super::proto::{FLOAT, SavedModelDef, ShapeProto, SignatureDef, Value};
use crate::engine::EngineError;
use crate::saved_model::INIT_OP;

/// Float32 variables that a SavedModel's largest signature reads; in one whose variables are constants, those of more than one number.
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
    let meta = saved.meta_graphs.into_iter().next().unwrap_or_default();
    let mut graph = Graph::default();
    for node in meta.graph.into_iter().flat_map(|graph| graph.nodes) {
        graph.add(node);
    }
    // Some exports hold each variable several times, for other ways to load them: what counts is what a signature reads.
    let read = |signature: &SignatureDef| {
        let mut handles = HashSet::new();
        let mut seen = HashSet::new();
        let mut open: Vec<_> = signature.outputs.values().map(|info| split(&info.name).0.to_owned()).collect();
        while let Some(name) = open.pop() {
            let Some(node) = graph.node(&name).filter(|_| seen.insert(name.clone())) else { continue };
            if node.op == "VarHandleOp" {
                handles.insert(name);
                continue;
            }
            open.extend(node.inputs.iter().map(|input| split(input.trim_start_matches('^')).0.to_owned()));
        }
        handles
    };
    let signatures = meta.signatures.iter().filter(|(name, _)| *name != INIT_OP);
    let handles = signatures.map(|(_, signature)| read(signature)).max_by_key(HashSet::len).unwrap_or_default();
    let variables = graph.nodes.iter().filter(|node| handles.contains(&node.name)).filter_map(|node| {
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
