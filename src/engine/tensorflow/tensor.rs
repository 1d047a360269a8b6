//! Tensors of the types that a MoViNet uses, owned by TensorFlow and moved, never copied, between calls.

use std::ops::Range;

use crate::engine::EngineError;
use crate::movinet::DType;

/// A tensor to feed, or one that was fetched.
#[derive(Debug)]
pub(crate) enum Tensor {
    /// 32-bit floating point.
    Float32(tensorflow::Tensor<f32>),
    /// 32-bit integers.
    Int32(tensorflow::Tensor<i32>),
    /// Bytes; they are fed and never fetched.
    UInt8(tensorflow::Tensor<u8>),
}

impl Tensor {
    /// A float32 tensor of zeros; `what` it is for, in errors.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for it.
    pub fn float32(what: &str, dims: &[u64]) -> Result<Self, EngineError> {
        room_for(what, dims)?;
        Ok(Self::Float32(tensorflow::Tensor::new(dims)))
    }

    /// A one-dimensional int32 tensor.
    pub fn int32(values: &[i32]) -> Self {
        Self::Int32(tensorflow::Tensor::from(values))
    }

    /// Bytes of these dimensions.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for them.
    pub fn bytes(dims: &[u64], values: impl Iterator<Item = u8>) -> Result<Self, EngineError> {
        room_for("frames", dims)?;
        let mut tensor = tensorflow::Tensor::new(dims);
        tensor.iter_mut().zip(values).for_each(|(to, from)| *to = from);
        Ok(Self::UInt8(tensor))
    }

    /// Zeros of the given type, for `what` in errors; `None` for a type that is neither float32 nor int32.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for them.
    pub fn zeros(what: &str, dtype: DType, dims: &[u64]) -> Result<Option<Self>, EngineError> {
        room_for(what, dims)?;
        Ok(match dtype {
            DType::Float32 => Some(Self::Float32(tensorflow::Tensor::new(dims))),
            DType::Int32 => Some(Self::Int32(tensorflow::Tensor::new(dims))),
            DType::UInt8 | DType::Int8 | DType::Other(_) => None,
        })
    }

    /// Its element type.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Float32(_) => DType::Float32,
            Self::Int32(_) => DType::Int32,
            Self::UInt8(_) => DType::UInt8,
        }
    }

    /// Its dimensions.
    pub fn dims(&self) -> &[u64] {
        match self {
            Self::Float32(tensor) => tensor.dims(),
            Self::Int32(tensor) => tensor.dims(),
            Self::UInt8(tensor) => tensor.dims(),
        }
    }

    /// Its values in row-major order, where it is float32.
    pub fn as_float32(&self) -> Option<&[f32]> {
        match self {
            Self::Float32(tensor) => Some(tensor),
            Self::Int32(_) | Self::UInt8(_) => None,
        }
    }

    /// Its values to write to, where it is float32.
    pub fn as_float32_mut(&mut self) -> Option<&mut [f32]> {
        match self {
            Self::Float32(tensor) => Some(tensor),
            Self::Int32(_) | Self::UInt8(_) => None,
        }
    }

    /// Whether part of its memory is also part of `other`'s: TensorFlow hands memory on where values stay the same.
    pub fn shares_memory_with(&self, other: &Self) -> bool {
        let (own, other) = (self.memory(), other.memory());
        !own.is_empty() && !other.is_empty() && own.start < other.end && other.start < own.end
    }

    /// The addresses of its values.
    fn memory(&self) -> Range<usize> {
        fn addresses<T>(values: &[T]) -> Range<usize> {
            let Range { start, end } = values.as_ptr_range();
            start as usize..end as usize
        }
        match self {
            Self::Float32(tensor) => addresses(tensor),
            Self::Int32(tensor) => addresses(tensor),
            Self::UInt8(tensor) => addresses(tensor),
        }
    }
}

/// Whether a tensor of 4 bytes an element can be had. TensorFlow gives a null pointer where it can't, and the crate
/// `tensorflow` writes to it: so memory is asked for here first, and given back untouched.
fn room_for(what: &str, dims: &[u64]) -> Result<(), EngineError> {
    let bytes = dims.iter().try_fold(size_of::<f32>() as u64, |bytes, &dim| bytes.checked_mul(dim));
    let fits = bytes.and_then(|bytes| usize::try_from(bytes).ok()).is_some_and(|bytes| {
        let mut room: Vec<u8> = Vec::new();
        room.try_reserve_exact(bytes).is_ok()
    });
    if fits { Ok(()) } else { Err(EngineError::Memory { what: what.to_owned(), dims: dims.to_vec() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_room_for_is_an_error() {
        for dims in [[1 << 40, 1 << 40], [1 << 31, 1 << 31], [u64::MAX, 1]] {
            assert!(matches!(Tensor::float32("frames", &dims), Err(EngineError::Memory { .. })));
            assert!(matches!(Tensor::zeros("a state", DType::Int32, &dims), Err(EngineError::Memory { .. })));
        }
    }
}
