//! What can be wrong with a SavedModel or a call of it.

use std::path::{Path, PathBuf};

/// Why a SavedModel cannot be loaded or called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedModelError {
    /// There is no folder of that name.
    #[error("'{}' is not a folder", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
    },
    /// The folder lacks a file that every SavedModel has.
    #[error("'{}' is not a whole SavedModel: it has no {file}", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// The missing file.
        file: &'static str,
    },
    /// A file of the folder cannot be read; the message names it.
    #[error("cannot read the SavedModel: {0}")]
    Read(std::io::Error),
    /// TensorFlow refuses to load it.
    #[error("TensorFlow cannot load '{}': {reason}", path.display())]
    Load {
        /// The folder.
        path: PathBuf,
        /// What TensorFlow said.
        reason: String,
    },
    /// It has no such signature.
    #[error("'{}' has no signature '{wanted}'; it has {}", path.display(), listed(present))]
    NoSignature {
        /// The folder.
        path: PathBuf,
        /// The signature that was asked for.
        wanted: String,
        /// Those that it has.
        present: Vec<String>,
    },
    /// A signature has no such input or output.
    #[error("signature '{signature}' of '{}' has no {role} '{wanted}'; it has {}", path.display(), listed(present))]
    NoTensor {
        /// The folder.
        path: PathBuf,
        /// The signature.
        signature: String,
        /// `input` or `output`.
        role: &'static str,
        /// The name that was asked for.
        wanted: String,
        /// Those that it has.
        present: Vec<String>,
    },
    /// A tensor is of another type or shape than the signature says.
    #[error("'{tensor}' of signature '{signature}' takes {expected}, not {got}")]
    Mismatch {
        /// The signature.
        signature: String,
        /// The input or output.
        tensor: String,
        /// Type and shape in the signature.
        expected: String,
        /// Type and shape that were given.
        got: String,
    },
    /// TensorFlow failed while it ran a signature.
    #[error("signature '{signature}' of '{}' failed: {reason}", path.display())]
    Run {
        /// The folder.
        path: PathBuf,
        /// The signature.
        signature: String,
        /// What TensorFlow said.
        reason: String,
    },
}

impl SavedModelError {
    pub(super) fn load(path: &Path, status: &tensorflow::Status) -> Self {
        Self::Load { path: path.to_owned(), reason: first_line(status) }
    }
}

/// The first line of what TensorFlow says; the rest is where in its graph it happened.
pub(super) fn first_line(status: &tensorflow::Status) -> String {
    status.to_string().lines().next().unwrap_or_default().trim_end_matches([' ', '\t', ':']).to_owned()
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    match names.len() {
        0 => "none".into(),
        count if count <= MOST => names.join(", "),
        count => format!("{}, ... ({count} in all)", names[..MOST].join(", ")),
    }
}
