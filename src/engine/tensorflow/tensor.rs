//! Tensors of the two types that a MoViNet uses, owned by TensorFlow and moved, never copied, between calls.

use crate::movinet::DType;

/// A tensor to feed, or one that was fetched.
#[derive(Debug)]
pub(crate) enum Tensor {
    /// 32-bit floating point.
    Float32(tensorflow::Tensor<f32>),
    /// 32-bit integers.
    Int32(tensorflow::Tensor<i32>),
}

impl Tensor {
    /// A float32 tensor of zeros.
    pub fn float32(dims: &[u64]) -> Self {
        Self::Float32(tensorflow::Tensor::new(dims))
    }

    /// A one-dimensional int32 tensor.
    pub fn int32(values: &[i32]) -> Self {
        Self::Int32(tensorflow::Tensor::from(values))
    }

    /// Zeros of the given type; `None` for a type that is neither float32 nor int32.
    pub fn zeros(dtype: DType, dims: &[u64]) -> Option<Self> {
        match dtype {
            DType::Float32 => Some(Self::float32(dims)),
            DType::Int32 => Some(Self::Int32(tensorflow::Tensor::new(dims))),
            DType::Other(_) => None,
        }
    }

    /// Its element type.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Float32(_) => DType::Float32,
            Self::Int32(_) => DType::Int32,
        }
    }

    /// Its dimensions.
    pub fn dims(&self) -> &[u64] {
        match self {
            Self::Float32(tensor) => tensor.dims(),
            Self::Int32(tensor) => tensor.dims(),
        }
    }

    /// Its values in row-major order, where it is float32.
    pub fn as_float32(&self) -> Option<&[f32]> {
        match self {
            Self::Float32(tensor) => Some(tensor),
            Self::Int32(_) => None,
        }
    }

    /// Its values to write to, where it is float32.
    pub fn as_float32_mut(&mut self) -> Option<&mut [f32]> {
        match self {
            Self::Float32(tensor) => Some(tensor),
            Self::Int32(_) => None,
        }
    }
}
