//! LiteRT in any case: found, or else installed, loaded, and kept from removal.

use std::sync::Arc;

use super::{Library, LiteRtSearch, LocatedLiteRt, search_litert};
use crate::cache::Locked;
use crate::progress::Progress;
use crate::runtime::{Places, RuntimeError};

/// Finds LiteRT in `places`, or else lets `install` bring it, and loads it; `progress` is warned of what was passed over.
/// The lock keeps it from being removed from the cache.
///
/// # Errors
/// [`RuntimeError::LiteRt`] when what the user named is of no use, or whatever `install` or the loader says.
pub fn obtain_litert(
    places: &Places,
    install: impl FnOnce() -> Result<LocatedLiteRt, RuntimeError>,
    progress: &dyn Progress,
) -> Result<(Arc<Library>, Option<Locked>), RuntimeError> {
    let LiteRtSearch { found, passed_over } = search_litert(places)?;
    for other in passed_over {
        progress.warning(&format!("passed over: {other}"));
    }
    let located = found.map_or_else(install, Ok)?;
    let held = places.cache.use_path(located.library());
    Ok((Library::load(&located)?, held))
}
