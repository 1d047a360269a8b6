//! Unpacking the archive of a SavedModel: streaming, strict, and into a folder of the caller's.
//!
//! An official archive is a gzipped tar with the SavedModel at its root: `./saved_model.pb`,
//! `./variables/variables.index`, `./variables/variables.data-00000-of-00001`, `./assets/`. Anything that could
//! write outside the folder, fill the disk, or leave a model half there is refused.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};
use tar::EntryType;

use super::FetchError;
use crate::cache::FileRecord;
use crate::hash;
#[cfg(feature = "fetch")]
use crate::saved_model::missing_file;

const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
const BUFFER: usize = 1 << 18;

/// What an archive may at most hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Files and folders.
    pub entries: usize,
    /// Bytes of all files together, unpacked.
    pub bytes: u64,
}

impl Default for Limits {
    /// Ten times the largest official model.
    fn default() -> Self {
        Self { entries: 1000, bytes: 4 << 30 }
    }
}

/// As [`unpack`], and insists on a SavedModel with its variables.
///
/// # Errors
/// As [`unpack`].
#[cfg(feature = "fetch")]
pub fn unpack_saved_model(
    archive: impl Read,
    name: &str,
    into: &Path,
    limits: Limits,
) -> Result<Vec<FileRecord>, FetchError> {
    let files = unpack(archive, name, into, limits)?;
    match missing_file(into) {
        Some(file) => Err(FetchError::Archive { name: name.to_owned(), reason: format!("it lacks {file}") }),
        None => Ok(files),
    }
}

/// Unpacks a gzipped tar of plain files from `archive` into the empty folder `into`.
///
/// Gives the files, hashed on the way. `name` says in errors which archive it was. On an error `into` holds rubbish: give
/// it a temporary folder.
///
/// # Errors
/// [`FetchError::Archive`] when the archive is not whole and well-behaved; [`FetchError::Unpack`] when the
/// disk refuses.
pub fn unpack(archive: impl Read, name: &str, into: &Path, limits: Limits) -> Result<Vec<FileRecord>, FetchError> {
    let fault = |reason: String| FetchError::Archive { name: name.to_owned(), reason };
    let mut compressed = BufReader::with_capacity(BUFFER, archive);
    let start = compressed.fill_buf().map_err(|error| fault(error.to_string()))?;
    if !start.starts_with(&GZIP_MAGIC) {
        return Err(fault(format!("it is not gzip{}", what_it_looks_like(start))));
    }
    let mut tar = tar::Archive::new(GzDecoder::new(compressed));
    let files = unpack_entries(&mut tar, name, into, limits)?;
    let mut rest = tar.into_inner();
    let mut padding = [0; 4096];
    loop {
        match rest.read(&mut padding) {
            Ok(0) => break,
            Ok(count) if padding[..count].iter().all(|&byte| byte == 0) => {}
            Ok(_) => return Err(fault("there is something after its end".into())),
            Err(error) => return Err(fault(damage(&error))),
        }
    }
    let mut compressed = rest.into_inner();
    if !compressed.fill_buf().map_err(|error| fault(error.to_string()))?.is_empty() {
        return Err(fault("there is something after its end".into()));
    }
    Ok(files)
}

fn unpack_entries<R: Read>(
    tar: &mut tar::Archive<R>,
    name: &str,
    into: &Path,
    limits: Limits,
) -> Result<Vec<FileRecord>, FetchError> {
    let fault = |reason: String| FetchError::Archive { name: name.to_owned(), reason };
    let mut files = Vec::new();
    let mut buffer = vec![0; BUFFER];
    let refused = |reason| FetchError::Unpack { folder: into.to_owned(), reason };
    let mut seen = HashSet::new();
    let mut bytes = 0u64;
    for entry in tar.entries().map_err(|error| fault(damage(&error)))? {
        let mut entry = entry.map_err(|error| fault(damage(&error)))?;
        let path = entry.path().map_err(|error| fault(error.to_string()))?.into_owned();
        let shown = path.display();
        let Some(inside) = relative(&path) else {
            return Err(fault(format!("its entry '{shown}' would be written outside the folder")));
        };
        let kind = entry.header().entry_type();
        if !matches!(kind, EntryType::Regular | EntryType::Directory) {
            return Err(fault(format!("its entry '{shown}' is neither a file nor a folder")));
        }
        if kind == EntryType::Regular && (inside.as_os_str().is_empty() || !seen.insert(inside.clone())) {
            return Err(fault(format!("its entry '{shown}' stands there twice")));
        }
        if seen.len() > limits.entries {
            return Err(fault(format!("it has more than {} files", limits.entries)));
        }
        bytes = bytes.saturating_add(entry.size());
        if bytes > limits.bytes {
            return Err(fault(format!("unpacked it takes more than {} bytes", limits.bytes)));
        }
        let target = into.join(&inside);
        if kind == EntryType::Directory {
            fs_err::create_dir_all(&target).map_err(refused)?;
            continue;
        }
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent).map_err(refused)?;
        }
        let mut file = fs_err::OpenOptions::new().write(true).create_new(true).open(&target).map_err(refused)?;
        let mut sum = Sha256::new();
        loop {
            let count = entry.read(&mut buffer).map_err(|error| fault(damage(&error)))?;
            if count == 0 {
                break;
            }
            sum.update(&buffer[..count]);
            file.write_all(&buffer[..count]).map_err(refused)?;
        }
        files.push(FileRecord {
            path: inside.to_string_lossy().into_owned(),
            bytes: entry.size(),
            sha256: hash::finish(sum),
        });
    }
    Ok(files)
}

