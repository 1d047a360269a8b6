//! Reading what a signature gave.

use std::path::Path;

use ndarray::Array1;

use super::Tensor;
use crate::engine::EngineError;

/// The logits `(classes)` in an output `(1, classes)` of the model in `path`.
pub(super) fn logits(output: Option<&Tensor>, path: &Path) -> Result<Array1<f32>, EngineError> {
    let dims = output.map_or(&[][..], Tensor::dims);
    match (dims, output.and_then(Tensor::as_float32)) {
        ([1, _], Some(values)) => Ok(Array1::from(values.to_vec())),
        _ => Err(EngineError::Logits { path: path.to_owned(), got: dims.to_vec() }),
    }
}
