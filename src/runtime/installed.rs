//! What an installed library or program looks like in the cache.

use std::path::Path;

use crate::cache::{Cache, Entry, Kind};
use crate::catalog::{self, EngineLibrary};
use crate::hash;

/// Lists the installed files with their sizes and hashes: `size name sha256`, the hash being absent in old ones. A folder
/// that lost or cut one is not taken for whole.
const MANIFEST: &str = "sizes.txt";

/// The entry that TensorFlow's library is installed as.
pub(super) fn tensorflow(cache: &Cache) -> Entry {
    cache.entry(Kind::Runtime, &format!("tensorflow-{}", catalog::TENSORFLOW_VERSION))
}

/// The entry that a library beside it is installed as.
pub(super) fn engine_library(cache: &Cache, which: EngineLibrary) -> Entry {
    cache.entry(Kind::Runtime, &format!("{}-{}", which.key(), which.version()))
}

/// The entry that ffmpeg is installed as.
pub(super) fn ffmpeg(cache: &Cache) -> Entry {
    cache.entry(Kind::Program, &format!("ffmpeg-{}", catalog::FFMPEG_VERSION))
}

/// Whether all files that were installed into `folder` are still there at their full length.
pub fn is_installed(folder: &Path) -> bool {
    let Ok(manifest) = fs_err::read_to_string(folder.join(MANIFEST)) else { return false };
    let is_there = |file: File| fs_err::metadata(folder.join(file.name)).is_ok_and(|found| found.len() == file.bytes);
    manifest.lines().count() > 0 && manifest.lines().all(|line| File::parse(line).is_some_and(is_there))
}

/// What is wrong with what was installed into `folder`: every file is read.
pub fn damage(folder: &Path) -> Vec<String> {
    if !is_installed(folder) {
        return vec!["a file is gone or cut short".into()];
    }
    let manifest = fs_err::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let fault = |file: File| match hash::of_file(&folder.join(file.name)) {
        Err(error) => Some(error.to_string()),
        Ok(found) if file.sha256.is_some_and(|sha256| sha256 != found) => Some(format!("'{}' was changed", file.name)),
        Ok(_) => None,
    };
    manifest.lines().filter_map(File::parse).filter_map(fault).collect()
}

/// A line of the manifest.
struct File<'a> {
    bytes: u64,
    name: &'a str,
    sha256: Option<&'a str>,
}

impl<'a> File<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split(' ');
        Some(Self { bytes: words.next()?.parse().ok()?, name: words.next()?, sha256: words.next() })
    }
}

/// Writes down what is in `folder` now.
#[cfg(any(feature = "fetch", test))]
pub(super) fn write_manifest(folder: &Path) -> std::io::Result<()> {
    let mut lines = String::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let (bytes, sha256) = (entry.metadata()?.len(), hash::of_file(&entry.path())?);
        lines += &format!("{bytes} {} {sha256}\n", entry.file_name().to_string_lossy());
    }
    fs_err::write(folder.join(MANIFEST), lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_whole_only_with_all_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_installed(folder.path()), "no manifest");
        fs_err::write(folder.path().join("libtensorflow.so.2"), b"0123456789").unwrap();
        write_manifest(folder.path()).unwrap();
        assert!(is_installed(folder.path()) && damage(folder.path()).is_empty());
        fs_err::write(folder.path().join("libtensorflow.so.2"), b"0123456788").unwrap();
        assert!(is_installed(folder.path()), "quick, for every use");
        assert_eq!(damage(folder.path()), ["'libtensorflow.so.2' was changed"]);
        fs_err::write(folder.path().join("libtensorflow.so.2"), b"01234").unwrap();
        assert!(!is_installed(folder.path()), "cut");
        fs_err::remove_file(folder.path().join("libtensorflow.so.2")).unwrap();
        assert!(!is_installed(folder.path()), "gone");
    }
}
