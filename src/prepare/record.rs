//! What is known of a prepared model, kept beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::processor::processor;
use super::{PrepareError, Proof, Rewrites};
use crate::cache::{Cache, CacheError, Entry, Kind};
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
            rewrites,
            proof: Proof::default(),
        }
    }

    /// Writes it and the `model` that it is of into `folder`.
    pub(super) fn write(&self, model: &[u8], folder: &Path) -> Result<(), PrepareError> {
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

/// The prepared form of the original with this fingerprint, if it is in the cache and was made by this rewriter, with this
/// TensorFlow, on a processor like this one.
pub fn find(cache: &Cache, runtime: &Runtime, original: &str) -> Option<Prepared> {
    let path = entry(cache, runtime, original).path().to_owned();
    let record: Record = serde_json::from_slice(&fs_err::read(path.join(FILE)).ok()?).ok()?;
    let same = record.original == original
        && record.rewriter == REWRITER
        && record.tensorflow == runtime.version()
        && record.processor == processor()
        && path.join(GRAPH).is_file();
    same.then_some(Prepared { path, record })
}
