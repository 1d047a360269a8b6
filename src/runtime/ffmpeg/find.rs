//! Looking for ffmpeg on this machine.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ask::{self, Answer};
use super::{Ffmpeg, FfmpegPlace, FfmpegPlaces, kept};
use crate::cache::Cache;
use crate::runtime::{RuntimeError, installed, is_installed};

/// What the program is called.
pub(super) const NAME: &str = "ffmpeg";

/// What looking for ffmpeg came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct FfmpegSearch {
    /// The program, if it is anywhere.
    pub found: Option<Ffmpeg>,
    /// What goes by its name before it and is of no use, with why.
    pub passed_over: Vec<RuntimeError>,
}

/// Looks for ffmpeg and tries it; `None` when there is none that does what is needed.
///
/// # Errors
/// [`RuntimeError::Ffmpeg`] when what the user named is none that does.
pub fn find_ffmpeg(places: &FfmpegPlaces) -> Result<Option<Ffmpeg>, RuntimeError> {
    Ok(search_ffmpeg(places)?.found)
}

/// As [`find_ffmpeg`], and says what was passed over.
///
/// # Errors
/// As [`find_ffmpeg`].
pub fn search_ffmpeg(places: &FfmpegPlaces) -> Result<FfmpegSearch, RuntimeError> {
    search(places, false)
}

/// As [`search_ffmpeg`]; with `believes`, a program that was tried before and is still the same is not tried again.
pub(super) fn search(places: &FfmpegPlaces, believes: bool) -> Result<FfmpegSearch, RuntimeError> {
    if let Some(named) = &places.named {
        let program = if named.is_dir() { named.join(NAME) } else { named.clone() };
        let found = Some(tried(&program, FfmpegPlace::Named, &places.cache, believes)?);
        return Ok(FfmpegSearch { found, passed_over: Vec::new() });
    }
    let mut passed_over = Vec::new();
    for (program, place) in candidates(places) {
        match tried(&program, place, &places.cache, believes) {
            Ok(found) => return Ok(FfmpegSearch { found: Some(found), passed_over }),
            Err(error) => passed_over.push(error),
        }
    }
    Ok(FfmpegSearch { found: None, passed_over })
}

/// What goes by the program's name, each file once, links to nothing included; folders are none of it.
fn candidates(places: &FfmpegPlaces) -> Vec<(PathBuf, FfmpegPlace)> {
    let list = places.search_path.clone().unwrap_or_default();
    let folders = std::env::split_paths(&list).filter(|folder| !folder.as_os_str().is_empty());
    let on_path = folders.map(|folder| (folder.join(NAME), FfmpegPlace::SearchPath));
    let in_cache = installed::ffmpeg(&places.cache).path().to_owned();
    let in_cache = is_installed(&in_cache).then(|| (in_cache.join(NAME), FfmpegPlace::Cache));
    let mut found: Vec<(PathBuf, FfmpegPlace)> = Vec::new();
    let mut seen = Vec::new();
    for (program, place) in on_path.chain(in_cache) {
        // The same file is often to be had by several folders.
        let file = fs_err::canonicalize(&program).unwrap_or_else(|_| program.clone());
        if program.symlink_metadata().is_ok() && !file.is_dir() && !seen.contains(&file) {
            seen.push(file);
            found.push((program, place));
        }
    }
    found
}

/// The program that the file `program` is, if it does what is needed, or did the last time and that is believed.
pub(super) fn tried(program: &Path, place: FfmpegPlace, cache: &Cache, believes: bool) -> Result<Ffmpeg, RuntimeError> {
    let refused = |reason: String| RuntimeError::Ffmpeg { path: program.to_owned(), place, reason };
    match fs_err::metadata(program) {
        Ok(found) if found.is_dir() => return Err(refused("it is a folder".into())),
        Ok(_) => {}
        Err(_) if program.symlink_metadata().is_ok() => return Err(refused("it is a link to nothing".into())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(refused("there is no such file".into())),
        Err(error) => return Err(refused(error.to_string())),
    }
    let absolute = std::path::absolute(program).unwrap_or_else(|_| program.to_owned());
    let before = if believes { kept::answer(cache, &absolute) } else { None };
    let Answer { version, sync } = match before {
        Some(answer) => answer,
        None => {
            let answer = ask::ask(&absolute).map_err(refused).inspect_err(|_| kept::forget(cache, &absolute))?;
            kept::keep(cache, &absolute, &answer);
            answer
        }
    };
    Ok(Ffmpeg { program: absolute, place, version, sync })
}
