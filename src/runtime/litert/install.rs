//! Installing LiteRT into the cache, out of a wheel that has it as one file.

use super::find::{NAME, build_for};
use super::{LocatedLiteRt, find_litert};
use crate::catalog::LITERT_WHEEL;
use crate::fetch::Downloads;
use crate::progress::Progress;
use crate::runtime::wheel::FromWheel;
use crate::runtime::{Places, RuntimeError, installed};

/// Installs LiteRT into the cache of `places`, if it is not there whole, and finds it. Processes that do so at once do it
/// once.
///
/// # Errors
/// [`RuntimeError::LiteRtNoBuild`] on a platform without a build, [`RuntimeError::LiteRtNotInstalled`] when it cannot be
/// had or nothing may be downloaded, [`RuntimeError::Cache`] when the cache cannot be written.
pub fn install_litert(
    places: &Places,
    downloads: &Downloads,
    progress: &dyn Progress,
) -> Result<LocatedLiteRt, RuntimeError> {
    let failed = |reason| RuntimeError::LiteRtNotInstalled { reason };
    let build = &build_for(std::env::consts::OS, std::env::consts::ARCH)?.wheel;
    let cache = &places.cache;
    let wheel = FromWheel { what: "LiteRT", package: LITERT_WHEEL, build, name: NAME, failed };
    wheel.install(cache, &installed::litert(cache), downloads, progress, |_| Ok(()))?;
    let here = || failed(format!("installed into '{}', but it isn't found there", cache.root().display()));
    find_litert(places)?.ok_or_else(here)
}
