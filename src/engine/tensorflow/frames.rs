//! What a network is fed: frames as they are filled, or as bytes.

use std::ops::Deref;

use super::Tensor;
use crate::engine::EngineError;
use crate::movinet::DType;

/// Frames `(1, frames, height, width, 3)` to fill, float32 in [0, 1].
#[derive(Debug)]
pub(super) struct Frames {
    filled: Tensor,
    /// Whether the network takes uint8, 0 to 255.
    as_bytes: bool,
}

/// What is fed: the frames' own memory, or bytes made of them.
pub(super) enum Fed<'a> {
    Filled(&'a Tensor),
    Bytes(Tensor),
}

impl Deref for Fed<'_> {
    type Target = Tensor;

    fn deref(&self) -> &Tensor {
        match self {
            Self::Filled(tensor) => tensor,
            Self::Bytes(tensor) => tensor,
        }
    }
}

impl Frames {
    /// Black frames for an input of type `dtype`.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for them.
    pub fn new(dtype: DType, dims: &[u64]) -> Result<Self, EngineError> {
        Ok(Self { filled: Tensor::float32("frames", dims)?, as_bytes: dtype == DType::UInt8 })
    }

    /// What to fill.
    pub fn pixels_mut(&mut self) -> &mut [f32] {
        self.filled.as_float32_mut().unwrap_or_default()
    }

    /// What was filled.
    pub fn pixels(&self) -> &[f32] {
        self.filled.as_float32().unwrap_or_default()
    }

    pub fn dims(&self) -> &[u64] {
        self.filled.dims()
    }

    /// What the network takes: the frames, or the nearest bytes, of two as near ones the even.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for bytes.
    pub fn feed(&self) -> Result<Fed<'_>, EngineError> {
        if !self.as_bytes {
            return Ok(Fed::Filled(&self.filled));
        }
        Ok(Fed::Bytes(Tensor::bytes(self.dims(), self.pixels().iter().map(|&value| byte(value)))?))
    }

    /// Lets go of the frames' memory where an output has taken it over, as one that hands its input on does: what is
    /// filled next must not change it.
    ///
    /// # Errors
    /// [`EngineError::Memory`] when there is no room for other memory.
    pub fn let_go_of_shared(&mut self, outputs: &[Tensor]) -> Result<(), EngineError> {
        if outputs.iter().any(|output| output.shares_memory_with(&self.filled)) {
            self.filled = Tensor::float32("frames", self.filled.dims())?;
        }
        Ok(())
    }
}

/// `value`, in [0, 1], as a byte.
fn byte(value: f32) -> u8 {
    (value * 255.0).round_ties_even() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_halves_come_through_a_division_by_255() {
        for step in 0..=510u16 {
            let picture = f32::from(step) / 2.0;
            assert_eq!(byte(picture / 255.0), picture.round_ties_even() as u8, "{picture}");
        }
    }
}
