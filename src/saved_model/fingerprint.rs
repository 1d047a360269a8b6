//! One hash for a SavedModel's content.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::SavedModelError;
use crate::fetch::integrity;

/// SHA-256, in hex, over `saved_model.pb` and then the files of `variables/` in the order of their names.
///
/// # Errors
/// [`SavedModelError::Incomplete`] when one is missing, [`SavedModelError::Read`] when one cannot be read.
pub fn fingerprint(folder: &Path) -> Result<String, SavedModelError> {
    super::check_whole(folder)?;
    let hash = || -> std::io::Result<String> {
        let mut files = vec![folder.join("saved_model.pb")];
        let mut variables = fs_err::read_dir(folder.join("variables"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        variables.sort();
        files.extend(variables);
        let mut hash = Sha256::new();
        for path in files {
            integrity::add_file(&mut hash, &path)?;
        }
        Ok(integrity::finish(hash))
    };
    hash().map_err(SavedModelError::Read)
}
