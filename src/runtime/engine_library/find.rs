//! Looking for a library that runs models beside TensorFlow.

use std::path::{Path, PathBuf};

use crate::catalog::{EngineLibrary, LibraryBuild};
use crate::hash;
use crate::runtime::places::{Sought, no_file};
use crate::runtime::{Place, Places, RuntimeError, installed};

/// A library, seen to be the release that is accepted: nothing in the file tells which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedLibrary {
    which: EngineLibrary,
    file: PathBuf,
    place: Place,
}

impl LocatedLibrary {
    /// Which it is.
    pub fn which(&self) -> EngineLibrary {
        self.which
    }

    /// The file with its C API, an absolute path.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Which of the places it was found in.
    pub fn place(&self) -> Place {
        self.place
    }
}

/// What looking for a library came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct LibrarySearch {
    /// The library, if it is anywhere.
    pub found: Option<LocatedLibrary>,
    /// What goes by its name before it and is another, with why.
    pub passed_over: Vec<RuntimeError>,
}

/// Looks for the library; `None` when it is nowhere.
///
/// # Errors
/// [`RuntimeError::NoEngineLibrary`] when the place that the user named does not hold it.
pub fn find_library(which: EngineLibrary, places: &Places) -> Result<Option<LocatedLibrary>, RuntimeError> {
    Ok(search_library(which, places)?.found)
}

/// As [`find_library`], and says what was passed over.
///
/// # Errors
/// As [`find_library`].
pub fn search_library(which: EngineLibrary, places: &Places) -> Result<LibrarySearch, RuntimeError> {
    // Python's package may have its libraries in a folder of their own.
    let nested = format!("libs/{}", which.file());
    let sought = Sought {
        names: &[which.file(), &nested],
        package: which.module(),
        entry: installed::engine_library(&places.cache, which),
        not_in: &|path, reason| RuntimeError::NoEngineLibrary { which, path: path.to_owned(), reason },
    };
    let (found, passed_over) = sought.search(places, |file, place| located(which, file, place))?;
    Ok(LibrarySearch { found, passed_over })
}

/// The build for a machine.
///
/// # Errors
/// [`RuntimeError::NoBuildOfEngineLibrary`].
pub(super) fn build_for(
    which: EngineLibrary,
    os: &str,
    processor: &str,
) -> Result<&'static LibraryBuild, RuntimeError> {
    let build = which.builds().iter().find(|build| (build.wheel.os, build.wheel.processor) == (os, processor));
    build.ok_or_else(|| RuntimeError::NoBuildOfEngineLibrary { which, platform: format!("{os} on {processor}") })
}

/// The library whose C API is the file `file`, seen to be the accepted release: that file by its hash, what it loads from
/// beside it by its length, since reading all of it would take longer than running a model.
fn located(which: EngineLibrary, file: &Path, place: Place) -> Result<LocatedLibrary, RuntimeError> {
    let refused = |reason: String| RuntimeError::NoEngineLibrary { which, path: file.to_owned(), reason };
    if let Some(reason) = no_file(file) {
        return Err(refused(reason.into()));
    }
    let build = build_for(which, std::env::consts::OS, std::env::consts::ARCH)?;
    let version = which.version();
    for known in build.files {
        let path = file.with_file_name(known.name());
        let is_first = known.name() == which.file();
        let path = if is_first { file } else { &path };
        let bytes = fs_err::metadata(path).map_err(|error| refused(error.to_string()))?.len();
        let is_it = bytes == known.bytes
            && (!is_first || hash::of_file(path).map_err(|error| refused(error.to_string()))? == known.sha256);
        if !is_it {
            let what = if is_first { "it".to_owned() } else { format!("'{}' beside it", known.name()) };
            return Err(refused(format!("{what} is not of {version}, the release whose functions are known")));
        }
    }
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    Ok(LocatedLibrary { which, file, place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::runtime::elf::made;

    #[test]
    fn another_release_is_told_wherever_it_is() {
        for which in [EngineLibrary::LiteRt, EngineLibrary::OpenVino] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(which.file());
            let places = |named: Option<&Path>, library_path: Vec<PathBuf>| Places {
                named: named.map(Path::to_owned),
                library_path,
                cache: Cache::new(folder.path().join("cache")),
            };
            let error = find_library(which, &places(Some(folder.path()), vec![])).unwrap_err().to_string();
            assert!(error.contains(&format!("the folder has none of {}", which.file())), "{error}");
            fs_err::write(&path, made::library(&["LiteRtCreateEnvironment"])).unwrap();
            for named in [&*path, folder.path()] {
                let error = find_library(which, &places(Some(named), vec![])).unwrap_err().to_string();
                assert!(error.contains(&format!("it is not of {}", which.version())), "{error}");
            }
            let search = search_library(which, &places(None, vec![folder.path().to_owned()])).unwrap();
            assert!(search.passed_over[0].to_string().contains(&format!("not of {}", which.version())));
        }
    }

    #[test]
    fn where_there_is_no_build_it_is_said_for_which_machine() {
        for (which, processor) in
            [(EngineLibrary::LiteRt, "x86_64"), (EngineLibrary::LiteRt, "aarch64"), (EngineLibrary::OpenVino, "x86_64")]
        {
            assert!(build_for(which, "linux", processor).unwrap().wheel.platform.ends_with(processor));
        }
        for which in [EngineLibrary::LiteRt, EngineLibrary::OpenVino] {
            let error = build_for(which, "macos", "x86_64").unwrap_err().to_string();
            assert!(error.ends_with("no build to install for macos on x86_64"), "{error}");
        }
    }

    #[test]
    fn the_file_with_the_functions_comes_first() {
        for which in [EngineLibrary::LiteRt, EngineLibrary::OpenVino] {
            assert!(which.builds().iter().all(|build| build.files[0].name() == which.file()));
        }
    }
}
