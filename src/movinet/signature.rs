//! What a signature takes and gives, whatever library runs it.

use std::fmt;

use super::{Quantisation, integers};

/// The element types that a MoViNet uses, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DType {
    /// 32-bit floating point.
    Float32,
    /// 32-bit integers.
    Int32,
    /// 8-bit integers from 0 on: pictures.
    UInt8,
    /// 8-bit integers with a sign: quantised numbers.
    Int8,
    /// Anything else, by its name; it is neither fed nor fetched.
    Other(&'static str),
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float32 => f.write_str("float32"),
            Self::Int32 => f.write_str("int32"),
            Self::UInt8 => f.write_str("uint8"),
            Self::Int8 => f.write_str("int8"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// One input or output of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TensorSpec {
    /// Its name in the signature.
    pub name: String,
    /// Its element type.
    pub dtype: DType,
    /// Its dimensions, `None` for those that vary; `None` altogether when even the rank varies.
    pub shape: Option<Vec<Option<u64>>>,
    /// What numbers its integers stand for, where they do.
    pub quantisation: Option<Quantisation>,
    /// The operation in the graph, and which of its outputs.
    pub(crate) at: (String, i32),
}

impl TensorSpec {
    /// A tensor of varying dimensions that stands nowhere in a graph.
    #[cfg(test)]
    pub(super) fn for_tests(name: &str, dtype: DType, rank: usize) -> Self {
        Self { name: name.into(), dtype, shape: Some(vec![None; rank]), quantisation: None, at: (String::new(), 0) }
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

    /// Whether its integers stand for numbers.
    pub fn is_quantised(&self) -> bool {
        self.quantisation.is_some() && integers(self.dtype).is_some()
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Its name in the SavedModel.
    pub name: String,
    /// What it takes, ordered by name.
    pub inputs: Vec<TensorSpec>,
    /// What it gives, ordered by name.
    pub outputs: Vec<TensorSpec>,
}

impl Signature {
    /// The input of this name.
    pub fn input(&self, name: &str) -> Option<&TensorSpec> {
        self.inputs.iter().find(|spec| spec.name == name)
    }

    /// The output of this name.
    pub fn output(&self, name: &str) -> Option<&TensorSpec> {
        self.outputs.iter().find(|spec| spec.name == name)
    }
}

impl fmt::Display for Signature {
    /// `signature 'call' takes image float32 (?, ?, ?, ?, 3) and gives logits float32 (?, 600)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (takes, gives) = (listed(&self.inputs), listed(&self.outputs));
        write!(f, "signature '{}' takes {takes} and gives {gives}", self.name)
    }
}

/// Names with types and shapes, as many as a line has room for.
pub(super) fn listed<'s>(specs: impl IntoIterator<Item = &'s TensorSpec>) -> String {
    const MOST: usize = 4;
    let specs: Vec<_> = specs.into_iter().map(|spec| format!("{} {spec}", spec.name)).collect();
    match specs.len() {
        0 => "nothing".into(),
        count if count <= MOST => specs.join(", "),
        count => format!("{}, ... ({count} in all)", specs[..MOST].join(", ")),
    }
}
