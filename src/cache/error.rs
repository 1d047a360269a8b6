//! What can be wrong with the cache.

use std::io;

/// Why the cache could not do what was asked of it; it is then as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// A folder or file of the cache cannot be read or written; the source names it.
    #[error("cannot use the cache")]
    Io(#[source] io::Error),
    /// An entry would be removed or replaced while a running process uses it.
    #[error("{entry} is in use by a running process")]
    InUse {
        /// Which entry.
        entry: String,
    },
}

impl CacheError {
    /// Whether the same call can succeed later without anything else being done.
    pub fn can_retry(&self) -> bool {
        matches!(self, Self::InUse { .. })
    }
}
