//! A run against a recorded reference: each output, by numpy's rule `|a - b| <= atol + rtol * |b|`.

use std::path::{Path, PathBuf};

use ndarray::{ArrayD, ArrayViewD, Dimension};
use ndarray_npy::NpzReader;
use serde::Serialize;

use crate::report::npz;

/// How far an output may be from its reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// Absolute part.
    pub atol: f64,
    /// Part relative to the reference's value.
    pub rtol: f64,
}

/// Why a reference cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It cannot be read; the message names it.
    #[error("cannot read the reference: {0}")]
    Read(std::io::Error),
    /// It is no NPZ file, or an array in it is not what is expected.
    #[error("'{}' is not a reference: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a reference holds, by the names of [`npz`]; outputs that it lacks are not compared.
#[derive(Debug)]
pub struct Reference {
    arrays: Vec<(&'static str, ArrayD<f32>)>,
}

impl Reference {
    /// Reads the float32 arrays `video`, `base_logits` and `stream_logits` of an NPZ file.
    ///
    /// # Errors
    /// [`ReferenceError`] when it cannot be read or holds none of them.
    pub fn read(path: &Path) -> Result<Self, ReferenceError> {
        let file = fs_err::File::open(path).map_err(ReferenceError::Read)?;
        let fault = |reason: String| ReferenceError::Format { path: path.to_owned(), reason };
        let mut npz = NpzReader::new(file).map_err(|error| fault(error.to_string()))?;
        let present = npz.names().map_err(|error| fault(error.to_string()))?;
        let mut arrays = Vec::new();
        for name in npz::KEYS {
            let Some(member) = present.iter().find(|member| member.trim_end_matches(".npy") == name) else { continue };
            let array = npz.by_name(member).map_err(|error| fault(format!("'{name}': {error}")))?;
            arrays.push((name, array));
        }
        if arrays.is_empty() {
            return Err(fault(format!("it has none of the arrays {}", npz::KEYS.join(", "))));
        }
        Ok(Self { arrays })
    }

    /// Compares a run's outputs, given in the order of [`npz::KEYS`], with the reference.
    pub fn verify(&self, outputs: [ArrayViewD<f32>; 3], tolerance: Tolerance) -> Verdict {
        let mut checks = Vec::new();
        for (name, expected) in &self.arrays {
            for (key, got) in npz::KEYS.iter().zip(&outputs) {
                if key == name {
                    checks.push(Check::new(name, got.view(), expected.view(), tolerance));
                }
            }
        }
        Verdict { passed: checks.iter().all(|check| check.passed), tolerance, checks }
    }
}

/// Whether a run equals its reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether every output is within the tolerance.
    pub passed: bool,
    /// The tolerance.
    pub tolerance: Tolerance,
    /// Output by output.
    pub checks: Vec<Check>,
}

/// One output against its reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Which output.
    pub output: String,
    /// Whether all of it is within the tolerance.
    pub passed: bool,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The reference's shape; nothing else is compared when it differs.
    pub expected_shape: Vec<usize>,
    /// Values that are the same to the last bit.
    pub identical: usize,
    /// Values beyond the tolerance.
    pub beyond: usize,
    /// Largest absolute difference.
    pub max_abs: f64,
    /// Largest difference relative to the reference.
    pub max_rel: f64,
    /// Position of the first value beyond the tolerance.
    pub first_beyond: Option<Vec<usize>>,
}

impl Check {
    fn new(output: &str, got: ArrayViewD<f32>, expected: ArrayViewD<f32>, tolerance: Tolerance) -> Self {
        let mut check = Self {
            output: output.to_owned(),
            passed: false,
            shape: got.shape().to_vec(),
            expected_shape: expected.shape().to_vec(),
            identical: 0,
            beyond: 0,
            max_abs: 0.0,
            max_rel: 0.0,
            first_beyond: None,
        };
        if check.shape != check.expected_shape {
            return check;
        }
        for ((position, &a), &b) in got.indexed_iter().zip(expected.iter()) {
            if a.to_bits() == b.to_bits() {
                check.identical += 1;
                continue;
            }
            let (a, b) = (f64::from(a), f64::from(b));
            let difference = (a - b).abs();
            // A difference that is no number (NaN against anything else) is never within a tolerance.
            if difference.is_nan() || difference > tolerance.atol + tolerance.rtol * b.abs() {
                check.beyond += 1;
                check.first_beyond.get_or_insert_with(|| position.slice().to_vec());
            }
            check.max_abs = check.max_abs.max(if difference.is_nan() { f64::MAX } else { difference });
            if b != 0.0 && difference.is_finite() {
                check.max_rel = check.max_rel.max(difference / b.abs());
            }
        }
        check.passed = check.beyond == 0;
        check
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn check(got: &[f32], expected: &[f32], atol: f64, rtol: f64) -> Check {
        let (got, expected) = (ndarray::Array1::from(got.to_vec()), ndarray::Array1::from(expected.to_vec()));
        Check::new("x", got.view().into_dyn(), expected.view().into_dyn(), Tolerance { atol, rtol })
    }

    #[test]
    fn the_rule_is_numpys() {
        assert!(check(&[1.5, 2.0], &[1.0, 2.0], 0.5, 0.0).passed);
        assert!(check(&[110.0], &[100.0], 0.0, 0.1).passed);
        let failed = check(&[1.0, 2.0, 9.0], &[1.0, 3.0, 3.0], 0.5, 0.0);
        assert_eq!((failed.passed, failed.beyond, failed.identical), (false, 2, 1));
        assert_eq!((failed.first_beyond, failed.max_abs, failed.max_rel), (Some(vec![1]), 6.0, 2.0));
    }

    #[test]
    fn nan_is_never_close_and_the_same_nan_is_the_same() {
        assert!(!check(&[f32::NAN], &[1.0], f64::MAX, 0.0).passed);
        assert!(!check(&[1.0], &[f32::NAN], 1e9, 0.0).passed);
        assert!(check(&[f32::NAN], &[f32::NAN], 0.0, 0.0).passed);
    }

    #[test]
    fn another_shape_fails() {
        let (got, expected) = (array![[1.0f32]], array![1.0f32]);
        let check =
            Check::new("x", got.view().into_dyn(), expected.view().into_dyn(), Tolerance { atol: 1.0, rtol: 0.0 });
        assert!(!check.passed && check.beyond == 0);
    }
}
