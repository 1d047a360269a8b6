//! Where shared libraries are looked for.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{RuntimeError, is_installed};
use crate::cache::{Cache, Entry};

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
            Self::Named => "named by the user",
            Self::LibraryPath => "on LD_LIBRARY_PATH",
            Self::System => "in a system folder",
            Self::Cache => "in the cache",
            Self::Python => "in a Python package",
        })
    }
}

/// A library to look for.
pub(super) struct Sought<'a> {
    /// The names under which it goes, the preferred one first.
    pub names: &'a [&'a str],
    /// The Python package that has it in its folder.
    pub package: &'a str,
    /// Where it is installed.
    pub entry: Entry,
    /// That it isn't in a folder that was named.
    pub not_in: &'a dyn Fn(&Path, String) -> RuntimeError,
}

impl Sought<'_> {
    /// The first that `tried` takes, and what it refused before that.
    ///
    /// # Errors
    /// What `tried` says of the file that the user named, or else that the folder doesn't hold it.
    pub fn search<T>(
        &self,
        places: &Places,
        tried: impl Fn(&Path, Place) -> Result<T, RuntimeError>,
    ) -> Result<(Option<T>, Vec<RuntimeError>), RuntimeError> {
        if let Some(named) = &places.named {
            return Ok((Some(self.named(named, tried)?), Vec::new()));
        }
        let on_path = places.library_path.iter().map(|folder| (folder.clone(), Place::LibraryPath));
        let in_system = SYSTEM.iter().map(|folder| (PathBuf::from(folder), Place::System));
        let in_cache = std::iter::once_with(|| self.entry.path().to_owned())
            .filter(|folder| is_installed(folder))
            .map(|folder| (folder, Place::Cache));
        let in_python = std::iter::once_with(|| python_package(self.package)).flatten();
        let in_python = in_python.map(|folder| (folder, Place::Python));
        let mut passed_over = Vec::new();
        for (folder, place) in on_path.chain(in_system).chain(in_cache).chain(in_python) {
            for library in self.candidates(&folder) {
                match tried(&library, place) {
                    Ok(found) => return Ok((Some(found), passed_over)),
                    Err(error) => passed_over.push(error),
                }
            }
        }
        Ok((None, passed_over))
    }

    /// The library at `at`, a file or a folder.
    fn named<T>(&self, at: &Path, tried: impl Fn(&Path, Place) -> Result<T, RuntimeError>) -> Result<T, RuntimeError> {
        if !at.is_dir() {
            return tried(at, Place::Named);
        }
        let mut failure = None;
        for library in self.candidates(at) {
            match tried(&library, Place::Named) {
                Ok(found) => return Ok(found),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let none = || (self.not_in)(at, format!("the folder has none of {}", self.names.join(", ")));
        Err(failure.unwrap_or_else(none))
    }

    /// What in `folder` goes by the library's names, links to nothing included.
    fn candidates(&self, folder: &Path) -> impl Iterator<Item = PathBuf> {
        self.names.iter().map(|name| folder.join(name)).filter(|path| path.symlink_metadata().is_ok())
    }
}

/// Why `library` is no file that could be loaded.
pub(super) fn no_file(library: &Path) -> Option<&'static str> {
    match fs_err::metadata(library) {
        Ok(found) if found.is_file() => None,
        Ok(_) => Some("it is no file"),
        Err(_) if library.symlink_metadata().is_ok() => Some("it is a link to nothing"),
        Err(_) => Some("there is no such file or folder"),
    }
}

/// The folder of a Python package; found without importing it, which takes seconds.
fn python_package(package: &str) -> Option<PathBuf> {
    let script = format!(
        "import importlib.util as u; s = u.find_spec('{package}'); \
         print(list(s.submodule_search_locations)[0] if s else '')"
    );
    let output =
        Command::new("python3").args(["-c", &script]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let folder = Path::new(OsStr::new(printed.trim_end()));
    (output.status.success() && folder.is_dir()).then(|| folder.to_owned())
}
