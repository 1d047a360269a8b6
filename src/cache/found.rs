//! Where a model or file was found.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::{Cache, ForeignCaches, Kind, Record};
use crate::catalog::Model;
use crate::saved_model;

/// Where a model or file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It came with the program.
    Bundled,
    /// A folder that was named.
    Folder,
    /// The project's own cache.
    Cache,
    /// The cache of Python's tensorflow_hub.
    TensorflowHub,
    /// The cache of Python's kagglehub.
    Kagglehub,
    /// Elsewhere on this machine: a library or program that others installed.
    Machine,
    /// It was not here and was fetched now.
    Fetched,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundled => "bundled",
            Self::Folder => "folder",
            Self::Cache => "cache",
            Self::TensorflowHub => "tensorflow_hub",
            Self::Kagglehub => "kagglehub",
            Self::Machine => "machine",
            Self::Fetched => "fetched",
        })
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The folder or file.
    pub path: PathBuf,
    /// Where that is.
    pub origin: Origin,
}

impl Found {
    /// `model`, if it is in `cache` or in another program's, whole.
    pub fn model(model: &Model, cache: &Cache, foreign: &ForeignCaches) -> Option<Self> {
        let path = cache.entry(Kind::Model, &model.to_string()).path().to_owned();
        if is_whole(&path) {
            return Some(Self { path, origin: Origin::Cache });
        }
        foreign.find(model)
    }
}

/// Whether a folder of the cache holds all that its record lists.
pub(crate) fn is_whole(folder: &std::path::Path) -> bool {
    match Record::read(folder) {
        Some(record) => record.missing(folder).is_none() && saved_model::missing_file(folder).is_none(),
        None => false,
    }
}
