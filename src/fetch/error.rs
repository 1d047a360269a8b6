//! What can go wrong while a file is brought here.

use std::path::PathBuf;

/// Why a file could not be brought here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// A folder or file of the cache cannot be used; the message names it.
    #[error("cannot use the cache: {0}")]
    Cache(#[source] std::io::Error),
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
    },
    /// An archive holds what no SavedModel's archive holds, or lacks what each has.
    #[error("{name} is not the archive of a SavedModel: {reason}")]
    Archive {
        /// Which archive.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An archive could not be unpacked for want of room or rights.
    #[error("cannot unpack into '{}': {source}", folder.display())]
    Unpack {
        /// Where to.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
