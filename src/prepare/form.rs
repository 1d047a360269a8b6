//! What is known of a form of a model that another library than TensorFlow runs, kept in the cache: how equal it is, and how
//! fast.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Proof;
use super::processor::processor;
use crate::cache::{Cache, CacheError, Entry, Kind};
use crate::catalog::EngineLibrary;
use crate::hash;

/// The record's file.
const RECORD: &str = "form.json";

/// A proved form in the cache.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProvedForm {
    /// Its file.
    pub path: PathBuf,
    /// What it is and how it was proved.
    pub record: FormRecord,
}

/// What is known of a proved form, kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FormRecord {
    /// [`fingerprint`](crate::saved_model::fingerprint) of the original.
    pub original: String,
    /// Version of what made it.
    pub maker: u32,
    /// Version of the library with which it was proved.
    pub library: String,
    /// Kind of processor on which it was proved and timed.
    pub processor: String,
    /// Height and width in pixels of the frames that it was proved and timed on; a TF Lite form takes no others.
    pub size: usize,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How equal it is.
    pub proof: Proof,
    /// Seconds of its quickest step on one thread, or of its quickest clip.
    pub seconds: f64,
    /// And of the form that TensorFlow runs.
    pub seconds_by_tensorflow: f64,
}

impl FormRecord {
    /// Whether it is faster than TensorFlow's.
    pub fn is_fastest(&self) -> bool {
        self.seconds < self.seconds_by_tensorflow
    }
}

/// What the proof and the clock said of a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub proof: Proof,
    /// As [`FormRecord::seconds`].
    pub seconds: f64,
    pub seconds_by_tensorflow: f64,
}

/// The form that `library` runs of the original with this fingerprint, if it is in the cache, whole, and was made by this
/// maker, for this release, on a processor like this one. Its file is hashed.
///
/// # Errors
/// What is wrong with one that is not as it was made.
pub fn find_form(cache: &Cache, library: EngineLibrary, original: &str) -> Result<Option<ProvedForm>, String> {
    let folder = entry(cache, library, original).path().to_owned();
    if !folder.is_dir() {
        return Ok(None);
    }
    let record = read(&folder).ok_or_else(|| format!("its '{RECORD}' is gone or damaged"))?;
    match damage_of(&record, library, &folder) {
        Some(damage) => Err(damage),
        None => Ok((record.original == original).then(|| ProvedForm { path: folder.join(file(library)), record })),
    }
}

/// The form that `library` runs of the original with this fingerprint, for frames of `size` pixels: what is in the cache,
/// unless it is to be made `anew`, or what `make` writes into the file that it is given.
///
/// # Errors
/// Those of `make` and of the cache, which is then as it was.
pub(crate) fn kept_or_made<E: From<CacheError>>(
    cache: &Cache,
    library: EngineLibrary,
    original: &str,
    (size, anew): (usize, bool),
    make: impl FnOnce(&Path) -> Result<Measured, E>,
) -> Result<ProvedForm, E> {
    let kept = || find_form(cache, library, original).ok().flatten().filter(|form| !anew && form.record.size == size);
    if let Some(form) = kept() {
        return Ok(form);
    }
    let entry = entry(cache, library, original);
    let _lock = cache.lock(&entry)?;
    if let Some(form) = kept() {
        return Ok(form); // another process made it meanwhile
    }
    let part = cache.part_for(&entry)?;
    let made = part.path().join(file(library));
    let Measured { proof, seconds, seconds_by_tensorflow } = make(&made)?;
    let record = FormRecord {
        original: original.to_owned(),
        maker: maker(library),
        library: library.version().to_owned(),
        processor: processor(),
        size,
        sha256: hash::of_file(&made).map_err(CacheError::Io)?,
        proof,
        seconds,
        seconds_by_tensorflow,
    };
    let json = serde_json::to_vec_pretty(&record).map_err(|error| CacheError::Io(error.into()))?;
    fs_err::write(part.path().join(RECORD), json).map_err(CacheError::Io)?;
    cache.publish(part, &entry)?;
    Ok(ProvedForm { path: entry.path().join(file(library)), record })
}

/// What is wrong with the form in `folder`; none where something else is in it.
pub(super) fn damage(folder: &Path) -> Option<Option<String>> {
    let mut libraries = EngineLibrary::ALL.into_iter();
    let library = libraries.find(|&library| folder.join(file(library)).exists());
    let is_there = library.is_some() || folder.join(RECORD).exists();
    is_there.then(|| match (read(folder), library) {
        (Some(record), Some(library)) => damage_of(&record, library, folder),
        (Some(_), None) => Some("its file is gone".into()),
        (None, _) => Some(format!("its '{RECORD}' is gone or damaged")),
    })
}

/// The file of a form that `library` runs.
fn file(library: EngineLibrary) -> &'static str {
    match library {
        EngineLibrary::LiteRt => "model.tflite",
        EngineLibrary::OpenVino => "model.blob",
    }
}

/// Counts up whenever the results change of what makes forms for `library`; older ones are then made anew.
fn maker(library: EngineLibrary) -> u32 {
    match library {
        EngineLibrary::LiteRt => 2,
        EngineLibrary::OpenVino => 1,
    }
}

/// Where the form of the original with this fingerprint is kept.
fn entry(cache: &Cache, library: EngineLibrary, original: &str) -> Entry {
    let (short, maker) = (&original[..16.min(original.len())], maker(library));
    let (key, version) = (library.key(), library.version());
    cache.entry(Kind::Prepared, &format!("{short}-x{maker}-{key}-{version}-{}", processor()))
}

fn read(folder: &Path) -> Option<FormRecord> {
    serde_json::from_slice(&fs_err::read(folder.join(RECORD)).ok()?).ok()
}

fn damage_of(record: &FormRecord, library: EngineLibrary, folder: &Path) -> Option<String> {
    let file = file(library);
    if !folder.join(file).exists() {
        return Some(format!("'{file}' is gone"));
    }
    match hash::of_file(&folder.join(file)) {
        Err(error) => Some(error.to_string()),
        Ok(found) if found != record.sha256 => Some(format!("'{file}' was changed")),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_form_tells_what_is_gone() {
        for library in EngineLibrary::ALL {
            let folder = tempfile::tempdir().unwrap();
            let model = folder.path().join(file(library));
            assert_eq!(damage(folder.path()), None);
            fs_err::write(&model, "model").unwrap();
            assert_eq!(damage(folder.path()), Some(Some("its 'form.json' is gone or damaged".into())));
            let record = FormRecord {
                original: "o".into(),
                maker: maker(library),
                library: library.version().into(),
                processor: "p".into(),
                size: 8,
                sha256: hash::of_file(&model).unwrap(),
                proof: Proof::default(),
                seconds: 1.0,
                seconds_by_tensorflow: 2.0,
            };
            fs_err::write(folder.path().join(RECORD), serde_json::to_vec(&record).unwrap()).unwrap();
            assert_eq!(damage(folder.path()), Some(None));
            fs_err::write(&model, "other").unwrap();
            assert!(damage(folder.path()).flatten().is_some_and(|damage| damage.ends_with("was changed")));
            fs_err::remove_file(&model).unwrap();
            assert!(damage(folder.path()).flatten().is_some_and(|damage| damage.ends_with("is gone")));
        }
    }
}
