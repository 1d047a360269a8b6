//! The signatures of a SavedModel, read from its file without TensorFlow.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use prost::Message;

use super::proto::{SavedModelHead, ShapeProto, SignatureDef, TensorInfo};
use super::{GRAPH, head};
use crate::movinet::{DType, Signature, TensorSpec};

/// TensorFlow lists this among the signatures; it is none.
pub(crate) const INIT_OP: &str = "__saved_model_init_op";
/// The tag of the graph that a SavedModel is served with.
pub(crate) const SERVE: &str = "serve";

/// The signatures, by name, of the SavedModel in `folder`.
///
/// # Errors
/// Why its graph cannot be read.
pub(crate) fn signatures(folder: &Path) -> Result<BTreeMap<String, Signature>, String> {
    let head = head::read(&folder.join(GRAPH)).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => format!("its {GRAPH} is damaged"),
        _ => format!("its {GRAPH} cannot be read: {error}"),
    })?;
    of_graph(&head)
}

/// As [`signatures`], of the content of `saved_model.pb`.
pub(super) fn of_graph(graph: &[u8]) -> Result<BTreeMap<String, Signature>, String> {
    if graph.is_empty() {
        return Err(format!("its {GRAPH} is empty"));
    }
    let saved = SavedModelHead::decode(graph).map_err(|_| format!("its {GRAPH} is damaged"))?;
    let tags: Vec<_> = saved.meta_graphs.iter().map(|meta| meta.info.clone().unwrap_or_default().tags).collect();
    let Some(at) = tags.iter().position(|tags| tags == &[SERVE]) else {
        let tags: Vec<_> = tags.iter().map(|tags| format!("'{}'", tags.join(" "))).collect();
        let tags = if tags.is_empty() { "none".to_owned() } else { tags.join(", ") };
        return Err(format!("its {GRAPH} holds no graph tagged '{SERVE}' alone, but {tags}"));
    };
    let meta = saved.meta_graphs.into_iter().nth(at).unwrap_or_default();
    let named = |(name, definition): (String, SignatureDef)| (name.clone(), signature(name, definition));
    Ok(meta.signatures.into_iter().filter(|(name, _)| name != INIT_OP).map(named).collect())
}

fn signature(name: String, definition: SignatureDef) -> Signature {
    let specs = |infos: BTreeMap<String, TensorInfo>| infos.into_iter().map(|(name, info)| spec(name, &info)).collect();
    Signature { name, inputs: specs(definition.inputs), outputs: specs(definition.outputs) }
}

fn spec(name: String, info: &TensorInfo) -> TensorSpec {
    let shape = ShapeProto::decode(info.shape.as_deref().unwrap_or_default()).ok();
    let shape = shape.filter(|shape| !shape.unknown_rank);
    let shape = shape.map(|shape| shape.dims.iter().map(|dim| u64::try_from(dim.size).ok()).collect());
    let (operation, output) = info.name.rsplit_once(':').unwrap_or((&info.name, "0"));
    let at = (operation.to_owned(), output.parse().unwrap_or(0));
    TensorSpec { name, dtype: dtype(info.dtype), shape, quantisation: None, at }
}

/// Source: `tensorflow/core/framework/types.proto`.
fn dtype(number: i32) -> DType {
    match number {
        1 => DType::Float32,
        2 => DType::Other("float64"),
        3 => DType::Int32,
        4 => DType::UInt8,
        5 => DType::Other("int16"),
        6 => DType::Int8,
        7 => DType::Other("string"),
        9 => DType::Other("int64"),
        10 => DType::Other("bool"),
        14 => DType::Other("bfloat16"),
        17 => DType::Other("uint16"),
        19 => DType::Other("float16"),
        20 => DType::Other("resource"),
        21 => DType::Other("variant"),
        22 => DType::Other("uint32"),
        23 => DType::Other("uint64"),
        _ => DType::Other("another type"),
    }
}
