//! What the cache knows of an entry: where it came from, and every file with its size and hash.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::CacheError;
use crate::hash;
#[cfg(any(feature = "demo", feature = "fetch"))]
use crate::saved_model::fingerprint;

/// The record's file, beside the entry's own.
const FILE: &str = "movinet-tf.json";

/// One file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Below the entry's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it is: `a2-base`.
    pub name: String,
    /// Where it came from: an address without what a redirect added to it, or a path.
    pub source: String,
    /// When, in seconds since 1970.
    pub fetched: u64,
    /// All its files.
    pub files: Vec<FileRecord>,
    /// [`fingerprint`](crate::saved_model::fingerprint) of each SavedModel in it, by its folder: the entry's own is ``.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
}

impl Record {
    /// A record of what was fetched now.
    pub fn new(name: &str, source: &str, files: Vec<FileRecord>) -> Self {
        let fetched = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { name: name.to_owned(), source: source.to_owned(), fetched, files, models: BTreeMap::new() }
    }

    /// The same with the fingerprint of the SavedModel in each of `folders`, which are in `entry`.
    ///
    /// # Errors
    /// [`CacheError::Io`] when one cannot be read.
    #[cfg(any(feature = "demo", feature = "fetch"))]
    pub(crate) fn with_models(mut self, entry: &Path, folders: &[&str]) -> Result<Self, CacheError> {
        for folder in folders {
            let sha256 = fingerprint(entry.join(folder)).map_err(CacheError::Io)?;
            self.models.insert((*folder).to_owned(), sha256);
        }
        Ok(self)
    }

    /// The record in `folder`; `None` where there is none that can be read.
    pub fn read(folder: impl AsRef<Path>) -> Option<Self> {
        serde_json::from_slice(&fs_err::read(folder.as_ref().join(FILE)).ok()?).ok()
    }

    /// Writes the record into `folder`.
    ///
    /// # Errors
    /// [`CacheError::Io`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), CacheError> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| CacheError::Io(error.into()))?;
        fs_err::write(folder.as_ref().join(FILE), text).map_err(CacheError::Io)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The first file that is gone or of another length; quick enough for every use. Cleaners of temporary folders
    /// gut entries, so that a folder is there says little.
    pub(crate) fn missing(&self, folder: &Path) -> Option<&str> {
        let whole = |file: &FileRecord| {
            fs_err::metadata(folder.join(&file.path)).is_ok_and(|found| found.is_file() && found.len() == file.bytes)
        };
        self.files.iter().find(|file| !whole(file)).map(|file| file.path.as_str())
    }

    /// Every file whose content is not what was fetched, with what is wrong with it.
    pub fn damage(&self, folder: impl AsRef<Path>) -> Vec<String> {
        let folder = folder.as_ref();
        let fault = |file: &FileRecord| match hash::of_file(&folder.join(&file.path)) {
            Err(error) => Some(error.to_string()),
            Ok(found) if found != file.sha256 => Some(format!("'{}' was changed", file.path)),
            Ok(_) => None,
        };
        self.files.iter().filter_map(fault).collect()
    }
}

/// Records of all files below `folder`, for an entry that was copied.
#[cfg(feature = "fetch")]
pub(crate) fn files_in(folder: &Path) -> std::io::Result<Vec<FileRecord>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs_err::read_dir(&current)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            let (bytes, sha256) = (fs_err::metadata(&path)?.len(), hash::of_file(&path)?);
            files.push(FileRecord { path: inside, bytes, sha256 });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
