//! Why a model cannot be had.

use std::path::PathBuf;

use super::CardError;
use crate::catalog::{Official, UnknownModel, Variation};
#[cfg(any(feature = "demo", feature = "fetch"))]
use crate::fetch::FetchError;
use crate::predict::LabelsError;

/// Why a model, or the names of its classes, cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// There is neither a folder nor a model of that name.
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    /// A base model is needed and a stream model was named, or the other way round.
    #[error("'{model}' is no {wanted} model")]
    Variation {
        /// The model that was named.
        model: String,
        /// What is needed.
        wanted: Variation,
    },
    /// It is in no cache, and nothing may be fetched.
    #[error("{model} is not here, and nothing is fetched")]
    NotHere {
        /// Which model.
        model: Official,
    },
    /// It cannot be fetched, or the demo not be unpacked.
    #[cfg(any(feature = "demo", feature = "fetch"))]
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What its maker says of it cannot be used.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The names of its classes cannot be used.
    #[error(transparent)]
    Labels(#[from] LabelsError),
    /// What is there is no model.
    #[error("'{}' is neither a SavedModel folder nor a TF Lite file", path.display())]
    NoModel {
        /// What was given.
        path: PathBuf,
    },
    /// A path cannot be understood.
    #[error("cannot use the path '{}'", path.display())]
    Path {
        /// What was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ModelError {
    /// Whether the same call can succeed later without anything else being done.
    pub fn can_retry(&self) -> bool {
        match self {
            #[cfg(any(feature = "demo", feature = "fetch"))]
            Self::Fetch(error) => error.can_retry(),
            _ => false,
        }
    }
}
