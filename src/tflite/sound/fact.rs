//! What is known of a tensor, and whether that can be.

use super::super::file::TfLiteFault;
use super::super::flatbuffer::Table;
use super::super::graph::{Model, Subgraph};
use super::{Damaged, wrong};

/// `TensorType`, as far as operators are checked for it.
pub const FLOAT32: i8 = 0;
pub const FLOAT16: i8 = 1;
pub const INT32: i8 = 2;
pub const UINT8: i8 = 3;
pub const INT64: i8 = 4;
pub const INT16: i8 = 7;
pub const INT8: i8 = 9;
pub const INT4: i8 = 17;

/// The scales that integers of 8 bits may have: kernels multiply and divide them in 32 bits.
const SCALES: std::ops::RangeInclusive<f32> = 1e-30..=1e30;
/// The most bytes that a tensor may have: LiteRT counts some in 32 bits.
const MOST: i64 = i32::MAX as i64;

/// A tensor of a graph.
#[derive(Debug, Default)]
pub struct Fact<'f> {
    pub dtype: i8,
    /// `None` where dimensions vary.
    pub dims: Option<Vec<i64>>,
    /// The values that are in the file, where they are.
    pub content: Option<&'f [u8]>,
    pub scales: Vec<f32>,
    /// Whether it keeps its values from one run to the next.
    variable: bool,
}

impl<'f> Fact<'f> {
    /// Tensor `index` of `subgraph`.
    pub fn new(model: Model<'f>, subgraph: Subgraph<'f>, index: usize) -> Result<Self, TfLiteFault> {
        let table = subgraph.stored(index)?;
        let (shape, signature) = (table.vector(0)?.numbers()?, table.vector(7)?.numbers()?);
        let (dtype, variable, has_rank) = (table.i8(1)?, table.i8(5)? != 0, table.i8(8)? != 0);
        let content = Some(model.buffer(table.u32(2)? as usize)?).filter(|content| !content.is_empty());
        if let Some(dim) = shape.iter().find(|&&dim| dim < 0) {
            return wrong(format!("tensor {index} has a dimension of {dim}"));
        }
        if !signature.is_empty() && signature.len() != shape.len() {
            return wrong(format!("tensor {index} has {} dimensions, and {}", shape.len(), signature.len()));
        }
        let dims: Vec<i64> = shape.into_iter().map(i64::from).collect();
        let elements = elements(&dims).filter(|elements| elements.saturating_mul(width(dtype).unwrap_or(1)) <= MOST);
        let Some(elements) = elements else {
            return wrong(format!("tensor {index} of {dims:?} has more than {MOST} bytes"));
        };
        let sparse = table.table(6)?.is_some();
        if let Some(content) = content.filter(|_| !sparse) {
            let bytes = match width(dtype) {
                Some(width) => Some(elements * width),
                None if dtype == INT4 => Some((elements + 1) / 2),
                None => None,
            };
            if let Some(bytes) = bytes.filter(|&bytes| bytes != content.len() as i64) {
                return wrong(format!("tensor {index} of {dims:?} has {} bytes, not {bytes}", content.len()));
            }
        }
        let varies = signature.contains(&-1) || (dims.is_empty() && !has_rank && content.is_none());
        let scales = match table.table(4)? {
            Some(quantisation) => scales(quantisation, dtype, &dims, index)?,
            None => Vec::new(),
        };
        Ok(Self { dtype, dims: Some(dims).filter(|_| !varies), content, scales, variable })
    }

    /// Whether it has values before the first operator runs.
    pub fn is_given(&self) -> bool {
        let is_empty = self.dims.as_ref().is_some_and(|dims| dims.contains(&0));
        self.content.is_some() || self.variable || is_empty
    }

    /// Its integers, where they are in the file.
    pub fn integers(&self) -> Option<Vec<i64>> {
        let content = self.content?;
        match self.dtype {
            INT32 => Some(content.as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes).into()).collect()),
            INT64 => Some(content.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()),
            _ => None,
        }
    }

    /// Whether its values stand for others, by a scale.
    pub fn is_quantised(&self) -> bool {
        matches!(self.dtype, INT8 | UINT8 | INT16 | INT4)
    }
}

/// How many elements these dimensions make; `None` where that is more than can be counted.
pub fn elements(dims: &[i64]) -> Option<i64> {
    dims.iter().try_fold(1i64, |product, &dim| product.checked_mul(dim))
}

/// The scales of a tensor, one or along an axis, whose zero points fit its type.
fn scales(table: Table, dtype: i8, dims: &[i64], index: usize) -> Result<Vec<f32>, TfLiteFault> {
    let (scales, zero_points) = (table.vector(2)?, table.vector(3)?);
    let scales = (0..scales.len()).map(|at| scales.f32(at)).collect::<Result<Vec<_>, Damaged>>()?;
    let zero_points = (0..zero_points.len()).map(|at| zero_points.i64(at)).collect::<Result<Vec<_>, Damaged>>()?;
    let range = if matches!(dtype, INT8 | UINT8) { SCALES } else { f32::from_bits(1)..=f32::MAX };
    if let Some(scale) = scales.iter().find(|scale| !range.contains(scale)) {
        return wrong(format!("tensor {index} has a scale of {scale}"));
    }
    let range = match dtype {
        INT8 => -128..=127,
        UINT8 => 0..=255,
        INT16 => i16::MIN.into()..=i16::MAX.into(),
        INT4 => -8..=7,
        _ => i32::MIN.into()..=i32::MAX.into(),
    };
    if let Some(zero_point) = zero_points.iter().find(|zero_point| !range.contains(*zero_point)) {
        return wrong(format!("tensor {index} has a zero point of {zero_point}"));
    }
    let along = usize::try_from(table.i32(6)?).ok().and_then(|axis| dims.get(axis));
    if scales.len() > 1 && along.is_none_or(|&dim| dim != scales.len() as i64) {
        return wrong(format!("tensor {index} of {dims:?} has {} scales", scales.len()));
    }
    if !scales.is_empty() && scales.len() != zero_points.len() {
        return wrong(format!("tensor {index} has {} scales and {} zero points", scales.len(), zero_points.len()));
    }
    Ok(scales)
}

/// Bytes of an element, where all have as many.
fn width(dtype: i8) -> Option<i64> {
    match dtype {
        UINT8 | INT8 | 6 => Some(1),
        FLOAT16 | INT16 | 16 | 18 => Some(2),
        FLOAT32 | INT32 | 15 => Some(4),
        INT64 | 8 | 10 | 12 => Some(8),
        11 => Some(16),
        _ => None,
    }
}
