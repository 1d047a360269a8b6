//! Installing a library that runs models beside TensorFlow into the cache, out of its wheel.

use super::find::build_for;
use super::{LocatedLibrary, find_library};
use crate::catalog::EngineLibrary;
use crate::fetch::Downloads;
use crate::progress::Progress;
use crate::runtime::wheel::FromWheel;
use crate::runtime::{Places, RuntimeError, installed};

/// Installs the library into the cache of `places`, if it is not there whole, and finds it. Processes that do so at once do
/// it once.
///
/// # Errors
/// [`RuntimeError::NoBuildOfEngineLibrary`] on a platform without a build, [`RuntimeError::EngineLibraryNotInstalled`] when
/// it cannot be had or nothing may be downloaded, [`RuntimeError::Cache`] when the cache cannot be written.
pub fn install_library(
    which: EngineLibrary,
    places: &Places,
    downloads: &Downloads,
    progress: &dyn Progress,
) -> Result<LocatedLibrary, RuntimeError> {
    let failed = |reason| RuntimeError::EngineLibraryNotInstalled { which, reason };
    let build = build_for(which, std::env::consts::OS, std::env::consts::ARCH)?;
    let cache = &places.cache;
    let members: Vec<_> = build.files.iter().map(|file| (file.member, file.name())).collect();
    let (what, package) = (&which.to_string(), which.package());
    let wheel = FromWheel { what, package, build: &build.wheel, members: &members, failed: &failed };
    wheel.install(cache, &installed::engine_library(cache, which), downloads, progress, |_| Ok(()))?;
    let here = || failed(format!("installed into '{}', but it isn't found there", cache.root().display()));
    find_library(which, places)?.ok_or_else(here)
}
