//! Loading a library that was found into this process.
//!
//! The crate `tensorflow` is told through the environment where its library is, and the environment may be changed only
//! while no other thread looks at it. So the place is announced when the program begins, before there are threads, and
//! filled when the library is needed.

use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::{fs, io};

use super::{Located, OLDEST, Places, RuntimeError, Search, TOO_NEW, search};
use crate::cache::Locked;

/// Where the crate `tensorflow` looks for `libtensorflow.so` first.
const TENSORFLOW_DIR: &str = "TENSORFLOW_DIR";
/// TensorFlow's log lines of this severity and above are written: 0 information to 3 errors that end the process.
const LOG_LEVEL: &str = "TF_CPP_MIN_LOG_LEVEL";

/// TensorFlow, loaded. Only who holds one can load models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    version: String,
    passed_over: Vec<String>,
}

impl Runtime {
    /// TensorFlow's version, `2.18.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What was found before this library, goes by its name, and is something else; a line each.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }
}

/// Which of its log lines TensorFlow writes to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogLines {
    /// As the environment says, else all.
    Shown,
    /// As the environment says, else none but fatal ones. Some lines ignore that: see
    /// [`filter_log_lines`](super::filter_log_lines).
    Hidden,
}

/// The one that may load TensorFlow into this process, once.
#[derive(Debug, Clone)]
pub struct Loader {
    /// Not there until a library is loaded, and gone afterwards.
    place: Arc<PathBuf>,
}

/// What was loaded into this process; it stays.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Loader {
    /// Announces to the crate `tensorflow` where its library will be, by setting `TENSORFLOW_DIR`, and sets
    /// `TF_CPP_MIN_LOG_LEVEL` where that is unset and `lines` are to be hidden. Call it first thing in `main`.
    ///
    /// # Safety
    /// No other thread may read or write the environment meanwhile; as long as there is only one, none does.
    pub unsafe fn new(lines: LogLines) -> Self {
        static PLACE: OnceLock<Arc<PathBuf>> = OnceLock::new();
        let place = PLACE.get_or_init(|| {
            let name = format!("movinet-tf-{}-{:016x}", std::process::id(), fastrand::u64(..));
            Arc::new(std::env::temp_dir().join(name))
        });
        // SAFETY: the caller keeps other threads from the environment.
        unsafe {
            std::env::set_var(TENSORFLOW_DIR, &**place);
            if lines == LogLines::Hidden && std::env::var_os(LOG_LEVEL).is_none() {
                std::env::set_var(LOG_LEVEL, "3");
            }
        }
        Self { place: Arc::clone(place) }
    }

    /// Finds TensorFlow's library in `places`, or else lets `install` bring it, and loads it. The lock keeps it from being
    /// removed from the cache.
    ///
    /// # Errors
    /// [`RuntimeError`], or whatever `install` says.
    pub fn obtain(
        &self,
        places: &Places,
        install: impl FnOnce() -> Result<Located, RuntimeError>,
    ) -> Result<(Runtime, Option<Locked>), RuntimeError> {
        let Search { found, passed_over } = search(places)?;
        let located = found.map_or_else(install, Ok)?;
        let held = places.cache.use_path(&located.library);
        let passed_over = passed_over.iter().map(ToString::to_string).collect();
        Ok((Runtime { passed_over, ..self.load(&located)? }, held))
    }

    /// Removes what may be left where the library was announced to be, for a process that ends while it loads.
    pub fn discard(&self) {
        drop(Links(&self.place));
    }

    /// Loads `located` into the process and checks its version. A later call gives what the first one loaded.
    ///
    /// # Errors
    /// [`RuntimeError::Load`] when the loader refuses the library, [`RuntimeError::Version`] when its version is not
    /// accepted, [`RuntimeError::Links`] when the announced place cannot be made.
    pub fn load(&self, located: &Located) -> Result<Runtime, RuntimeError> {
        let mut loaded = LOADED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(runtime) = &*loaded {
            return Ok(runtime.clone());
        }
        let links = Links::make(&self.place, located)
            .map_err(|reason| RuntimeError::Links { folder: self.place.to_path_buf(), reason })?;
        tensorflow::library::load().map_err(|reason| RuntimeError::Load { path: located.library.clone(), reason })?;
        drop(links);
        let version = tensorflow::version().unwrap_or_default();
        check_version(&version, &located.library)?;
        let runtime = Runtime { version, passed_over: Vec::new() };
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }
}

/// A folder with links under the names that the `tensorflow` crate and the dynamic loader look for; dropping it removes
/// it.
struct Links<'p>(&'p Path);

impl<'p> Links<'p> {
    fn make(place: &'p Path, located: &Located) -> io::Result<Self> {
        // Only what this process made itself is looked into: the folder around it is everybody's.
        fs::DirBuilder::new().mode(0o700).create(place)?;
        let links = Self(place);
        symlink(&located.library, place.join("libtensorflow.so"))?;
        if let Some(framework) = &located.framework {
            symlink(framework, place.join("libtensorflow_framework.so.2"))?;
        }
        Ok(links)
    }
}

impl Drop for Links<'_> {
    fn drop(&mut self) {
        // What stays is an empty folder of links among other temporary files.
        let _ = fs_err::remove_dir_all(self.0);
    }
}

fn check_version(version: &str, library: &Path) -> Result<(), RuntimeError> {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST || found.0 >= TOO_NEW {
        return Err(RuntimeError::Version {
            path: library.to_owned(),
            version: version.to_owned(),
            oldest: format!("{}.{}", OLDEST.0, OLDEST.1),
            before: TOO_NEW,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_a_floor_and_a_ceiling() {
        for (version, accepted) in [("2.12.1", false), ("2.13.0", true), ("2.21.0-rc1", true), ("3.0.0", false)] {
            assert_eq!(check_version(version, Path::new("x")).is_ok(), accepted, "{version}");
        }
    }

    #[test]
    fn links_are_made_in_a_new_folder_only_and_go_again() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libtensorflow_cc.so.2");
        fs_err::write(&library, "x").unwrap();
        let located = Located { library, framework: None, place: super::super::Place::Named };
        let place = folder.path().join("links");
        let links = Links::make(&place, &located).unwrap();
        assert!(place.join("libtensorflow.so").is_file());
        assert!(Links::make(&place, &located).is_err(), "somebody else's folder is not used");
        drop(links);
        assert!(!place.exists());
    }
}
