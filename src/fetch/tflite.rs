//! A TF Lite file out of what was downloaded or given: the file itself, or an archive of it. Its first bytes tell.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use super::FetchError;
use super::archive::{self, Limits};
use super::nested;
use crate::cache::{FileRecord, TFLITE_FILE};
use crate::catalog::{CLASSES, FAMILY, TfLiteModel};
use crate::hash;
use crate::movinet::fixed_shape;
use crate::movinet::recognise::{self, Network};
use crate::tflite::{self, IDENTIFIER, TfLiteFile};

/// Bytes before the end of the identifier.
const HEAD: usize = 8;

/// Brings the only TF Lite file in `from` to the top of the empty folder `into`. `name` says in errors what it was.
///
/// # Errors
/// [`FetchError::NoTfLite`] where there is none or several, or an archive is not whole; [`FetchError::Unpack`].
pub(super) fn unpack(mut from: impl Read, name: &str, into: &Path) -> Result<Vec<FileRecord>, FetchError> {
    let fault = |reason: String| FetchError::NoTfLite { name: name.to_owned(), reason };
    let refused = |reason| FetchError::Unpack { folder: into.to_owned(), reason };
    let mut head = Vec::with_capacity(HEAD);
    from.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|error| fault(error.to_string()))?;
    let target = into.join(TFLITE_FILE);
    let whole = Cursor::new(head.clone()).chain(from);
    if head.ends_with(IDENTIFIER) {
        let mut content = Vec::new();
        BufReader::new(whole)
            .take(Limits::default().bytes)
            .read_to_end(&mut content)
            .map_err(|e| fault(e.to_string()))?;
        fs_err::write(&target, content).map_err(refused)?;
    } else {
        let files = archive::unpack(whole, name, into, Limits::default()).map_err(|error| match error {
            FetchError::Archive { reason, .. } => fault(reason),
            other => other,
        })?;
        let found: Vec<_> = files.iter().filter(|file| tflite::is_tflite(&into.join(&file.path))).collect();
        let [model] = &found[..] else { return Err(fault(format!("it holds {} TF Lite files", found.len()))) };
        bring_up(&into.join(&model.path), into).map_err(refused)?;
    }
    let (bytes, sha256) = (fs_err::metadata(&target).map_err(refused)?.len(), hash::of_file(&target).map_err(refused)?);
    Ok(vec![FileRecord { path: TFLITE_FILE.into(), bytes, sha256 }])
}

/// Makes `model` all that is in the folder `into`.
fn bring_up(model: &Path, into: &Path) -> std::io::Result<()> {
    let aside = tempfile::tempdir_in(into)?;
    fs_err::rename(model, aside.path().join(TFLITE_FILE))?;
    nested::remove_all_but(aside.path(), into)?;
    fs_err::rename(aside.path().join(TFLITE_FILE), into.join(TFLITE_FILE))?;
    aside.close()
}

/// What the file at `path` is, if it is another than `wanted`; `None` where it is what is wanted, or nothing tells.
pub(super) fn other_than(wanted: &TfLiteModel, path: &Path, sha256: &str) -> Option<String> {
    let TfLiteFile { signatures, weights, .. } = match tflite::content(path).and_then(|content| tflite::read(&content))
    {
        Ok(file) => file,
        Err(fault) => return Some(format!("damaged: {fault}")),
    };
    let states = match recognise::network(&signatures) {
        Ok(Network::Stream(stream)) => stream.general().states.len(),
        Ok(Network::Base(_)) => return Some("a base model".into()),
        Err(reason) => return Some(format!("no MoViNet: {reason}")),
    };
    let shape = fixed_shape(&signatures).ok()?;
    if let Some(classes) = shape.outputs.filter(|&outputs| outputs != CLASSES) {
        return Some(format!("a stream model of {classes} classes, not of {CLASSES}"));
    }
    if let Some(size) = shape.size.filter(|&size| size != wanted.family.size) {
        return Some(format!("a stream model of frames of {size} pixels, not of {}", wanted.family.size));
    }
    if let Some(family) = FAMILY.iter().find(|family| family.states == states).filter(|family| *family != wanted.family)
    {
        return Some(format!("a stream model of {}", family.name));
    }
    // Biases and shapes are of other types, and few.
    let most = weights.iter().max_by_key(|(_, (elements, _))| elements).map(|(dtype, _)| dtype);
    if let Some(dtype) = most.filter(|dtype| **dtype != wanted.weights.to_string()) {
        return Some(format!("a stream model with weights of {dtype}, not of {}", wanted.weights));
    }
    let known = wanted.sha256().filter(|known| *known != sha256)?;
    Some(format!("another file: its sha256 is {sha256}, not {known}"))
}
