//! What can be seen to be wrong with a SavedModel without loading it.

use std::path::Path;

use super::calls;
use super::files::{GRAPH, INDEX, lacks};
use super::signatures::of_graph;
use super::variables::Index;

/// Why the SavedModel in `folder` cannot be whole: its graph doesn't parse or calls itself, its variables' index is damaged, or a file
/// of values is shorter than the index knows. `None` where nothing of that is so.
pub(crate) fn damage(folder: &Path) -> Option<String> {
    match lacks(folder) {
        Err(error) => return Some(error.to_string()),
        Ok(Some(file)) => return Some(format!("it has no {file}")),
        Ok(None) => {}
    }
    let graph = match fs_err::read(folder.join(GRAPH)) {
        Ok(graph) => graph,
        Err(error) => return Some(error.to_string()),
    };
    if let Some(reason) = of_graph(&graph).err().or_else(|| calls::fault(&graph)) {
        return Some(reason);
    }
    let Ok(index) = fs_err::read(folder.join(INDEX)) else { return None }; // weights may be constants
    match Index::parse(&index) {
        None => Some(format!("its {INDEX} is damaged")),
        Some(index) => index.shortened(folder),
    }
}
