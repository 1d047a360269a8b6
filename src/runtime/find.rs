//! Looking for TensorFlow's library on this machine.

use std::path::{Path, PathBuf};

use super::places::{Sought, no_file};
use super::{Place, Places, RuntimeError, elf, installed};

const FRAMEWORK: [&str; 2] = ["libtensorflow_framework.so.2", "libtensorflow_framework.so"];
/// The plain C library comes first. Python's package has it as `libtensorflow_cc.so.2`.
const NAMES: [&str; 4] = ["libtensorflow.so.2", "libtensorflow.so", "libtensorflow_cc.so.2", "libtensorflow_cc.so"];

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

/// What looking for the library came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Search {
    /// The library, if it is anywhere.
    pub found: Option<Located>,
    /// What goes by its name before it and is something else, with why.
    pub passed_over: Vec<RuntimeError>,
}

/// Looks for the library; `None` when it is nowhere.
///
/// # Errors
/// [`RuntimeError::NotThere`] or [`RuntimeError::Other`] when the place that the user named does not hold it.
pub fn find(places: &Places) -> Result<Option<Located>, RuntimeError> {
    Ok(search(places)?.found)
}

/// As [`find`], and says what was passed over.
///
/// # Errors
/// As [`find`].
pub fn search(places: &Places) -> Result<Search, RuntimeError> {
    let sought = Sought {
        names: &NAMES,
        package: "tensorflow",
        entry: installed::tensorflow(&places.cache),
        not_in: &|path, reason| RuntimeError::NotThere { path: path.to_owned(), reason: Some(reason) },
    };
    let (found, passed_over) = sought.search(places, located)?;
    Ok(Search { found, passed_over })
}

/// The library that is the file `library`, seen to be TensorFlow's.
fn located(library: &Path, place: Place) -> Result<Located, RuntimeError> {
    let not_there = |reason: &str| RuntimeError::NotThere { path: library.to_owned(), reason: Some(reason.to_owned()) };
    if let Some(reason) = no_file(library) {
        return Err(not_there(reason));
    }
    let absolute = std::path::absolute(library).unwrap_or_else(|_| library.to_owned());
    let framework = absolute.parent().and_then(|folder| first_of(folder, &FRAMEWORK));
    match elf::check(&absolute, framework.as_deref()) {
        Ok(()) => Ok(Located { library: absolute, framework, place }),
        Err(elf::Fault::Unreadable(reason)) => Err(not_there(&reason)),
        Err(fault) => Err(RuntimeError::Other { path: library.to_owned(), reason: fault.to_string() }),
    }
}

fn first_of(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;

    fn places(folder: &Path) -> Places {
        Places { named: None, library_path: vec![folder.to_owned()], cache: Cache::new(folder.join("cache")) }
    }

    const WHOLE: [&str; 15] = [
        "TF_AllocateTensor",
        "TF_CloseSession",
        "TF_DeleteGraph",
        "TF_DeleteSession",
        "TF_GraphOperationByName",
        "TF_LoadSessionFromSavedModel",
        "TF_NewBuffer",
        "TF_NewGraph",
        "TF_NewSessionOptions",
        "TF_NewStatus",
        "TF_NewTensor",
        "TF_SessionRun",
        "TF_SetConfig",
        "TF_TensorData",
        "TF_Version",
    ];

    fn named(folder: &Path, path: &Path) -> Result<Option<Located>, RuntimeError> {
        find(&Places { named: Some(path.to_owned()), ..places(folder) })
    }

    #[test]
    fn a_named_place_must_hold_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.so");
        assert!(matches!(named(folder.path(), &path), Err(RuntimeError::NotThere { .. })));
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        let error = named(folder.path(), &path).unwrap_err().to_string();
        assert!(error.ends_with("it is a link to nothing"), "{error}");
        fs_err::remove_file(&path).unwrap();
        fs_err::write(&path, elf::made::library(&WHOLE)).unwrap();
        assert_eq!(named(folder.path(), &path).unwrap().unwrap().library, path);
    }

    #[test]
    fn another_library_that_is_named_is_told_by_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libtensorflow.so");
        fs_err::write(&path, elf::made::library(&["TfLiteVersion"])).unwrap();
        for place in [&*path, folder.path()] {
            let error = named(folder.path(), place).unwrap_err().to_string();
            assert_eq!(error, format!("'{}' is not TensorFlow's C library: it lacks TF_Version", path.display()));
        }
        // The next of its names in the folder is it.
        let good = folder.path().join("libtensorflow_cc.so.2");
        fs_err::write(&good, elf::made::library(&WHOLE)).unwrap();
        assert_eq!(named(folder.path(), folder.path()).unwrap().unwrap().library, good);
    }

    #[test]
    fn what_is_another_library_on_the_search_path_is_passed_over_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let [text, other, foreign, good] = ["text", "other", "foreign", "good"].map(|name| folder.path().join(name));
        let whole = elf::made::library(&WHOLE);
        for (place, content) in [
            (&text, b"not a library".to_vec()),
            (&other, elf::made::library(&["TF_Version"])),
            (&foreign, elf::made::of_processor(&whole, 8)),
            (&good, whole),
        ] {
            fs_err::create_dir(place).unwrap();
            fs_err::write(place.join("libtensorflow_cc.so.2"), content).unwrap();
        }
        std::os::unix::fs::symlink("nowhere", good.join("libtensorflow.so.2")).unwrap();
        let library_path = vec![folder.path().to_owned(), text, other, foreign, good.clone()];
        let search = search(&Places { library_path, ..places(folder.path()) }).unwrap();
        let library = good.join("libtensorflow_cc.so.2");
        assert_eq!(search.found, Some(Located { library, framework: None, place: Place::LibraryPath }));
        let words: Vec<_> = search.passed_over.iter().map(ToString::to_string).collect();
        for (word, expected) in words.iter().zip([
            "it is not a whole shared library",
            "it lacks TF_LoadSessionFromSavedModel",
            "it is for another kind of processor",
            "it is a link to nothing",
        ]) {
            assert!(word.ends_with(expected), "{word}");
        }
        assert_eq!(words.len(), 4);
    }
}
