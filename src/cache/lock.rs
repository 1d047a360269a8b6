//! Locks on entries. The operating system lets go of one when its process ends, however it ends.

use std::fs::File;

use super::{Cache, CacheError, Entry};

/// Held on one entry of the cache; dropping it lets go.
#[derive(Debug)]
#[must_use = "a lock that is dropped is no lock"]
pub struct Locked {
    _file: File,
}

impl Cache {
    /// Waits until no other process makes, replaces or removes `entry`, then holds it.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the lock file cannot be made.
    pub(crate) fn lock(&self, entry: &Entry) -> Result<Locked, CacheError> {
        let file = self.lock_file(entry, "lock")?;
        file.lock().map_err(CacheError::Io)?;
        Ok(Locked { _file: file })
    }

    /// Marks `entry` as in use by this process until the result is dropped; any number of processes may. It is then
    /// neither removed nor replaced.
    ///
    /// Where no lock can be made (a cache that cannot be written) there is none: nothing can be removed there either.
    pub fn use_entry(&self, entry: &Entry) -> Option<Locked> {
        let file = self.lock_file(entry, "use").ok()?;
        file.lock_shared().ok()?;
        Some(Locked { _file: file })
    }

    /// Holds `entry` against all who would use it.
    ///
    /// # Errors
    /// [`CacheError::InUse`] when somebody uses it.
    pub(super) fn unused(&self, entry: &Entry) -> Result<Locked, CacheError> {
        let file = self.lock_file(entry, "use")?;
        match file.try_lock() {
            Ok(()) => Ok(Locked { _file: file }),
            Err(_) => Err(CacheError::InUse { entry: entry.name().to_owned() }),
        }
    }

    fn lock_file(&self, entry: &Entry, purpose: &str) -> Result<File, CacheError> {
        let folder = self.root().join("locks");
        self.make(&folder)?;
        let path = folder.join(format!("{}.{purpose}", entry.name()));
        let file = fs_err::OpenOptions::new().create(true).append(true).open(path).map_err(CacheError::Io)?;
        Ok(file.into_parts().0)
    }
}
