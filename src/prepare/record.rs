//! What is known of a prepared model, kept beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::processor::processor;
use super::{PrepareError, Proof, Rewrites, form};
use crate::cache::{Cache, CacheError, Entry, Kind};
use crate::hash;
use crate::runtime::Runtime;
use crate::saved_model::GRAPH;

/// Counts up whenever the rewriter's results change; older ones are then made anew.
pub(super) const REWRITER: u32 = 3;
/// The record's file.
const FILE: &str = "prepared.json";

/// A prepared model in the cache.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prepared {
    /// Its SavedModel folder.
    pub path: PathBuf,
    /// What it is and how it was proved.
    pub record: Record,
}

/// What is known of a prepared model, kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// [`fingerprint`](crate::saved_model::fingerprint) of the original.
    pub original: String,
    /// Version of the rewriter.
    pub rewriter: u32,
    /// TensorFlow with which it was proved.
    pub tensorflow: String,
    /// Kind of processor on which it was proved: another one has other kernels, which round differently.
    pub processor: String,
    /// Height and width in pixels of the frames that it was proved on; a stream model has a step of its own for them.
    pub size: usize,
    /// SHA-256 of its graph, which holds its weights too.
    pub sha256: String,
    /// What was done.
    pub rewrites: Rewrites,
    /// How equal it is.
    pub proof: Proof,
}

impl Record {
    /// A record of the original with this fingerprint, still to be prepared at `size`.
    pub(super) fn new(original: &str, runtime: &Runtime, size: usize, rewrites: Rewrites) -> Self {
        Self {
            original: original.to_owned(),
            rewriter: REWRITER,
            tensorflow: runtime.version().to_owned(),
            processor: processor(),
            size,
            sha256: String::new(),
            rewrites,
            proof: Proof::default(),
        }
    }

    /// Writes it and the `model` that it is of into `folder`.
    pub(super) fn write(&mut self, model: &[u8], folder: &Path) -> Result<(), PrepareError> {
        self.sha256 = hash::finish(Sha256::new_with_prefix(model));
        let write = || -> std::io::Result<()> {
            fs_err::write(folder.join(FILE), serde_json::to_vec_pretty(self)?)?;
            fs_err::write(folder.join(GRAPH), model)
        };
        write().map_err(|error| CacheError::Io(error).into())
    }
}

/// Where the prepared form of the original with this fingerprint is kept.
pub(super) fn entry(cache: &Cache, runtime: &Runtime, original: &str) -> Entry {
    let (short, version) = (&original[..16.min(original.len())], runtime.version());
    cache.entry(Kind::Prepared, &format!("{short}-r{REWRITER}-tensorflow-{version}-{}", processor()))
}

/// What the cache has of a prepared form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kept {
    /// It, whole.
    Whole(Prepared),
    /// It, but not as it was made; and the size of the frames that it was made for, where that is known.
    Damaged {
        /// Height and width in pixels.
        size: Option<usize>,
    },
    /// Nothing.
    Nothing,
}

/// The prepared form of the original with this fingerprint, if it is in the cache and was made by this rewriter, with this
/// TensorFlow, on a processor like this one. Its graph is hashed.
pub fn find(cache: &Cache, runtime: &Runtime, original: &str) -> Kept {
    let path = entry(cache, runtime, original).path().to_owned();
    if !path.is_dir() {
        return Kept::Nothing;
    }
    let Some(record) = read(&path) else { return Kept::Damaged { size: None } };
    let same = record.original == original
        && record.rewriter == REWRITER
        && record.tensorflow == runtime.version()
        && record.processor == processor();
    match same && damage_of(&record, &path).is_none() {
        true => Kept::Whole(Prepared { path, record }),
        false => Kept::Damaged { size: Some(record.size) },
    }
}

/// What is wrong with the prepared model in `folder`.
pub fn damage(folder: &Path) -> Option<String> {
    match (form::damage(folder), read(folder)) {
        (Some(damage), _) => damage,
        (None, Some(record)) => damage_of(&record, folder),
        (None, None) => Some(format!("its '{FILE}' is gone or damaged")),
    }
}

fn read(folder: &Path) -> Option<Record> {
    serde_json::from_slice(&fs_err::read(folder.join(FILE)).ok()?).ok()
}

fn damage_of(record: &Record, folder: &Path) -> Option<String> {
    match hash::of_file(&folder.join(GRAPH)) {
        Err(error) => Some(error.to_string()),
        Ok(found) if found != record.sha256 => Some(format!("'{GRAPH}' was changed")),
        Ok(_) => None,
    }
}
