//! A library that runs models beside TensorFlow in any case: found, or else installed, and kept from removal.

use super::{LibrarySearch, LocatedLibrary, search_library};
use crate::cache::Locked;
use crate::catalog::EngineLibrary;
use crate::progress::Progress;
use crate::runtime::{Places, RuntimeError};

/// Finds the library in `places`, or else lets `install` bring it; `progress` is warned of what was passed over. The lock
/// keeps it from being removed from the cache.
///
/// # Errors
/// [`RuntimeError::NoEngineLibrary`] when what the user named is of no use, or whatever `install` says.
pub fn obtain_library(
    which: EngineLibrary,
    places: &Places,
    install: impl FnOnce() -> Result<LocatedLibrary, RuntimeError>,
    progress: &dyn Progress,
) -> Result<(LocatedLibrary, Option<Locked>), RuntimeError> {
    let LibrarySearch { found, passed_over } = search_library(which, places)?;
    for other in passed_over {
        progress.warning(&format!("passed over: {other}"));
    }
    let located = found.map_or_else(install, Ok)?;
    let held = places.cache.use_path(located.file());
    Ok((located, held))
}
