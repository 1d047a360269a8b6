//! Element types and signatures, from TensorFlow's terms to the project's.

use std::collections::HashMap;

use tensorflow::{DataType, SignatureDef, TensorInfo};

use crate::movinet::{DType, Signature, TensorSpec};

/// TensorFlow's type as the project's.
pub(super) fn dtype(dtype: DataType) -> DType {
    match dtype {
        DataType::Float => DType::Float32,
        DataType::Int32 => DType::Int32,
        DataType::Double => DType::Other("float64"),
        DataType::Half => DType::Other("float16"),
        DataType::BFloat16 => DType::Other("bfloat16"),
        DataType::Int8 => DType::Int8,
        DataType::Int16 => DType::Other("int16"),
        DataType::Int64 => DType::Other("int64"),
        DataType::UInt8 => DType::UInt8,
        DataType::UInt16 => DType::Other("uint16"),
        DataType::UInt32 => DType::Other("uint32"),
        DataType::UInt64 => DType::Other("uint64"),
        DataType::Bool => DType::Other("bool"),
        DataType::String => DType::Other("string"),
        DataType::Resource => DType::Other("resource"),
        DataType::Variant => DType::Other("variant"),
        _ => DType::Other("another type"),
    }
}

/// The signature called `name`.
pub(super) fn signature(name: &str, definition: &SignatureDef) -> Signature {
    let specs = |infos: &HashMap<String, TensorInfo>| {
        let mut specs: Vec<_> = infos.iter().map(|(name, info)| spec(name, info)).collect();
        specs.sort_by(|a, b| a.name.cmp(&b.name));
        specs
    };
    Signature { name: name.to_owned(), inputs: specs(definition.inputs()), outputs: specs(definition.outputs()) }
}

fn spec(name: &str, info: &TensorInfo) -> TensorSpec {
    let shape: Option<Vec<Option<i64>>> = info.shape().clone().into();
    let shape = shape.map(|dims| dims.into_iter().map(|dim| dim.and_then(|d| u64::try_from(d).ok())).collect());
    let at = (info.name().name.clone(), info.name().index);
    TensorSpec { name: name.to_owned(), dtype: dtype(info.dtype()), shape, quantisation: None, at }
}
