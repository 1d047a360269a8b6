//! Installing ffmpeg into the cache, out of a wheel that has it as one file.

use std::os::unix::fs::PermissionsExt;

use super::find::{NAME, tried};
use super::{Ffmpeg, FfmpegPlace};
use crate::cache::Cache;
use crate::catalog::{FFMPEG_BUILDS, FFMPEG_WHEEL, FfmpegBuild};
use crate::fetch::Downloads;
use crate::progress::Progress;
use crate::runtime::wheel::FromWheel;
use crate::runtime::{RuntimeError, installed};

/// Installs ffmpeg into `cache`, if it is not there whole, and tries it. Processes that do so at once do it once.
///
/// # Errors
/// [`RuntimeError::FfmpegNoBuild`] on a platform without a build, [`RuntimeError::FfmpegNotInstalled`] when it cannot be
/// had or nothing may be downloaded, [`RuntimeError::Ffmpeg`] when the build does not run here, [`RuntimeError::Cache`]
/// when the cache cannot be written.
pub fn install_ffmpeg(cache: &Cache, downloads: &Downloads, progress: &dyn Progress) -> Result<Ffmpeg, RuntimeError> {
    let failed = |reason| RuntimeError::FfmpegNotInstalled { reason };
    let build = build_for(std::env::consts::OS, std::env::consts::ARCH)?;
    let entry = installed::ffmpeg(cache);
    let members = &[(build.member, NAME)];
    let wheel = FromWheel { what: "ffmpeg", package: FFMPEG_WHEEL, build: &build.wheel, members, failed: &failed };
    wheel.install(cache, &entry, downloads, progress, |folder| {
        fs_err::set_permissions(folder.join(NAME), PermissionsExt::from_mode(0o755))
    })?;
    tried(&entry.path().join(NAME), FfmpegPlace::Cache, cache, false)
}

fn build_for(os: &str, processor: &str) -> Result<&'static FfmpegBuild, RuntimeError> {
    let build = FFMPEG_BUILDS.iter().find(|build| (build.wheel.os, build.wheel.processor) == (os, processor));
    build.ok_or_else(|| RuntimeError::FfmpegNoBuild { platform: format!("{os} on {processor}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_build_it_is_said_for_which_machine() {
        for (os, processor) in [("linux", "x86_64"), ("linux", "aarch64")] {
            assert!(build_for(os, processor).unwrap().wheel.platform.ends_with(processor));
        }
        for (os, processor) in [("macos", "aarch64"), ("linux", "riscv64"), ("windows", "x86_64")] {
            let error = build_for(os, processor).unwrap_err().to_string();
            assert!(error.ends_with(&format!("no build to install for {os} on {processor}")), "{error}");
        }
    }
}
