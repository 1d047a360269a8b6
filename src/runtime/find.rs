//! Looking for TensorFlow's library on this machine.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{RuntimeError, elf, installed, is_installed};
use crate::cache::Cache;

/// Names under which the library goes, the plain C library first. Python's package has it as `libtensorflow_cc.so.2`.
const NAMES: [&str; 4] = ["libtensorflow.so.2", "libtensorflow.so", "libtensorflow_cc.so.2", "libtensorflow_cc.so"];
const FRAMEWORK: [&str; 2] = ["libtensorflow_framework.so.2", "libtensorflow_framework.so"];
const SYSTEM: [&str; 6] = [
    "/usr/local/lib",
    "/usr/local/lib/libtensorflow",
    "/usr/lib",
    "/usr/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];

/// Where to look, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// A file or folder that the user named; then nothing else is looked at.
    pub named: Option<PathBuf>,
    /// The dynamic loader's search path.
    pub library_path: Vec<PathBuf>,
    /// The download cache.
    pub cache: Cache,
}

/// Which of the places a library was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// The user named it.
    Named,
    /// On the dynamic loader's search path.
    LibraryPath,
    /// In a folder of the system.
    System,
    /// In the download cache.
    Cache,
    /// In an importable Python package.
    Python,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named => "named by MOVINET_TF_LIBTENSORFLOW",
            Self::LibraryPath => "on LD_LIBRARY_PATH",
            Self::System => "in a system folder",
            Self::Cache => "in the cache",
            Self::Python => "in Python's package 'tensorflow'",
        })
    }
}

/// A library that was found, whole as far as its header tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located {
    /// The library with the C API.
    pub library: PathBuf,
    /// `libtensorflow_framework`, where it lies beside the library.
    pub framework: Option<PathBuf>,
    /// Which of the places it was.
    pub place: Place,
}

/// Looks for the library; `None` when it is nowhere.
///
/// # Errors
/// [`RuntimeError::NotThere`] when the place that the user named does not hold it.
pub fn find(places: &Places) -> Result<Option<Located>, RuntimeError> {
    if let Some(named) = &places.named {
        return located(named, Place::Named).map(Some);
    }
    let on_path = || places.library_path.iter().find_map(|folder| located(folder, Place::LibraryPath).ok());
    let in_system = || SYSTEM.iter().find_map(|folder| located(Path::new(folder), Place::System).ok());
    let in_cache = || {
        let folder = installed::entry(&places.cache).path().to_owned();
        is_installed(&folder).then(|| located(&folder, Place::Cache).ok()).flatten()
    };
    let in_python = || python_package().and_then(|folder| located(&folder, Place::Python).ok());
    Ok(on_path().or_else(in_system).or_else(in_cache).or_else(in_python))
}

/// The library at `at`, a file or a folder.
fn located(at: &Path, place: Place) -> Result<Located, RuntimeError> {
    let not_there = |reason| RuntimeError::NotThere { path: at.to_owned(), reason };
    let library = if at.is_dir() {
        first_of(at, &NAMES).ok_or_else(|| not_there(Some(format!("the folder has none of {}", NAMES.join(", ")))))?
    } else if at.is_file() {
        at.to_owned()
    } else {
        return Err(not_there(Some("there is no such file or folder".into())));
    };
    match elf::is_whole(&library) {
        Ok(true) => {}
        Ok(false) => return Err(not_there(Some("the file is not a whole shared library".into()))),
        Err(error) => return Err(not_there(Some(error.to_string()))),
    }
    let library = std::path::absolute(&library).unwrap_or(library);
    let framework = library.parent().and_then(|folder| first_of(folder, &FRAMEWORK));
    Ok(Located { library, framework, place })
}

fn first_of(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The folder of Python's package `tensorflow`; found without importing it, which takes seconds.
fn python_package() -> Option<PathBuf> {
    const SCRIPT: &str = "import importlib.util as u; s = u.find_spec('tensorflow'); \
                          print(list(s.submodule_search_locations)[0] if s else '')";
    let output =
        Command::new("python3").args(["-c", SCRIPT]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let folder = Path::new(OsStr::new(printed.trim_end()));
    (output.status.success() && folder.is_dir()).then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(folder: &Path) -> Places {
        Places { named: None, library_path: vec![folder.to_owned()], cache: Cache::new(folder.join("cache")) }
    }

    #[test]
    fn a_named_place_must_hold_it() {
        let folder = tempfile::tempdir().unwrap();
        let named = Places { named: Some(folder.path().join("nowhere")), ..places(folder.path()) };
        assert!(matches!(find(&named), Err(RuntimeError::NotThere { .. })));
    }

    #[test]
    fn the_library_path_is_searched_and_broken_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libtensorflow_cc.so.2");
        fs_err::write(&library, b"not a library").unwrap();
        assert_ne!(find(&places(folder.path())).unwrap().map(|found| found.place), Some(Place::LibraryPath));
        fs_err::copy(std::env::current_exe().unwrap(), &library).unwrap();
        let found = find(&places(folder.path())).unwrap().unwrap();
        assert_eq!(found, Located { library, framework: None, place: Place::LibraryPath });
    }
}
