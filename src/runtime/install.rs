//! Installing TensorFlow's library into the cache: the official archive, else the two libraries out of the wheel.

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::wheel::{Wheel, copy_into};
use super::{Located, Places, RuntimeError, find, installed as layout, is_installed};
use crate::cache::{Cache, CacheError, Kind};
use crate::catalog;
use crate::fetch::{Client, Downloads};
use crate::progress::{Counted, Progress, Unit};

/// What is unpacked: the name in the archive or wheel begins with the first, and ends up as the second.
const FROM_ARCHIVE: [(&str, &str); 2] = [
    ("lib/libtensorflow_framework.so.2.", "libtensorflow_framework.so.2"),
    ("lib/libtensorflow.so.2.", "libtensorflow.so.2"),
];
const FROM_WHEEL: [(&str, &str); 2] = [
    ("tensorflow/libtensorflow_framework.so.2", "libtensorflow_framework.so.2"),
    ("tensorflow/libtensorflow_cc.so.2", "libtensorflow_cc.so.2"),
];

/// Installs the library into `cache` and returns its folder. Processes that do so at once do it once.
///
/// `archive_url` is the official archive or a mirror of it.
///
/// # Errors
/// [`RuntimeError::NoBuild`] on a platform without a build, [`RuntimeError::NotInstalled`] with what each way said,
/// [`RuntimeError::Cache`] when the cache cannot be written.
pub fn install(
    cache: &Cache,
    client: &Client,
    archive_url: &str,
    progress: &dyn Progress,
) -> Result<PathBuf, RuntimeError> {
    let (os, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    if (os, processor) != ("linux", "x86_64") {
        return Err(RuntimeError::NoBuild { platform: format!("{os} on {processor}") });
    }
    let entry = layout::tensorflow(cache);
    let target = entry.path().to_owned();
    let _lock = cache.lock(&entry)?;
    if is_installed(&target) {
        return Ok(target); // another process installed it while this one waited
    }
    let mut tried = Vec::new();
    for way in [Way::Archive, Way::Wheel] {
        let part = cache.part_for(&entry)?;
        let outcome = match way {
            Way::Archive => from_archive(client, archive_url, part.path(), progress),
            Way::Wheel => {
                let scratch = cache.part_for(&cache.entry(Kind::Runtime, "wheel"))?;
                wheel().unpack(&FROM_WHEEL, "TensorFlow", scratch.path(), part.path(), progress)
            }
        };
        match outcome {
            Ok(()) => {
                layout::write_manifest(part.path()).map_err(CacheError::Io)?;
                cache.publish(part, &entry)?;
                return Ok(target);
            }
            Err(reason) => tried.push(reason),
        }
    }
    Err(RuntimeError::NotInstalled { tried })
}

/// Installs the library from where `downloads` says and finds it, for who didn't find it in `places`.
///
/// # Errors
/// As [`install`]; [`RuntimeError::NotInstalled`] where nothing may be downloaded.
pub fn installed(places: &Places, downloads: &Downloads, progress: &dyn Progress) -> Result<Located, RuntimeError> {
    let failed = |reason: String| RuntimeError::NotInstalled { tried: vec![reason] };
    let Some(client) = downloads.client().map_err(|error| failed(error.to_string()))? else {
        return Err(failed(format!("offline, {} is not downloaded", downloads.runtime_url)));
    };
    progress.note("TensorFlow isn't on this machine: installing its library into the cache, once");
    install(&places.cache, &client, &downloads.runtime_url, progress)?;
    let here = || failed(format!("installed into '{}', but it isn't found there", places.cache.root().display()));
    find(places)?.ok_or_else(here)
}

enum Way {
    Archive,
    Wheel,
}

/// Unpacks the libraries out of the official archive at `url` into `into`, while it is downloaded.
fn from_archive(client: &Client, url: &str, into: &Path, progress: &dyn Progress) -> Result<(), String> {
    let download = client.open(url, None).map_err(|error| error.to_string())?;
    let task = progress.begin("TensorFlow's C library", download.length(), Unit::Bytes);
    let failed = |error: std::io::Error| format!("cannot unpack {url}: {error}");
    let mut tar = tar::Archive::new(GzDecoder::new(Counted::new(download, &*task)));
    for entry in tar.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let name = entry.path().map_err(failed)?.to_string_lossy().trim_start_matches("./").to_owned();
        if !entry.header().entry_type().is_file() {
            continue; // the links between the version numbers
        }
        if let Some((_, to)) = FROM_ARCHIVE.iter().find(|(from, _)| name.starts_with(from)) {
            copy_into(&mut entry, &into.join(to)).map_err(failed)?;
        }
    }
    std::io::copy(&mut tar.into_inner(), &mut std::io::sink()).map_err(failed)?; // the checksum is at the end
    lacking(into, &FROM_ARCHIVE).map_or(Ok(()), |name| Err(format!("{url} has no {name}")))
}

/// The wheel that holds the same library.
fn wheel() -> Wheel<'static> {
    Wheel {
        package: format!("{}=={}", catalog::TENSORFLOW_WHEEL_PACKAGE, catalog::TENSORFLOW_VERSION),
        platforms: &["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
        bytes: catalog::TENSORFLOW_WHEEL_SIZE,
        sha256: catalog::TENSORFLOW_WHEEL_SHA256,
    }
}

fn lacking(folder: &Path, wanted: &[(&str, &'static str)]) -> Option<&'static str> {
    wanted.iter().map(|(_, to)| *to).find(|to| !folder.join(to).is_file())
}
