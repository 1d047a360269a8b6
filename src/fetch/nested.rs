//! Where in an archive its SavedModel is: at the top, as in the official ones, or in a folder, as where people pack one.

use std::path::{Path, PathBuf};

use super::FetchError;
use crate::cache::FileRecord;
use crate::saved_model::missing_file;

const GRAPH: &str = "saved_model.pb";
/// So many names of what an archive holds are told.
const TOLD: usize = 5;

/// Brings the only SavedModel among what was unpacked into `into` to its top; what is beside its folder is removed.
///
/// `files` is what was unpacked, and what remains is given back. `name` says in errors which archive it was.
///
/// # Errors
/// [`FetchError::Archive`] where there is no whole SavedModel, or several and none at the top; [`FetchError::Unpack`].
pub(super) fn bring_up(mut files: Vec<FileRecord>, name: &str, into: &Path) -> Result<Vec<FileRecord>, FetchError> {
    let fault = |reason: String| FetchError::Archive { name: name.to_owned(), reason };
    let is_graph = |file: &&FileRecord| Path::new(&file.path).file_name().is_some_and(|name| name == GRAPH);
    let folder_of = |file: &FileRecord| Path::new(&file.path).parent().map(Path::to_path_buf).unwrap_or_default();
    let mut folders: Vec<PathBuf> = files.iter().filter(is_graph).map(folder_of).collect();
    folders.sort();
    match &folders[..] {
        [] => return Err(fault(format!("it lacks {GRAPH}; {}", holds(&files)))),
        [top, ..] if top.as_os_str().is_empty() => {}
        [folder] => {
            move_up(folder, into).map_err(|reason| FetchError::Unpack { folder: into.to_owned(), reason })?;
            files.retain_mut(|file| match Path::new(&file.path).strip_prefix(folder) {
                Ok(inside) => {
                    file.path = inside.to_string_lossy().into_owned();
                    true
                }
                Err(_) => false,
            });
        }
        several => {
            let told: Vec<_> = several.iter().take(TOLD).map(|folder| format!("'{}'", folder.display())).collect();
            let more = if several.len() > TOLD { ", ..." } else { "" };
            return Err(fault(format!(
                "it holds {} SavedModels, in {}{more}; unpack it and give one of their folders",
                several.len(),
                told.join(", ")
            )));
        }
    }
    match missing_file(into) {
        Some(file) => Err(fault(format!("it lacks {file}"))),
        None => Ok(files),
    }
}

/// Removes what is in `folder`, but for `kept`.
pub(super) fn remove_all_but(kept: &Path, folder: &Path) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            _ if entry.path() == kept => {}
            true => fs_err::remove_dir_all(entry.path())?,
            false => fs_err::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Makes `into/folder` all that is in `into`.
fn move_up(folder: &Path, into: &Path) -> std::io::Result<()> {
    let aside = tempfile::tempdir_in(into)?;
    let model = aside.path().join("model");
    fs_err::rename(into.join(folder), &model)?;
    remove_all_but(aside.path(), into)?;
    for entry in fs_err::read_dir(&model)? {
        let entry = entry?;
        fs_err::rename(entry.path(), into.join(entry.file_name()))?;
    }
    aside.close()
}

/// What an archive holds, in a few words.
fn holds(files: &[FileRecord]) -> String {
    let told: Vec<_> = files.iter().take(TOLD).map(|file| format!("'{}'", file.path)).collect();
    match files.len() {
        0 => "it holds no file".into(),
        count if count > TOLD => format!("it holds {} and {} more", told.join(", "), count - TOLD),
        _ => format!("it holds {}", told.join(", ")),
    }
}
