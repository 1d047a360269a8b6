//! What can be seen to be wrong with a SavedModel without loading it.

use std::path::Path;

use super::files::{INDEX, lacks};
use super::signatures::signatures;
use super::variables::Index;

/// Why the SavedModel in `folder` cannot be whole: its graph doesn't parse, its variables' index is damaged, or a file
/// of values is shorter than the index knows. `None` where nothing of that is so.
pub(crate) fn damage(folder: &Path) -> Option<String> {
    match lacks(folder) {
        Err(error) => return Some(error.to_string()),
        Ok(Some(file)) => return Some(format!("it has no {file}")),
        Ok(None) => {}
    }
    if let Err(reason) = signatures(folder) {
        return Some(reason);
    }
    let Ok(index) = fs_err::read(folder.join(INDEX)) else { return None }; // weights may be constants
    match Index::parse(&index) {
        None => Some(format!("its {INDEX} is damaged")),
        Some(index) => index.shortened(folder),
    }
}
