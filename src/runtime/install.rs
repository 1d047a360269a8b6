//! Installing TensorFlow's library into the cache: the official archive, else the two libraries out of the wheel.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::read::GzDecoder;

use super::{Located, Places, RuntimeError, find, installed as layout, is_installed};
use crate::cache::{Cache, CacheError, Kind};
use crate::catalog;
use crate::fetch::{Client, Downloads};
use crate::hash;
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
    let entry = layout::entry(cache);
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
                from_wheel(scratch.path(), part.path(), progress)
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

/// Has pip download the wheel into `scratch` and unpacks the libraries into `into`.
fn from_wheel(scratch: &Path, into: &Path, progress: &dyn Progress) -> Result<(), String> {
    let wheel = download_wheel(scratch, progress)?;
    let failed = |error: &dyn std::fmt::Display| format!("cannot unpack the wheel: {error}");
    check_wheel(&wheel).map_err(|error| failed(&error))?;
    let file = fs_err::File::open(&wheel).map_err(|error| failed(&error))?;
    let mut zip = zip::ZipArchive::new(file).map_err(|error| failed(&error))?;
    let mut members = Vec::new();
    for (from, to) in FROM_WHEEL {
        members.push((zip.by_name(from).map_err(|error| failed(&error))?.size(), from, to));
    }
    let task = progress.begin("unpacking TensorFlow", Some(members.iter().map(|(size, _, _)| size).sum()), Unit::Bytes);
    for (_, from, to) in members {
        let member = zip.by_name(from).map_err(|error| failed(&error))?;
        copy_into(&mut Counted::new(member, &*task), &into.join(to)).map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Has pip download the wheel, whatever Python it runs under, and returns the file.
fn download_wheel(scratch: &Path, progress: &dyn Progress) -> Result<PathBuf, String> {
    let package = format!("{}=={}", catalog::TENSORFLOW_WHEEL_PACKAGE, catalog::TENSORFLOW_VERSION);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:"])
        .args(["--disable-pip-version-check", "--quiet", "--implementation", "cp", "--python-version", "3.11"])
        .args(["--abi", "cp311", "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64", "-d"])
        .arg(scratch)
        .arg(&package)
        .env("TMPDIR", scratch) // pip downloads there first: same disk, and gone with it
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = pip.spawn().map_err(|error| format!("cannot run python3 ({error})"))?;
    let mut complaints = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        // What cannot be read of pip's complaints is only missing from the message.
        let _ = complaints.as_mut().map(|stream| stream.read_to_string(&mut text));
        text
    });
    let task = progress.begin(&format!("{package} by pip"), Some(catalog::TENSORFLOW_WHEEL_SIZE), Unit::Bytes);
    let mut shown = 0;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        let size = bytes_in(scratch).min(catalog::TENSORFLOW_WHEEL_SIZE);
        task.advance(size.saturating_sub(shown));
        shown = shown.max(size);
        std::thread::sleep(Duration::from_millis(100));
    };
    let complaints = reader.join().unwrap_or_default();
    if !status.success() {
        let line = complaints.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        return Err(format!("pip cannot download {package}: {}", line.trim()));
    }
    let entries = fs_err::read_dir(scratch).map_err(|error| error.to_string())?;
    let wheel = entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| format!("pip downloaded no wheel of {package}"))
}

/// Bytes of all files below `folder`, as far as they can be seen.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs_err::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_in(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0, // moved away in between
        })
        .sum()
}

fn check_wheel(wheel: &Path) -> Result<(), String> {
    let found = hash::of_file(wheel).map_err(|error| error.to_string())?;
    if found != catalog::TENSORFLOW_WHEEL_SHA256 {
        return Err(format!("its sha256 is {found}, not {}", catalog::TENSORFLOW_WHEEL_SHA256));
    }
    Ok(())
}

fn copy_into(from: &mut impl Read, to: &Path) -> std::io::Result<()> {
    let mut file = fs_err::File::create(to)?;
    std::io::copy(from, &mut file)?;
    file.flush()
}

fn lacking(folder: &Path, wanted: &[(&str, &'static str)]) -> Option<&'static str> {
    wanted.iter().map(|(_, to)| *to).find(|to| !folder.join(to).is_file())
}
