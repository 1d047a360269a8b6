//! Installing LiteRT into the cache, out of a wheel that has it as one file.

use super::find::{NAME, build_for};
use super::{LocatedLiteRt, find_litert};
use crate::cache::{CacheError, Kind};
use crate::catalog::LITERT_WHEEL;
use crate::fetch::Downloads;
use crate::progress::Progress;
use crate::runtime::wheel::Wheel;
use crate::runtime::{Places, RuntimeError, damage, installed};

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
    let failed = |reason: String| RuntimeError::LiteRtNotInstalled { reason };
    let build = build_for(std::env::consts::OS, std::env::consts::ARCH)?;
    if downloads.offline {
        return Err(failed(format!("offline, {LITERT_WHEEL} is not downloaded")));
    }
    let cache = &places.cache;
    let entry = installed::litert(cache);
    let lock = cache.lock(&entry)?;
    // Another process may have installed it while this one waited; one that was changed is made anew.
    if !damage(entry.path()).is_empty() {
        progress.note("LiteRT isn't on this machine: installing it into the cache, once");
        let part = cache.part_for(&entry)?;
        let scratch = cache.part_for(&cache.entry(Kind::Runtime, "wheel"))?;
        let wheel = Wheel {
            package: LITERT_WHEEL.to_owned(),
            platforms: &[build.platform],
            bytes: build.bytes,
            sha256: build.sha256,
        };
        wheel.unpack(&[(build.member, NAME)], "LiteRT", scratch.path(), part.path(), progress).map_err(failed)?;
        installed::write_manifest(part.path()).map_err(CacheError::Io)?;
        cache.publish(part, &entry)?;
    }
    drop(lock);
    let here = || failed(format!("installed into '{}', but it isn't found there", cache.root().display()));
    find_litert(places)?.ok_or_else(here)
}
