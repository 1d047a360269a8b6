//! What a signature takes and gives.

use std::fmt;

use tensorflow::{DataType, SignatureDef, TensorInfo};

/// The element types that a MoViNet uses, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DType {
    /// 32-bit floating point.
    Float32,
    /// 32-bit integers.
    Int32,
    /// Anything else, which this program neither feeds nor fetches.
    Other(DataType),
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float32 => f.write_str("float32"),
            Self::Int32 => f.write_str("int32"),
            Self::Other(other) => write!(f, "{}", other.to_string().to_lowercase()),
        }
    }
}

impl From<DataType> for DType {
    fn from(dtype: DataType) -> Self {
        match dtype {
            DataType::Float => Self::Float32,
            DataType::Int32 => Self::Int32,
            other => Self::Other(other),
        }
    }
}

/// One input or output of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// Its name in the signature.
    pub name: String,
    /// Its element type.
    pub dtype: DType,
    /// Its dimensions, `None` for those that vary; `None` altogether when even the rank varies.
    pub shape: Option<Vec<Option<u64>>>,
    /// The operation in the graph, and which of its outputs.
    pub(super) at: (String, i32),
}

impl TensorSpec {
    fn new(name: &str, info: &TensorInfo) -> Self {
        let shape: Option<Vec<Option<i64>>> = info.shape().clone().into();
        let shape = shape.map(|dims| dims.into_iter().map(|dim| dim.and_then(|d| u64::try_from(d).ok())).collect());
        let at = (info.name().name.clone(), info.name().index);
        Self { name: name.to_owned(), dtype: info.dtype().into(), shape, at }
    }

    /// A tensor of a graph that no signature names, of any shape.
    pub(super) fn at(name: &str, dtype: DType, at: (String, i32)) -> Self {
        Self { name: name.to_owned(), dtype, shape: None, at }
    }

    /// A tensor of varying dimensions that stands nowhere in a graph.
    #[cfg(test)]
    pub(crate) fn for_tests(name: &str, dtype: DType, rank: usize) -> Self {
        Self { name: name.into(), dtype, shape: Some(vec![None; rank]), at: (String::new(), 0) }
    }

    /// The tensor of the graph that it stands for: `call_image:0`.
    pub fn tensor(&self) -> String {
        format!("{}:{}", self.at.0, self.at.1)
    }

    /// Number of dimensions, where it is fixed.
    pub fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// Number of dimensions that vary; more than any, where even the rank does.
    pub fn varying_dims(&self) -> usize {
        self.shape.as_ref().map_or(usize::MAX, |dims| dims.iter().filter(|dim| dim.is_none()).count())
    }

    /// Whether a tensor of these dimensions fits.
    pub fn accepts(&self, dtype: DType, dims: &[u64]) -> bool {
        let fits = |shape: &Vec<Option<u64>>| {
            shape.len() == dims.len() && shape.iter().zip(dims).all(|(spec, dim)| spec.is_none_or(|s| s == *dim))
        };
        self.dtype == dtype && self.shape.as_ref().is_none_or(fits)
    }
}

impl fmt::Display for TensorSpec {
    /// `float32 (?, ?, 172, 172, 3)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            None => write!(f, "{} of any rank", self.dtype),
            Some(shape) => {
                let dims: Vec<_> = shape.iter().map(|d| d.map_or("?".into(), |d| d.to_string())).collect();
                write!(f, "{} ({})", self.dtype, dims.join(", "))
            }
        }
    }
}

/// A callable part of a SavedModel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Its name in the SavedModel.
    pub name: String,
    /// What it takes, ordered by name.
    pub inputs: Vec<TensorSpec>,
    /// What it gives, ordered by name.
    pub outputs: Vec<TensorSpec>,
}

impl Signature {
    pub(super) fn new(name: &str, definition: &SignatureDef) -> Self {
        let specs = |infos: &std::collections::HashMap<String, TensorInfo>| {
            let mut specs: Vec<_> = infos.iter().map(|(name, info)| TensorSpec::new(name, info)).collect();
            specs.sort_by(|a, b| a.name.cmp(&b.name));
            specs
        };
        Self { name: name.to_owned(), inputs: specs(definition.inputs()), outputs: specs(definition.outputs()) }
    }

    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&TensorSpec> {
        self.inputs.iter().find(|spec| spec.name == name)
    }

    /// The output of this name.
    pub fn output(&self, name: &str) -> Option<&TensorSpec> {
        self.outputs.iter().find(|spec| spec.name == name)
    }
}
