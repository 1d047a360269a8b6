//! The folder that keeps what was downloaded, and its locks.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::FetchError;

/// Marks the folder for backup programs: <https://bford.info/cachedir/>.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n# Downloads of movinet-tf; safe to delete.\n";
/// Begins the name of everything that is not yet whole.
const PART: &str = ".part-";

/// The download root.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// Held while one process works on one entry of the cache. The operating system lets go of it when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct Locked {
    _file: File,
}

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A SavedModel.
    Model,
    /// A SavedModel rewritten to run faster; it can be made anew.
    Prepared,
    /// A single file: labels, sample clip.
    File,
    /// TensorFlow's library.
    Runtime,
    /// The bundled demo, unpacked; it comes back by itself.
    Demo,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Model, Self::Prepared, Self::File, Self::Runtime, Self::Demo];

    fn folder(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Prepared => "prepared",
            Self::File => "files",
            Self::Runtime => "runtime",
            Self::Demo => "unpacked-demo",
        }
    }

    /// What stands before the folder's name, where that says too little by itself.
    fn prefix(self) -> &'static str {
        match self {
            Self::Demo => "demo-",
            Self::Prepared => "prepared-",
            _ => "",
        }
    }
}

/// One thing in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name: `a2-base`, `kinetics_600_labels.txt`, `tensorflow-2.18.1`.
    pub name: String,
    /// Its folder or file.
    pub path: PathBuf,
}

impl Cache {
    /// The cache at `root`; nothing is made until something is kept in it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where TensorFlow's library is kept, one folder a version.
    pub fn runtime(&self) -> PathBuf {
        self.root.join(Kind::Runtime.folder())
    }

    /// Where the demo with this hash is unpacked.
    pub fn demo(&self, hash: &str) -> PathBuf {
        self.root.join(Kind::Demo.folder()).join(hash)
    }

    /// Where the official models are kept.
    pub fn model(&self, name: &str) -> PathBuf {
        self.root.join(Kind::Model.folder()).join(name)
    }

    /// Where a prepared model is kept.
    pub fn prepared(&self, name: &str) -> PathBuf {
        self.root.join(Kind::Prepared.folder()).join(name)
    }

