//! What can go wrong while a file is brought here.

use std::path::PathBuf;

use crate::cache::CacheError;

/// Why a file could not be brought here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// What was fetched or given is another model, by its graph.
    #[error("'{from}' is not {wanted}: it is {found}")]
    OtherModel {
        /// Where it came from.
        from: String,
        /// The model that was wanted.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The cache cannot take it.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// No request can be made at all: the system's certificates or proxies cannot be used.
    #[error("cannot make requests: {reason}")]
    Client {
        /// What is wrong.
        reason: String,
    },
    /// The server could not be reached or broke off.
    #[error("cannot download {url}: {reason}")]
    Download {
        /// What was asked for.
        url: String,
        /// What happened.
        reason: String,
        /// Whether the same request can succeed later: the server was busy, the connection broke.
        transient: bool,
    },
    /// Every source was asked and none gave the model.
    #[error("cannot fetch {what} ({})", tried.join("; "))]
    NoSource {
        /// Which model.
        what: String,
        /// One line a source: its name and what it said.
        tried: Vec<String>,
    },
    /// It is not here and no network may be touched.
    #[error("{what} is not here, and offline nothing is fetched; it would come from {}", urls.join(" or "))]
    Offline {
        /// Which model or file.
        what: String,
        /// Where it would have come from.
        urls: Vec<String>,
    },
    /// What the user gave to import cannot be read; the message names it.
    #[error("cannot read what was given")]
    Given(#[source] std::io::Error),
    /// A file is not the one that is known.
    #[error("the {what} fetched are not the known ones: their sha256 is {found}, not {wanted}")]
    Hash {
        /// Which file.
        what: &'static str,
        /// Its hash.
        found: String,
        /// The known hash.
        wanted: &'static str,
    },
    /// An archive holds what no SavedModel's archive holds, or lacks what each has.
    #[error("{name} is not the archive of a SavedModel: {reason}")]
    Archive {
        /// Which archive.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was to be a TF Lite file, or an archive of one, is neither.
    #[error("{name} is neither a TF Lite file nor an archive of one: {reason}")]
    NoTfLite {
        /// What it was.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An archive could not be unpacked for want of room or rights.
    #[error("cannot unpack into '{}'", folder.display())]
    Unpack {
        /// Where to.
        folder: PathBuf,
        /// What the system said.
        #[source]
        reason: std::io::Error,
    },
}

impl FetchError {
    /// Whether the same call can succeed later without anything else being done. What can pass was tried again already,
    /// as patiently as the client's policy says.
    pub fn can_retry(&self) -> bool {
        match self {
            Self::Download { transient, .. } => *transient,
            Self::NoSource { .. } => true,
            Self::Cache(error) => error.can_retry(),
            _ => false,
        }
    }
}
