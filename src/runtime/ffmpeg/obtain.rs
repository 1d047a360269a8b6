//! An ffmpeg in any case: found, or else installed, and kept from removal.

use super::find::search;
use super::{Ffmpeg, FfmpegPlaces, FfmpegSearch};
use crate::cache::Locked;
use crate::progress::Progress;
use crate::runtime::RuntimeError;

/// Finds ffmpeg in `places`, or else lets `install` bring it; `progress` is warned of what was passed over. One that was
/// tried before and is still the same file is not tried again. The lock keeps it from being removed from the cache.
///
/// # Errors
/// [`RuntimeError::Ffmpeg`] when what the user named is of no use, or whatever `install` says.
pub fn obtain_ffmpeg(
    places: &FfmpegPlaces,
    install: impl FnOnce() -> Result<Ffmpeg, RuntimeError>,
    progress: &dyn Progress,
) -> Result<(Ffmpeg, Option<Locked>), RuntimeError> {
    let FfmpegSearch { found, passed_over } = search(places, true)?;
    for other in passed_over {
        progress.warning(&format!("passed over: {other}"));
    }
    let ffmpeg = found.map_or_else(install, Ok)?;
    let held = places.cache.use_path(ffmpeg.program());
    Ok((ffmpeg, held))
}