/// `path` with `.` taken out; `None` when it leaves the folder.
fn relative(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => inside.push(part),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(inside)
}

fn what_it_looks_like(start: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(&start[..start.len().min(256)]).trim_start().to_ascii_lowercase();
    match () {
        () if start.is_empty() => " (it is empty)",
        () if text.starts_with("<!doctype") || text.starts_with("<html") => " but a web page",
        () if start.starts_with(b"PK") => " but a zip file",
        () => "",
    }
}

fn damage(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it ends too early".into(),
        _ => format!("it is damaged ({error})"),
    }
}

#[cfg(test)]
#[cfg(feature = "fetch")]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    const FILES: [(&str, &[u8]); 3] = [
        ("./saved_model.pb", b"graph"),
        ("./variables/variables.index", b"index"),
        ("./variables/variables.data-00000-of-00001", b"weights"),
    ];

    fn header(path: &str, kind: EntryType, size: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the crate refuses to write what an attacker would.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header
    }

    fn tarball(extra: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, content) in FILES {
            tar.append(&header(path, EntryType::Regular, content.len() as u64), content).unwrap();
        }
        for (path, kind, content) in extra {
            tar.append(&header(path, *kind, content.len() as u64), *content).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    fn unpack(archive: &[u8], limits: Limits) -> Result<tempfile::TempDir, String> {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("inner");
        fs_err::create_dir(&into).unwrap();
        let result = unpack_saved_model(archive, "x", &into, limits).map_err(|error| error.to_string());
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1, "nothing is written outside");
        result.map(|_| folder)
    }

    fn refusal(archive: &[u8]) -> String {
        unpack(archive, Limits::default()).unwrap_err()
    }

    #[test]
    fn the_official_layout_is_unpacked() {
        let folder = unpack(&tarball(&[("./assets/", EntryType::Directory, b"")]), Limits::default()).unwrap();
        let inner = folder.path().join("inner");
        for (path, content) in FILES {
            assert_eq!(fs_err::read(inner.join(path)).unwrap(), content);
        }
        assert!(inner.join("assets").is_dir());
    }

    #[test]
    fn what_leaves_the_folder_is_refused() {
        for path in ["../evil", "./a/../../evil", "/tmp/evil"] {
            assert!(refusal(&tarball(&[(path, EntryType::Regular, b"x")])).contains("outside the folder"), "{path}");
        }
    }

    #[test]
    fn links_and_devices_are_refused() {
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo] {
            assert!(refusal(&tarball(&[("./x", kind, b"")])).contains("neither a file nor a folder"), "{kind:?}");
        }
    }

    #[test]
    fn duplicates_bombs_and_crowds_are_refused() {
        assert!(refusal(&tarball(&[("saved_model.pb", EntryType::Regular, b"x")])).contains("twice"));
        let zeros = vec![0; 1 << 20];
        let bomb = tarball(&[("./assets/zeros", EntryType::Regular, &zeros)]);
        assert!(unpack(&bomb, Limits { entries: 10, bytes: 1 << 19 }).unwrap_err().contains("more than 524288 bytes"));
        assert!(
            unpack(&tarball(&[]), Limits { entries: 2, bytes: 1 << 20 }).unwrap_err().contains("more than 2 files")
        );
    }

    #[test]
    fn damage_is_told() {
        let whole = tarball(&[]);
        assert!(refusal(&[&whole[..], b"garbage"].concat()).contains("after its end"));
        assert!(refusal(&whole[..whole.len() - 5]).contains("ends too early"));
        assert!(refusal(b"<!DOCTYPE html><p>sign in").contains("web page"));
        assert!(refusal(b"").contains("empty"));
    }

    #[test]
    fn a_model_without_variables_is_refused() {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        tar.append(&header("saved_model.pb", EntryType::Regular, 1), &b"x"[..]).unwrap();
        let archive = tar.into_inner().unwrap().finish().unwrap();
        assert!(refusal(&archive).contains("lacks variables/variables.index"));
    }

    proptest! {
        /// Whatever single byte of an archive is changed, the result is an error or the right files, never a panic
        /// and nothing outside the folder.
        #[test]
        fn a_changed_byte_never_gives_a_wrong_model(at in 0usize..10_000, flip in 1u8..=255) {
            let mut archive = tarball(&[]);
            let at = at % archive.len();
            archive[at] ^= flip;
            if let Ok(folder) = unpack(&archive, Limits::default()) {
                for (path, content) in FILES {
                    prop_assert_eq!(fs_err::read(folder.path().join("inner").join(path)).unwrap(), content);
                }
            }
        }

        #[test]
        fn any_bytes_end_in_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(unpack(&bytes, Limits::default()).is_err());
        }
    }
}
