//! The numbers of a run as a NumPy archive, the same that tools/reference writes from Python TensorFlow.

use std::io::{self, Seek, Write};

use ndarray::{Array0, ArrayViewD};
use ndarray_npy::NpzWriter;

use crate::compare::Logits;
use crate::media::Sampling;
use crate::verify::{KEYS, Name, SAMPLING};

/// Writes `video`, `logits` and the name of the rule by which the video was taken to `output`. Where there
/// are several views, each array has a dimension of them in front.
///
/// # Errors
/// Whatever `output` says.
pub fn write(video: ArrayViewD<f32>, logits: &Logits, sampling: Sampling, output: impl Write + Seek) -> io::Result<()> {
    let mut npz = NpzWriter::new(output);
    let written = npz
        .add_array(KEYS[0], &video)
        .and_then(|()| npz.add_array(KEYS[1], &logits.base()))
        .and_then(|()| npz.add_array(KEYS[2], &logits.stream()))
        .and_then(|()| npz.add_array(SAMPLING, &Array0::from_elem((), Name::of(sampling))))
        .and_then(|()| npz.finish().map(drop));
    written.map_err(io::Error::other)
}
