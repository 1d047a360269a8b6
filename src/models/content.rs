//! What a model's files tell without running it, whether they are a SavedModel's folder or one TF Lite file.

use std::io;
use std::path::Path;

use crate::hash;
use crate::movinet::recognise::Signatures;
use crate::{saved_model, tflite};

/// Whether `path` is, or is named like, a TF Lite file.
pub fn is_tflite(path: impl AsRef<Path>) -> bool {
    tflite::is_tflite(path.as_ref())
}

/// The signatures, by name, of the model at `path`.
///
/// # Errors
/// Why they cannot be read.
pub(crate) fn signatures(path: &Path) -> Result<Signatures, String> {
    match is_tflite(path) {
        true => tflite::signatures(path).map_err(|fault| fault.to_string()),
        false => saved_model::signatures(path),
    }
}

/// One hash for the content of the model at `path`: of a TF Lite file its SHA-256, of a SavedModel its
/// [fingerprint](saved_model::fingerprint).
///
/// # Errors
/// When a file cannot be read; the message names it.
pub(crate) fn fingerprint(path: &Path) -> io::Result<String> {
    if is_tflite(path) { hash::of_file(path) } else { saved_model::fingerprint(path) }
}
