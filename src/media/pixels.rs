//! The pixels of a frame, as bytes or as what a model sees.

use std::borrow::Cow;

use ndarray::{Array3, ArrayView3};

/// The pixels of a frame, RGB, `(height, width, 3)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pixels<'a> {
    /// 0 to 255.
    Bytes(ArrayView3<'a, u8>),
    /// 0 to 1: of an array that is already what a model sees. They are not divided by 255.
    Unit(ArrayView3<'a, f32>),
}

impl<'a> Pixels<'a> {
    /// Height, width and 3.
    pub fn dim(self) -> (usize, usize, usize) {
        match self {
            Self::Bytes(pixels) => pixels.dim(),
            Self::Unit(pixels) => pixels.dim(),
        }
    }

    /// The pixels as bytes, to be drawn: those that are from 0 to 1 are rounded.
    pub fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Bytes(pixels) => match pixels.to_slice() {
                Some(slice) => Cow::Borrowed(slice),
                None => Cow::Owned(pixels.iter().copied().collect()),
            },
            Self::Unit(pixels) => Cow::Owned(pixels.iter().map(|value| (value * 255.0).round() as u8).collect()),
        }
    }
}

impl<'a> From<ArrayView3<'a, u8>> for Pixels<'a> {
    fn from(pixels: ArrayView3<'a, u8>) -> Self {
        Self::Bytes(pixels)
    }
}

impl<'a> From<ArrayView3<'a, f32>> for Pixels<'a> {
    fn from(pixels: ArrayView3<'a, f32>) -> Self {
        Self::Unit(pixels)
    }
}

/// Pixels that were kept.
#[derive(Debug)]
pub(super) enum Kept {
    Bytes(Array3<u8>),
    Unit(Array3<f32>),
}

impl Kept {
    /// Keeps `pixels` in place of what `kept` has.
    pub fn keep(kept: &mut Option<Self>, pixels: Pixels<'_>) {
        match (kept, pixels) {
            (Some(Self::Bytes(kept)), Pixels::Bytes(pixels)) if kept.dim() == pixels.dim() => kept.assign(&pixels),
            (Some(Self::Unit(kept)), Pixels::Unit(pixels)) if kept.dim() == pixels.dim() => kept.assign(&pixels),
            (kept, Pixels::Bytes(pixels)) => *kept = Some(Self::Bytes(pixels.to_owned())),
            (kept, Pixels::Unit(pixels)) => *kept = Some(Self::Unit(pixels.to_owned())),
        }
    }

    pub fn view(&self) -> Pixels<'_> {
        match self {
            Self::Bytes(pixels) => Pixels::Bytes(pixels.view()),
            Self::Unit(pixels) => Pixels::Unit(pixels.view()),
        }
    }
}
