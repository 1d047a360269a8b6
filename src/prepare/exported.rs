//! What is known of a stream model's TF Lite form, kept in the cache: how equal it is, and how fast.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
#[cfg(feature = "export")]
use sha2::{Digest, Sha256};

use super::Proof;
use super::processor::processor;
#[cfg(feature = "export")]
use crate::cache::CacheError;
use crate::cache::{Cache, Entry, Kind};
use crate::catalog::LITERT_VERSION;
use crate::hash;

/// Counts up whenever the exporter's results change; older ones are then made anew.
const EXPORTER: u32 = 1;
/// The record's file.
const RECORD: &str = "exported.json";
/// The model's file.
const MODEL: &str = "model.tflite";

/// A proved TF Lite form in the cache.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TfLiteForm {
    /// Its file.
    pub path: PathBuf,
    /// What it is and how it was proved.
    pub record: TfLiteRecord,
}

/// What is known of a proved TF Lite form, kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TfLiteRecord {
    /// [`fingerprint`](crate::saved_model::fingerprint) of the original.
    pub original: String,
    /// Version of the exporter.
    pub exporter: u32,
    /// LiteRT with which it was proved.
    pub litert: String,
    /// Kind of processor on which it was proved and timed.
    pub processor: String,
    /// Height and width in pixels of the frames that it takes.
    pub size: usize,
    /// SHA-256 of the file.
    pub sha256: String,
    /// How equal it is.
    pub proof: Proof,
    /// Seconds of the quickest step, on one thread.
    pub step: f64,
    /// And of the form that TensorFlow runs.
    pub step_by_tensorflow: f64,
}

impl TfLiteRecord {
    /// A record of the original with this fingerprint, whose file holds `model`, proved and timed.
    #[cfg(feature = "export")]
    pub(crate) fn new(
        original: String,
        litert: &str,
        size: usize,
        model: &[u8],
        proof: Proof,
        [step, step_by_tensorflow]: [f64; 2],
    ) -> Self {
        Self {
            original,
            exporter: EXPORTER,
            litert: litert.to_owned(),
            processor: processor(),
            size,
            sha256: hash::finish(Sha256::new_with_prefix(model)),
            proof,
            step,
            step_by_tensorflow,
        }
    }

    /// Writes it into `folder`, beside its file.
    #[cfg(feature = "export")]
    pub(crate) fn write(&self, folder: &Path) -> Result<(), CacheError> {
        let json = serde_json::to_vec_pretty(self).map_err(|error| CacheError::Io(error.into()))?;
        fs_err::write(folder.join(RECORD), json).map_err(CacheError::Io)
    }

    /// Whether it is the faster one.
    pub fn is_fastest(&self) -> bool {
        self.step < self.step_by_tensorflow
    }
}

/// The proved TF Lite form of the original with this fingerprint, if it is in the cache, whole, and was made by this
/// exporter, for this LiteRT, on a processor like this one. Its file is hashed.
///
/// # Errors
/// What is wrong with one that is not as it was made.
pub fn find_tflite(cache: &Cache, original: &str) -> Result<Option<TfLiteForm>, String> {
    let folder = entry(cache, original).path().to_owned();
    if !folder.is_dir() {
        return Ok(None);
    }
    let record = read(&folder).ok_or_else(|| format!("its '{RECORD}' is gone or damaged"))?;
    match damage_of(&record, &folder) {
        Some(damage) => Err(damage),
        None => Ok((record.original == original).then(|| TfLiteForm { path: folder.join(MODEL), record })),
    }
}

/// What is wrong with the TF Lite form in `folder`; none where another form is in it.
pub(super) fn damage(folder: &Path) -> Option<Option<String>> {
    let is_there = folder.join(MODEL).exists();
    is_there.then(|| match read(folder) {
        Some(record) => damage_of(&record, folder),
        None => Some(format!("its '{RECORD}' is gone or damaged")),
    })
}

/// Where the form of the original with this fingerprint is kept.
pub(crate) fn entry(cache: &Cache, original: &str) -> Entry {
    let short = &original[..16.min(original.len())];
    cache.entry(Kind::Prepared, &format!("{short}-x{EXPORTER}-litert-{LITERT_VERSION}-{}", processor()))
}

/// The file of the form in `folder`.
#[cfg(feature = "export")]
pub(crate) fn model_in(folder: &Path) -> PathBuf {
    folder.join(MODEL)
}

fn read(folder: &Path) -> Option<TfLiteRecord> {
    serde_json::from_slice(&fs_err::read(folder.join(RECORD)).ok()?).ok()
}

fn damage_of(record: &TfLiteRecord, folder: &Path) -> Option<String> {
    match hash::of_file(&folder.join(MODEL)) {
        Err(error) => Some(error.to_string()),
        Ok(found) if found != record.sha256 => Some(format!("'{MODEL}' was changed")),
        Ok(_) => None,
    }
}
