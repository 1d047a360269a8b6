//! Loading a library that was found into this process.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Mutex;

use super::{Located, OLDEST, RuntimeError, TOO_NEW, stderr};
use crate::fetch::FetchError;

/// TensorFlow, loaded. Only who holds one can load models.
#[derive(Debug, Clone)]
pub struct Runtime {
    version: String,
}

impl Runtime {
    /// TensorFlow's version, `2.18.1`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Loads `located` into the process and checks its version. A second call gives what the first one loaded.
///
/// `verbose` lets TensorFlow's own log lines through to standard error; otherwise the process's file descriptor 2 is
/// led through a filter from here on. A program that draws on its terminal duplicates the descriptor first.
///
/// Call it before other threads read the environment: the library is told through it where it is and how much to log.
///
/// # Errors
/// [`RuntimeError::Load`] when the loader refuses the library, [`RuntimeError::Version`] when its version is not
/// accepted.
pub fn load(located: &Located, verbose: bool) -> Result<Runtime, RuntimeError> {
    static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(runtime) = &*loaded {
        return Ok(runtime.clone());
    }
    let folder = linked_folder(located).map_err(FetchError::Cache)?;
    // SAFETY: the caller keeps other threads from reading the environment meanwhile (see above).
    unsafe {
        std::env::set_var("TENSORFLOW_DIR", folder.path());
        if !verbose && std::env::var_os("TF_CPP_MIN_LOG_LEVEL").is_none() {
            std::env::set_var("TF_CPP_MIN_LOG_LEVEL", "3");
        }
    }
    if !verbose {
        // Without the filter the lines reach the terminal, which harms nothing else.
        let _ = stderr::filter_chatter();
    }
    tensorflow::library::load().map_err(|reason| RuntimeError::Load { path: located.library.clone(), reason })?;
    let version = tensorflow::version().unwrap_or_default();
    check_version(&version, &located.library)?;
    let runtime = Runtime { version };
    *loaded = Some(runtime.clone());
    Ok(runtime)
}

/// A temporary folder with links under the names that the `tensorflow` crate and the dynamic loader look for.
fn linked_folder(located: &Located) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    symlink(&located.library, folder.path().join("libtensorflow.so"))?;
    if let Some(framework) = &located.framework {
        symlink(framework, folder.path().join("libtensorflow_framework.so.2"))?;
    }
    Ok(folder)
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
}