    /// Where a single file is kept.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(Kind::File.folder()).join(name)
    }

    /// Everything that is whole in the cache, ordered by name.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when it cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, FetchError> {
        let mut entries = Vec::new();
        for (kind, folder) in Kind::ALL.map(|kind| (kind, self.root.join(kind.folder()))) {
            if !folder.is_dir() {
                continue;
            }
            for entry in fs_err::read_dir(&folder).map_err(FetchError::Cache)? {
                let path = entry.map_err(FetchError::Cache)?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !name.starts_with(PART) {
                    entries.push(Entry { kind, name: kind.prefix().to_owned() + &name, path });
                }
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Marks `entry` as in use by this process until the result is dropped; any number of processes may.
    ///
    /// Where no lock can be made (a cache that cannot be written) there is none: nothing can be removed there either.
    pub fn use_entry(&self, entry: &str) -> Option<Locked> {
        let file = self.lock_file(&format!("{entry}.use")).ok()?;
        file.lock_shared().ok()?;
        Some(Locked { _file: file })
    }

    /// As [`Cache::use_entry`], for the entry that `path` is or lies in; `None` where it is outside the cache.
    pub fn use_path(&self, path: &Path) -> Option<Locked> {
        let entry = self.entries().ok()?.into_iter().find(|entry| path.starts_with(&entry.path))?;
        self.use_entry(&entry.name)
    }

    /// Removes `entry`, unless a running process uses it.
    ///
    /// # Errors
    /// [`FetchError::InUse`], or [`FetchError::Cache`] when it cannot be removed.
    pub fn remove(&self, entry: &Entry) -> Result<(), FetchError> {
        let _lock = self.lock(&entry.name)?;
        let used = self.lock_file(&format!("{}.use", entry.name))?;
        if used.try_lock().is_err() {
            return Err(FetchError::InUse { entry: entry.name.clone() });
        }
        if entry.path.is_dir() {
            // Out of sight first: a folder that is half removed must not be taken for whole.
            let gone = entry.path.with_file_name(format!("{PART}{}-removed", entry.name));
            fs_err::rename(&entry.path, &gone).map_err(FetchError::Cache)?;
            return fs_err::remove_dir_all(gone).map_err(FetchError::Cache);
        }
        fs_err::remove_file(&entry.path).map_err(FetchError::Cache)
    }

    /// Waits until no other process works on `entry`, then holds it.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when the lock file cannot be made.
    pub fn lock(&self, entry: &str) -> Result<Locked, FetchError> {
        let file = self.lock_file(&format!("{entry}.lock"))?;
        file.lock().map_err(FetchError::Cache)?;
        Ok(Locked { _file: file })
    }

    fn lock_file(&self, name: &str) -> Result<File, FetchError> {
        let folder = self.root.join("locks");
        self.make(&folder)?;
        let file = fs_err::OpenOptions::new().create(true).append(true).open(folder.join(name));
        Ok(file.map_err(FetchError::Cache)?.into_parts().0)
    }

    /// An empty folder beside `target`, gone when dropped, to be filled and then renamed to `target`.
    ///
    /// Left-overs of processes that were killed are removed: call it with the lock on `target` held.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when it cannot be made.
    pub fn part_for(&self, target: &Path) -> Result<TempDir, FetchError> {
        let parent = target.parent().unwrap_or(&self.root);
        self.make(parent)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!("{PART}{name}-");
        for entry in fs_err::read_dir(parent).map_err(FetchError::Cache)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) && entry.path().is_dir() {
                fs_err::remove_dir_all(entry.path()).map_err(FetchError::Cache)?;
            }
        }
        tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(FetchError::Cache)
    }

    /// Makes a finished folder from [`Cache::part_for`] the entry `target`: everything on disk, then one rename.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when the disk refuses; `target` is then as it was.
    pub fn publish(&self, part: TempDir, target: &Path) -> Result<(), FetchError> {
        sync_tree(part.path()).map_err(FetchError::Cache)?;
        if target.exists() {
            // What is there failed its check, or the caller would not be replacing it.
            fs_err::remove_dir_all(target).map_err(FetchError::Cache)?;
        }
        fs_err::rename(part.path(), target).map_err(FetchError::Cache)?;
        let _gone = part.keep(); // renamed: nothing is left to remove
        if let Some(parent) = target.parent() {
            fs_err::File::open(parent).and_then(|folder| folder.sync_all()).map_err(FetchError::Cache)?;
        }
        Ok(())
    }

    /// Puts a small file into the cache, whole or not at all.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when the disk refuses; `target` is then as it was.
    pub fn publish_file(&self, content: &[u8], target: &Path) -> Result<(), FetchError> {
        let parent = target.parent().unwrap_or(&self.root);
        self.make(parent)?;
        let write = || -> std::io::Result<()> {
            let mut part = tempfile::Builder::new().prefix(PART).tempfile_in(parent)?;
            part.write_all(content)?;
            part.as_file().sync_all()?;
            part.persist(target).map(drop).map_err(|error| error.error)
        };
        write().map_err(FetchError::Cache)
    }

    fn make(&self, folder: &Path) -> Result<(), FetchError> {
        fs_err::create_dir_all(folder).map_err(FetchError::Cache)?;
        let tag = self.root.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs_err::File::create(&tag).and_then(|mut file| file.write_all(TAG)).map_err(FetchError::Cache)?;
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

    #[test]
    fn publishing_is_whole_and_leaves_no_parts() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path());
        let target = cache.model("a0-base");
        let _lock = cache.lock("a0-base").unwrap();
        let abandoned = cache.part_for(&target).unwrap().keep();
        let part = cache.part_for(&target).unwrap();
        assert!(!abandoned.exists(), "a killed process's folder is removed");
        fs_err::write(part.path().join("file"), b"new").unwrap();
        cache.publish(part, &target).unwrap();
        assert_eq!(fs_err::read(target.join("file")).unwrap(), b"new");
        assert_eq!(fs_err::read_dir(target.parent().unwrap()).unwrap().count(), 1);
        assert!(root.path().join("CACHEDIR.TAG").exists());
    }
}
