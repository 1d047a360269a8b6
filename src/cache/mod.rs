//! The folder that keeps what was downloaded or made: entries, locks, and records of what they hold.
//!
//! Everything that is put into it is made in a folder beside its place, synced, and renamed: whole or not at all.

mod entry;
mod error;
mod foreign;
mod found;
mod holder;
mod lock;
mod record;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use tempfile::TempDir;

pub use entry::{Entry, Kind};
pub use error::CacheError;
pub use foreign::ForeignCaches;
pub use found::{Found, Origin};
#[cfg(feature = "fetch")]
pub(crate) use found::{TFLITE_FILE, is_whole};
pub use lock::Locked;
#[cfg(feature = "fetch")]
pub(crate) use record::files_in;
pub use record::{FileRecord, Record};

use crate::progress::{Progress, Silent};

/// Marks the folder for backup programs: <https://bford.info/cachedir/>.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n# Downloads of movinet-tf; safe to delete.\n";
/// Begins the name of everything that is not yet whole.
const PART: &str = ".part-";

/// The download root.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    /// Is told who is waited for.
    progress: Arc<dyn Progress>,
    /// The operating system's lock; another one in tests.
    try_lock: lock::TryLock,
    no_locks_said: Arc<Once>,
}

impl PartialEq for Cache {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Cache {}

/// An empty folder beside an entry's place, gone when dropped, to be filled and then published.
#[derive(Debug)]
#[must_use = "a part that is dropped is gone"]
pub(crate) struct Part {
    folder: TempDir,
}

impl Part {
    /// The folder to fill.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Cache {
    /// The cache at `root`; nothing is made until something is kept in it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let (progress, no_locks_said) = (Arc::new(Silent), Arc::new(Once::new()));
        Self { root: root.into(), progress, try_lock: lock::try_lock, no_locks_said }
    }

    /// The same, which tells `progress` whom it waits for.
    #[must_use]
    pub fn telling(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress, ..self }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The entry of this kind whose folder or file is called `file_name`, whether it is there or not.
    pub fn entry(&self, kind: Kind, file_name: &str) -> Entry {
        Entry::new(&self.root, kind, file_name)
    }

    /// Everything that is whole in the cache, ordered by name.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, CacheError> {
        let mut entries = Vec::new();
        for kind in Kind::ALL {
            let folder = self.root.join(kind.folder());
            if !folder.is_dir() {
                continue;
            }
            for found in fs_err::read_dir(&folder).map_err(CacheError::Io)? {
                let name = found.map_err(CacheError::Io)?.file_name().to_string_lossy().into_owned();
                if !name.starts_with(PART) {
                    entries.push(self.entry(kind, &name));
                }
            }
        }
        entries.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(entries)
    }

    /// As [`Cache::use_entry`], for the entry that `path` is or lies in; `None` where it is outside the cache.
    pub fn use_path(&self, path: impl AsRef<Path>) -> Option<Locked> {
        // Either may be relative or lead through links.
        let path = fs_err::canonicalize(path.as_ref()).ok()?;
        let is_at = |entry: &Entry| fs_err::canonicalize(entry.path()).is_ok_and(|entry| path.starts_with(entry));
        let entry = self.entries().ok()?.into_iter().find(is_at)?;
        self.use_entry(&entry)
    }

    /// Removes `entry`, unless a running process uses it.
    ///
    /// # Errors
    /// [`CacheError::InUse`], or [`CacheError::Io`] when it cannot be removed.
    pub fn remove(&self, entry: &Entry) -> Result<(), CacheError> {
        let _lock = self.lock_to(entry, &format!("removes {}", entry.name()))?;
        let _unused = self.unused(entry)?;
        if entry.path().is_dir() {
            // Out of sight first: a folder that is half removed must not be taken for whole.
            let name = entry.path().file_name().unwrap_or_default().to_string_lossy();
            let gone = entry.path().with_file_name(format!("{PART}{name}-removed"));
            fs_err::rename(entry.path(), &gone).map_err(CacheError::Io)?;
            return fs_err::remove_dir_all(gone).map_err(CacheError::Io);
        }
        fs_err::remove_file(entry.path()).map_err(CacheError::Io)
    }

    /// A folder to make `entry` in.
    ///
    /// Left-overs of processes that were killed are removed: call it with the lock on `entry` held.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be made.
    pub(crate) fn part_for(&self, entry: &Entry) -> Result<Part, CacheError> {
        let target = entry.path();
        let parent = target.parent().unwrap_or(&self.root);
        self.make(parent)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!("{PART}{name}-");
        for found in fs_err::read_dir(parent).map_err(CacheError::Io)?.flatten() {
            if found.file_name().to_string_lossy().starts_with(&prefix) && found.path().is_dir() {
                fs_err::remove_dir_all(found.path()).map_err(CacheError::Io)?;
            }
        }
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(CacheError::Io)?;
        Ok(Part { folder })
    }

    /// Makes a finished part the entry: everything on disk, then one rename.
    ///
    /// # Errors
    /// [`CacheError::InUse`] when a process uses what it would replace, [`CacheError::Io`] when the disk refuses.
    pub(crate) fn publish(&self, part: Part, entry: &Entry) -> Result<(), CacheError> {
        let target = entry.path();
        sync_tree(part.path()).map_err(CacheError::Io)?;
        if target.exists() {
            // What is there failed its check, or the caller would not be replacing it.
            let _unused = self.unused(entry)?;
            fs_err::remove_dir_all(target).map_err(CacheError::Io)?;
        }
        fs_err::rename(part.path(), target).map_err(CacheError::Io)?;
        let _gone = part.folder.keep(); // renamed: nothing is left to remove
        if let Some(parent) = target.parent() {
            fs_err::File::open(parent).and_then(|folder| folder.sync_all()).map_err(CacheError::Io)?;
        }
        Ok(())
    }

    /// Puts a small file into the cache, whole or not at all.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the disk refuses.
    #[cfg(feature = "fetch")]
    pub(crate) fn publish_file(&self, content: &[u8], entry: &Entry) -> Result<(), CacheError> {
        self.write(content, entry.path())
    }

    /// Writes a small file that is no entry, at `path` below the cache's folder, whole or not at all.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the disk refuses.
    pub(crate) fn write_file(&self, path: &str, content: &[u8]) -> Result<(), CacheError> {
        self.write(content, &self.root.join(path))
    }

    fn write(&self, content: &[u8], path: &Path) -> Result<(), CacheError> {
        let parent = path.parent().unwrap_or(&self.root);
        self.make(parent)?;
        let write = || -> std::io::Result<()> {
            let mut part = tempfile::Builder::new().prefix(PART).tempfile_in(parent)?;
            part.write_all(content)?;
            part.as_file().sync_all()?;
            part.persist(path).map(drop).map_err(|error| error.error)
        };
        write().map_err(CacheError::Io)
    }

    fn make(&self, folder: &Path) -> Result<(), CacheError> {
        fs_err::create_dir_all(folder).map_err(CacheError::Io)?;
        let tag = self.root.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs_err::File::create(&tag).and_then(|mut file| file.write_all(TAG)).map_err(CacheError::Io)?;
        }
        Ok(())
    }
}

