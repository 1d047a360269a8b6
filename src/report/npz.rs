//! The numbers of a run as a NumPy archive, the same that tools/reference writes from Python TensorFlow.

use std::io::{self, Seek, Write};

use ndarray::{Array0, ArrayViewD};
use ndarray_npy::NpzWriter;

use crate::media::Sampling;
use crate::verify::{KEYS, Name, SAMPLING};

/// Writes `arrays`, in the order of [`KEYS`] as far as there are such, and the name of the rule by which the video was taken
/// to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(arrays: [Option<ArrayViewD<f32>>; 3], sampling: Sampling, output: impl Write + Seek) -> io::Result<()> {
    let mut npz = NpzWriter::new(output);
    let mut add = || {
        for (key, array) in KEYS.into_iter().zip(&arrays) {
            array.as_ref().map_or(Ok(()), |array| npz.add_array(key, array))?;
        }
        npz.add_array(SAMPLING, &Array0::from_elem((), Name::of(sampling)))
    };
    let written = add();
    written.and_then(|()| npz.finish().map(drop)).map_err(io::Error::other)
}
