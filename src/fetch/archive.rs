//! Unpacking the archive of a SavedModel: streaming, strict, and into a folder of the caller's.
//!
//! An official archive is a gzipped tar with the SavedModel at its root: `./saved_model.pb`,
//! `./variables/variables.index`, `./variables/variables.data-00000-of-00001`, `./assets/`. Archives that people make
//! are tars without gzip too, and have the model in a folder. Anything that could write outside the folder, fill the
//! disk, or leave a model half there is refused.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::path::{Component, Path, PathBuf};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};
use tar::EntryType;

use super::FetchError;
#[cfg(feature = "fetch")]
use super::nested;
use crate::cache::FileRecord;
use crate::hash;

const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
const TAR_BLOCK: usize = 512;
const TAR_MAGIC_AT: usize = 257;
const SOMETHING_AFTER: &str = "there is something after its end";
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

/// As [`unpack`], and insists on a SavedModel with its variables, which it brings to the top of `into` where it is the
/// only one and in a folder of the archive's.
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
    nested::bring_up(files, name, into)
}

/// Unpacks a tar of plain files, gzipped or not, from `archive` into the empty folder `into`.
///
/// Gives the files, hashed on the way. `name` says in errors which archive it was. On an error `into` holds rubbish: give
/// it a temporary folder.
///
/// # Errors
/// [`FetchError::Archive`] when the archive is not whole and well-behaved; [`FetchError::Unpack`] when the
/// disk refuses.
pub fn unpack(archive: impl Read, name: &str, into: &Path, limits: Limits) -> Result<Vec<FileRecord>, FetchError> {
    let fault = |reason: String| FetchError::Archive { name: name.to_owned(), reason };
    let mut reader = BufReader::with_capacity(BUFFER, archive);
    let mut start = Vec::with_capacity(TAR_BLOCK);
    reader.by_ref().take(TAR_BLOCK as u64).read_to_end(&mut start).map_err(|error| fault(error.to_string()))?;
    let (is_gzip, is_tar) = (start.starts_with(&GZIP_MAGIC), start.get(TAR_MAGIC_AT..).is_some_and(has_tar_magic));
    if !is_gzip && !is_tar {
        return Err(fault(format!("it is neither gzip nor tar{}", what_it_looks_like(&start))));
    }
    let reader = Cursor::new(start).chain(reader);
    if is_tar {
        return Ok(unpack_tar(reader, name, into, limits)?.0);
    }
    let (files, gzip) = unpack_tar(GzDecoder::new(reader), name, into, limits)?;
    match gzip.into_inner().fill_buf() {
        Ok([]) => Ok(files),
        Ok(_) => Err(fault(SOMETHING_AFTER.into())),
        Err(error) => Err(fault(error.to_string())),
    }
}

/// Unpacks all of a tar, and gives its reader back, at its end.
fn unpack_tar<R: Read>(reader: R, name: &str, into: &Path, limits: Limits) -> Result<(Vec<FileRecord>, R), FetchError> {
    let fault = |reason: String| FetchError::Archive { name: name.to_owned(), reason };
    let mut tar = tar::Archive::new(reader);
    let files = unpack_entries(&mut tar, name, into, limits)?;
    let mut rest = tar.into_inner();
    let mut padding = [0; 4096];
    loop {
        match rest.read(&mut padding) {
            Ok(0) => return Ok((files, rest)),
            Ok(count) if padding[..count].iter().all(|&byte| byte == 0) => {}
            Ok(_) => return Err(fault(SOMETHING_AFTER.into())),
            Err(error) => return Err(fault(damage(&error))),
        }
    }
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

fn has_tar_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ustar")
}

fn what_it_looks_like(start: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(&start[..start.len().min(256)]).trim_start().to_ascii_lowercase();
    match () {
        () if start.is_empty() => " (it is empty)",
        () if text.starts_with("<!doctype") || text.starts_with("<html") => " but a web page",
        () if start.starts_with(b"PK") => " but a zip file",
        () if start.starts_with(b"BZh") => " but bzip2",
        () if start.starts_with(b"\xfd7zXZ\0") => " but xz",
        () if start.starts_with(b"\x28\xb5\x2f\xfd") => " but zstd",
        () if start.starts_with(b"7z\xbc\xaf") => " but a 7z file",
        () if start.starts_with(b"\x89HDF") => " but HDF5, as Keras saves it",
        () if start.get(4..8) == Some(b"TFL3") => " but a TensorFlow Lite model",
        () => "",
    }
}

fn damage(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it ends too early".into(),
        _ => format!("it is damaged ({error})"),
    }
}