fn sync_tree(folder: &Path) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_tree(&entry.path())?;
        } else if kind.is_file() {
            fs_err::File::open(entry.path())?.sync_all()?;
        }
    }
    fs_err::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(cache: &Cache, entry: &Entry, content: &str) -> Part {
        let part = cache.part_for(entry).unwrap();
        fs_err::write(part.path().join("file"), content).unwrap();
        part
    }

    #[test]
    fn publishing_is_whole_and_leaves_no_parts() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path());
        let entry = cache.entry(Kind::Model, "a0-base");
        let _lock = cache.lock(&entry).unwrap();
        let abandoned = cache.part_for(&entry).unwrap().folder.keep();
        let part = filled(&cache, &entry, "new");
        assert!(!abandoned.exists(), "a killed process's folder is removed");
        cache.publish(part, &entry).unwrap();
        assert_eq!(fs_err::read(entry.path().join("file")).unwrap(), b"new");
        assert_eq!(fs_err::read_dir(entry.path().parent().unwrap()).unwrap().count(), 1);
        assert!(root.path().join("CACHEDIR.TAG").exists());
    }

    #[test]
    fn an_entry_of_any_kind_that_is_in_use_is_neither_removed_nor_replaced() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path());
        for kind in Kind::ALL {
            let entry = cache.entry(kind, "thing");
            cache.publish(filled(&cache, &entry, "old"), &entry).unwrap();
            assert!(cache.entries().unwrap().contains(&entry), "{kind:?}");
            let used = cache.use_path(entry.path().join("file")).unwrap();
            assert!(matches!(cache.remove(&entry), Err(CacheError::InUse { .. })), "{kind:?}");
            let replaced = cache.publish(filled(&cache, &entry, "new"), &entry);
            assert!(matches!(replaced, Err(CacheError::InUse { .. })), "{kind:?}");
            assert_eq!(fs_err::read(entry.path().join("file")).unwrap(), b"old");
            drop(used);
            cache.publish(filled(&cache, &entry, "new"), &entry).unwrap();
            cache.remove(&entry).unwrap();
            assert!(!entry.path().exists());
        }
    }

    #[test]
    fn what_lies_in_a_cache_with_a_relative_root_is_held_by_its_absolute_path() {
        let inside = tempfile::tempdir_in(".").unwrap();
        let relative = inside.path().strip_prefix(std::env::current_dir().unwrap()).unwrap_or(inside.path());
        let cache = Cache::new(Path::new(".").join(relative));
        let entry = cache.entry(Kind::Runtime, "tensorflow-0.0.0");
        cache.publish(filled(&cache, &entry, "library"), &entry).unwrap();
        let _used = cache.use_path(std::path::absolute(entry.path()).unwrap().join("file")).unwrap();
        assert!(matches!(cache.remove(&entry), Err(CacheError::InUse { .. })));
    }
}
