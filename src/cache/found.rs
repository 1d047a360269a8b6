//! Where a model or file was found.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::{Cache, ForeignCaches, Kind, Record};
use crate::catalog::{Model, Official, TfLiteModel};
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

/// What the TF Lite file of an entry is called.
pub(crate) const TFLITE_FILE: &str = "model.tflite";

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

    /// The TF Lite file `model`, if it is in `cache`, whole.
    pub fn tflite(model: &TfLiteModel, cache: &Cache) -> Option<Self> {
        let folder = cache.entry(Kind::Model, &model.to_string()).path().to_owned();
        is_whole(&folder).then(|| Self { path: folder.join(TFLITE_FILE), origin: Origin::Cache })
    }

    /// `model`, if it is in `cache`, or as a SavedModel in another program's, whole.
    pub fn official(model: &Official, cache: &Cache, foreign: &ForeignCaches) -> Option<Self> {
        match model {
            Official::SavedModel(model) => Self::model(model, cache, foreign),
            Official::TfLite(model) => Self::tflite(model, cache),
        }
    }
}

/// Whether a folder of the cache holds all that its record lists.
pub(crate) fn is_whole(folder: &std::path::Path) -> bool {
    match Record::read(folder) {
        Some(record) => {
            let is_tflite = record.files.iter().any(|file| file.path == TFLITE_FILE);
            record.missing(folder).is_none() && (is_tflite || saved_model::missing_file(folder).is_none())
        }
        None => false,
    }
}
