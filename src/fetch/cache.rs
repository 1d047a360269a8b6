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
        self.root.join("runtime")
    }

    /// Where the demo with this hash is unpacked.
    pub fn demo(&self, hash: &str) -> PathBuf {
        self.root.join("unpacked-demo").join(hash)
    }

    /// Where the official models are kept.
    pub fn model(&self, name: &str) -> PathBuf {
        self.root.join("models").join(name)
    }

    /// Waits until no other process works on `entry`, then holds it.
    ///
    /// # Errors
    /// [`FetchError::Cache`] when the lock file cannot be made.
    pub fn lock(&self, entry: &str) -> Result<Locked, FetchError> {
        let folder = self.root.join("locks");
        self.make(&folder)?;
        let path = folder.join(format!("{entry}.lock"));
        let file = fs_err::OpenOptions::new().create(true).append(true).open(&path).map_err(FetchError::Cache)?;
        let (file, _) = file.into_parts();
        file.lock().map_err(FetchError::Cache)?;
        Ok(Locked { _file: file })
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
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
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
