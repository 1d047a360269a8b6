//! Where a line stands, and what becomes of it.

use std::path::{Path, PathBuf};

use super::BadLine;
use crate::batch::Item;

/// A list, as its lines see it.
#[derive(Debug)]
pub(super) struct Origin {
    /// What it is called.
    name: PathBuf,
    /// Where relative paths are looked for, if they lead nowhere from the working directory.
    folder: Option<PathBuf>,
}

impl Origin {
    /// Of a list that lies nowhere.
    pub fn nowhere(name: &Path) -> Self {
        Self { name: name.to_owned(), folder: None }
    }

    /// Of the file `list`.
    pub fn file(list: &Path) -> Self {
        let folder = list.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
        Self { name: list.to_owned(), folder }
    }

    /// The clip that a line says, found; `text` is that line.
    pub fn item(&self, mut item: Item, line: u64, text: &[u8]) -> Result<Item, BadLine> {
        item.check().map_err(|error| self.bad(line, error.to_string(), text).with_id(item.id.take()))?;
        if let Some(folder) = self.folder.as_ref().filter(|_| item.path.is_relative() && !item.path.exists()) {
            let beside = folder.join(&item.path);
            if beside.exists() {
                item.path = beside;
            }
        }
        Ok(item)
    }

    /// A line by which no clip can be meant.
    pub fn bad(&self, line: u64, reason: impl Into<String>, text: &[u8]) -> BadLine {
        BadLine::new(&self.name, Some(line), reason, text)
    }
}
