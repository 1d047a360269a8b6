//! Which files a SavedModel has, one hash for its content, copying it.

use std::io;
use std::path::Path;

use memchr::memmem;
use sha2::{Digest, Sha256};

use crate::hash;

/// The file with the graph.
pub(crate) const GRAPH: &str = "saved_model.pb";
/// The folder with the variables.
pub(super) const VARIABLES: &str = "variables";
/// The file that says what each variable is and where its values are.
pub(super) const INDEX: &str = "variables/variables.index";
/// Operations that hold a variable. A graph without one has constants instead, and no files of variables.
const VARIABLE_OPERATIONS: [&[u8]; 2] = [b"VarHandleOp", b"VariableV2"];

/// The first file that a SavedModel with variables needs and `folder` lacks.
pub(crate) fn missing_file(folder: &Path) -> Option<&'static str> {
    [GRAPH, INDEX].into_iter().find(|file| !folder.join(file).is_file())
}

/// As [`missing_file`], for any SavedModel: one whose weights are constants of its graph needs no variables.
///
/// # Errors
/// When the graph cannot be read; the message names it.
pub(crate) fn lacks(folder: &Path) -> io::Result<Option<&'static str>> {
    match missing_file(folder) {
        Some(INDEX) => {
            let graph = fs_err::read(folder.join(GRAPH))?;
            let has_variables = VARIABLE_OPERATIONS.iter().any(|word| memmem::find(&graph, word).is_some());
            Ok(has_variables.then_some(INDEX))
        }
        missing => Ok(missing),
    }
}

/// SHA-256, in hex, over `saved_model.pb` and then the files of `variables/` in the order of their names.
///
/// # Errors
/// When a file cannot be read; the message names it.
pub fn fingerprint(folder: impl AsRef<Path>) -> io::Result<String> {
    let folder = folder.as_ref();
    let mut files = vec![folder.join(GRAPH)];
    let variables = folder.join(VARIABLES);
    if variables.is_dir() {
        let mut found = fs_err::read_dir(variables)?.map(|e| Ok(e?.path())).collect::<io::Result<Vec<_>>>()?;
        found.sort();
        files.extend(found);
    }
    let mut hash = Sha256::new();
    for path in files {
        hash::add_file(&mut hash, &path)?;
    }
    Ok(hash::finish(hash))
}

/// Copies the files of a SavedModel, and nothing else that may lie beside them.
///
/// # Errors
/// When a file cannot be read or written; the message names it.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs_err::copy(from.join(GRAPH), to.join(GRAPH))?;
    for part in [VARIABLES, "assets"] {
        fs_err::create_dir_all(to.join(part))?;
        let Ok(entries) = fs_err::read_dir(from.join(part)) else { continue }; // assets may be missing
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs_err::copy(entry.path(), to.join(part).join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_graph_with_variables_needs_their_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(lacks(folder.path()).unwrap(), Some(GRAPH));
        fs_err::write(folder.path().join(GRAPH), b"a graph of Const and Conv2D").unwrap();
        assert_eq!(lacks(folder.path()).unwrap(), None);
        let without = fingerprint(folder.path()).unwrap();
        fs_err::write(folder.path().join(GRAPH), b"a graph with VarHandleOp in it").unwrap();
        assert_eq!(lacks(folder.path()).unwrap(), Some(INDEX));
        fs_err::create_dir(folder.path().join(VARIABLES)).unwrap();
        fs_err::write(folder.path().join(INDEX), b"").unwrap();
        assert_eq!(lacks(folder.path()).unwrap(), None);
        assert_ne!(fingerprint(folder.path()).unwrap(), without);
    }
}
