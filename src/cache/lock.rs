//! Locks on entries. The operating system lets go of one when its process ends, however it ends.
//!
//! A file system may have none (some network file systems): a file that only one process can make then stands in for the
//! lock of who makes something, and there is none for who uses it.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::holder::{self, Holder};
use super::{Cache, CacheError, Entry, Kind};

#[cfg(test)]
mod tests;

/// After so long it is said who is waited for.
const SILENT: Duration = Duration::from_secs(2);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Held on one entry of the cache; dropping it lets go.
#[derive(Debug)]
#[must_use = "a lock that is dropped is no lock"]
pub struct Locked {
    _held: Held,
}

#[derive(Debug)]
enum Held {
    /// Locked by the operating system.
    Locked { _file: File },
    /// A file stands in for the lock.
    InFile { path: PathBuf, holder: Holder },
    /// There are no locks here.
    Nothing,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Self::InFile { path, holder } = self {
            // It is somebody else's if this process was taken for dead.
            if Holder::read(path).as_ref() == Some(holder) {
                // What stays is taken over when this process has ended.
                let _ = fs_err::remove_file(path);
            }
        }
    }
}

/// Who may hold a lock at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// One.
    Alone,
    /// Any number of those who ask for this.
    Shared,
}

/// Tries to lock a file; whether that was possible now.
pub(super) type TryLock = fn(&File, Mode) -> io::Result<bool>;

/// The operating system's lock.
pub(super) fn try_lock(file: &File, mode: Mode) -> io::Result<bool> {
    let outcome = match mode {
        Mode::Alone => file.try_lock(),
        Mode::Shared => file.try_lock_shared(),
    };
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether `error` says that the file system has no locks.
fn has_no_locks(error: &io::Error) -> bool {
    const CODES: [i32; 4] = [libc::ENOLCK, libc::ENOSYS, libc::EOPNOTSUPP, libc::ENOTSUP];
    error.kind() == ErrorKind::Unsupported || error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

impl Cache {
    /// Waits until no other process makes, replaces or removes `entry`, then holds it. Who is waited for is said, if it
    /// takes longer.
    ///
    /// # Errors
    /// [`CacheError::Io`] when the lock file cannot be made.
    pub(crate) fn lock(&self, entry: &Entry) -> Result<Locked, CacheError> {
        let doing = match entry.kind() {
            Kind::Model | Kind::File => format!("fetches {}", entry.name()),
            Kind::Runtime | Kind::Program => format!("installs {}", entry.name()),
            Kind::Prepared => "prepares a model".to_owned(),
            Kind::Demo => "unpacks the bundled demo".to_owned(),
        };
        self.lock_to(entry, &doing)
    }

    /// As [`Cache::lock`], by a process that is `doing` something else: `removes a0-base`.
    pub(super) fn lock_to(&self, entry: &Entry, doing: &str) -> Result<Locked, CacheError> {
        let (mut file, path) = self.lock_file(entry, "lock")?;
        let me = Holder::me(doing);
        let mut waiting = Waiting::new(self);
        loop {
            match (self.try_lock)(&file, Mode::Alone) {
                Ok(true) => {
                    // For who waits; without it the lock is as good.
                    let _ = file.set_len(0).and_then(|()| file.write_all(me.to_string().as_bytes()));
                    return Ok(Locked { _held: Held::Locked { _file: file } });
                }
                Ok(false) => waiting.pause(&path),
                Err(error) if has_no_locks(&error) => {
                    self.say_no_locks(&error);
                    return self.lock_by_file(entry, me).map_err(CacheError::Io);
                }
                Err(error) => return Err(CacheError::Io(error)),
            }
        }
    }

    /// Holds `entry` by a file that must not be there before.
    fn lock_by_file(&self, entry: &Entry, me: Holder) -> io::Result<Locked> {
        let path = self.lock_path(entry, "held");
        let mut waiting = Waiting::new(self);
        loop {
            if me.write_new(&path)? {
                return Ok(Locked { _held: Held::InFile { path, holder: me } });
            }
            let other = Holder::read(&path);
            match holder::is_abandoned(&path, other.as_ref()) {
                true => holder::clear(&path, other.as_ref())?,
                false => waiting.pause(&path),
            }
        }
    }

    /// Marks `entry` as in use by this process until the result is dropped; any number of processes may. It is then
    /// neither removed nor replaced.
    ///
    /// Where no lock can be made (a cache that cannot be written) there is none: nothing can be removed there either.
    pub fn use_entry(&self, entry: &Entry) -> Option<Locked> {
        let (file, path) = self.lock_file(entry, "use").ok()?;
        let mut waiting = Waiting::new(self);
        loop {
            match (self.try_lock)(&file, Mode::Shared) {
                Ok(true) => return Some(Locked { _held: Held::Locked { _file: file } }),
                Ok(false) => waiting.pause(&path),
                Err(error) => {
                    if has_no_locks(&error) {
                        self.say_no_locks(&error);
                    }
                    return None;
                }
            }
        }
    }

    /// Holds `entry` against all who would use it.
    ///
    /// # Errors
    /// [`CacheError::InUse`] when somebody uses it.
    pub(super) fn unused(&self, entry: &Entry) -> Result<Locked, CacheError> {
        let (file, _) = self.lock_file(entry, "use")?;
        match (self.try_lock)(&file, Mode::Alone) {
            Ok(true) => Ok(Locked { _held: Held::Locked { _file: file } }),
            Ok(false) => Err(CacheError::InUse { entry: entry.name().to_owned() }),
            Err(error) if has_no_locks(&error) => {
                self.say_no_locks(&error);
                Ok(Locked { _held: Held::Nothing })
            }
            Err(error) => Err(CacheError::Io(error)),
        }
    }

    /// Says it once, whatever is locked.
    fn say_no_locks(&self, error: &io::Error) {
        self.no_locks_said.call_once(|| {
            self.progress.warning(&format!(
                "the file system of '{}' has no locks ({error}): a file stands in for them, and what a process uses is \
                 not kept from removal",
                self.root().display()
            ));
        });
    }

    fn lock_path(&self, entry: &Entry, purpose: &str) -> PathBuf {
        self.root().join("locks").join(format!("{}.{purpose}", entry.name()))
    }

    fn lock_file(&self, entry: &Entry, purpose: &str) -> Result<(File, PathBuf), CacheError> {
        self.make(&self.root().join("locks"))?;
        let path = self.lock_path(entry, purpose);
        let file = fs_err::OpenOptions::new().create(true).append(true).open(&path).map_err(CacheError::Io)?;
        Ok((file.into_parts().0, path))
    }
}

/// Waiting for a lock.
struct Waiting<'c> {
    cache: &'c Cache,
    began: Instant,
    /// Whom it was said to wait for.
    said: Option<String>,
}

impl<'c> Waiting<'c> {
    fn new(cache: &'c Cache) -> Self {
        Self { cache, began: Instant::now(), said: None }
    }

    /// A pause; after a while it says who holds the lock at `path`, and again when that changes.
    fn pause(&mut self, path: &Path) {
        if self.began.elapsed() >= SILENT {
            let holder = Holder::read(path).filter(|holder| !holder.is_gone());
            let line = match holder {
                Some(holder) => format!("waits for {}", holder.description()),
                None => "waits for another process, which holds the cache's lock".to_owned(),
            };
            if self.said.as_ref() != Some(&line) {
                self.cache.progress.note(&line);
                self.said = Some(line);
            }
        }
        thread::sleep(PAUSE);
    }
}
