//! Looking for LiteRT's library on this machine.

use std::path::{Path, PathBuf};

use crate::catalog::{LITERT_BUILDS, LITERT_VERSION, LiteRtBuild};
use crate::hash;
use crate::runtime::places::{Sought, no_file};
use crate::runtime::{Place, Places, RuntimeError, installed};

/// What the library is called.
pub(super) const NAME: &str = "libLiteRt.so";
const LITERT: Sought = Sought {
    names: &[NAME],
    package: "ai_edge_litert",
    entry: installed::litert,
    not_in: |path, reason| RuntimeError::LiteRt { path: path.to_owned(), reason },
};

/// LiteRT's library, seen to be the release that is accepted, to the byte: its functions take other arguments in others, and
/// nothing in the file tells which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedLiteRt {
    library: PathBuf,
    place: Place,
}

impl LocatedLiteRt {
    /// The library, an absolute path.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// Which of the places it was found in.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Its version.
    pub fn version(&self) -> &'static str {
        LITERT_VERSION
    }
}

/// What looking for the library came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct LiteRtSearch {
    /// The library, if it is anywhere.
    pub found: Option<LocatedLiteRt>,
    /// What goes by its name before it and is another, with why.
    pub passed_over: Vec<RuntimeError>,
}

/// Looks for the library; `None` when it is nowhere.
///
/// # Errors
/// [`RuntimeError::LiteRt`] when the place that the user named does not hold it.
pub fn find_litert(places: &Places) -> Result<Option<LocatedLiteRt>, RuntimeError> {
    Ok(search_litert(places)?.found)
}

/// As [`find_litert`], and says what was passed over.
///
/// # Errors
/// As [`find_litert`].
pub fn search_litert(places: &Places) -> Result<LiteRtSearch, RuntimeError> {
    let (found, passed_over) = LITERT.search(places, located)?;
    Ok(LiteRtSearch { found, passed_over })
}

/// The build for this machine.
///
/// # Errors
/// [`RuntimeError::LiteRtNoBuild`].
pub(super) fn build_for(os: &str, processor: &str) -> Result<&'static LiteRtBuild, RuntimeError> {
    let build = LITERT_BUILDS.iter().find(|build| (build.wheel.os, build.wheel.processor) == (os, processor));
    build.ok_or_else(|| RuntimeError::LiteRtNoBuild { platform: format!("{os} on {processor}") })
}

/// The library that is the file `library`, seen to be the accepted release.
fn located(library: &Path, place: Place) -> Result<LocatedLiteRt, RuntimeError> {
    let refused = |reason: String| RuntimeError::LiteRt { path: library.to_owned(), reason };
    if let Some(reason) = no_file(library) {
        return Err(refused(reason.into()));
    }
    let build = build_for(std::env::consts::OS, std::env::consts::ARCH)?;
    let other = || refused(format!("it is not the library of {LITERT_VERSION}, the release whose functions are known"));
    let bytes = fs_err::metadata(library).map_err(|error| refused(error.to_string()))?.len();
    if bytes != build.library_bytes {
        return Err(other());
    }
    match hash::of_file(library) {
        Ok(found) if found == build.library_sha256 => {}
        Ok(_) => return Err(other()),
        Err(error) => return Err(refused(error.to_string())),
    }
    Ok(LocatedLiteRt { library: std::path::absolute(library).unwrap_or_else(|_| library.to_owned()), place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::runtime::elf::made;

    #[test]
    fn another_release_is_told_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let places = |named: Option<&Path>, library_path: Vec<PathBuf>| Places {
            named: named.map(Path::to_owned),
            library_path,
            cache: Cache::new(folder.path().join("cache")),
        };
        let error = find_litert(&places(Some(folder.path()), vec![])).unwrap_err().to_string();
        assert!(error.ends_with("the folder has none of libLiteRt.so"), "{error}");
        fs_err::write(&path, made::library(&["LiteRtCreateEnvironment"])).unwrap();
        for named in [&*path, folder.path()] {
            let error = find_litert(&places(Some(named), vec![])).unwrap_err().to_string();
            assert!(error.contains("it is not the library of 2.3.0"), "{error}");
        }
        let search = search_litert(&places(None, vec![folder.path().to_owned()])).unwrap();
        assert!(search.passed_over[0].to_string().contains("not the library of 2.3.0"));
    }

    #[test]
    fn where_there_is_no_build_it_is_said_for_which_machine() {
        for (os, processor) in [("linux", "x86_64"), ("linux", "aarch64")] {
            assert!(build_for(os, processor).unwrap().wheel.platform.ends_with(processor));
        }
        let error = build_for("macos", "x86_64").unwrap_err().to_string();
        assert!(error.ends_with("no build to install for macos on x86_64"), "{error}");
    }
}
