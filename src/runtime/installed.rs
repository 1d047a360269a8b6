//! What an installed library looks like in the cache.

use std::path::Path;

use crate::cache::{Cache, Entry, Kind};
use crate::catalog;

/// Lists the installed files with their sizes, so that a folder that lost or cut one is not taken for whole.
const MANIFEST: &str = "sizes.txt";

/// The entry that the library is installed as.
pub(super) fn entry(cache: &Cache) -> Entry {
    cache.entry(Kind::Runtime, &format!("tensorflow-{}", catalog::TENSORFLOW_VERSION))
}

/// Whether all files that were installed into `folder` are still there at their full length.
pub fn is_installed(folder: &Path) -> bool {
    let Ok(manifest) = fs_err::read_to_string(folder.join(MANIFEST)) else { return false };
    manifest.lines().count() > 0
        && manifest.lines().all(|line| {
            line.split_once(' ').is_some_and(|(size, name)| {
                fs_err::metadata(folder.join(name)).is_ok_and(|found| size.parse() == Ok(found.len()))
            })
        })
}

/// Writes down what is in `folder` now.
#[cfg(any(feature = "fetch", test))]
pub(super) fn write_manifest(folder: &Path) -> std::io::Result<()> {
    let mut lines = String::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        lines += &format!("{} {}\n", entry.metadata()?.len(), entry.file_name().to_string_lossy());
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
        assert!(is_installed(folder.path()));
        fs_err::write(folder.path().join("libtensorflow.so.2"), b"01234").unwrap();
        assert!(!is_installed(folder.path()), "cut");
        fs_err::remove_file(folder.path().join("libtensorflow.so.2")).unwrap();
        assert!(!is_installed(folder.path()), "gone");
    }
}
