//! Names of the classes, and the files that they come in.

mod encoding;
mod forms;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of the classes, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Option<Arc<[String]>>,
}

/// Why a label file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelsError {
    /// It cannot be read; the message names it.
    #[error("cannot read the labels")]
    Read(#[source] std::io::Error),
    /// It isn't UTF-8.
    #[error("'{}' is {encoding}; save it as UTF-8", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// What it is instead, as far as can be told.
        encoding: &'static str,
    },
    /// It is text, but what the names are cannot be told.
    #[error("cannot tell the labels in '{}': {reason}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// It has another number of labels than the model has classes.
    #[error("'{}' has {lines} labels, but the model has {classes} classes", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// Its labels.
        lines: usize,
        /// The model's classes.
        classes: usize,
    },
}

impl Labels {
    /// Reads a file of UTF-8, with or without a byte-order mark, in one of these forms:
    ///
    /// - one name a line; empty lines at the end don't count;
    /// - a number and a name a line, `0,name`, `0;name`, `0: name`, `0 name`, with a tab, or the other way round
    ///   `name,0`, in any order, with or without a line of headings, names in quotes or not. The numbers are those from 0
    ///   up to the number of names less one, each once: otherwise they are part of the names, or an error;
    /// - JSON: a list of names, or an object from number to name or from name to number.
    ///
    /// # Errors
    /// [`LabelsError::Read`], [`LabelsError::Encoding`], and [`LabelsError::Form`] where a class would have no name, or
    /// numbers are missing or begin at 1.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, LabelsError> {
        let path = path.as_ref();
        let bytes = fs_err::read(path).map_err(LabelsError::Read)?;
        Self::from_bytes(&bytes, path)
    }

    /// As [`read`](Self::read), from what the file `path` holds.
    pub(crate) fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, LabelsError> {
        let text =
            encoding::text(bytes).map_err(|encoding| LabelsError::Encoding { path: path.to_owned(), encoding })?;
        let names = forms::names(text).map_err(|reason| LabelsError::Form { path: path.to_owned(), reason })?;
        Ok(Self { names: Some(names.into()) })
    }

    /// One label a line of `text`, whatever is in it. Empty lines at the end don't count.
    pub fn parse(text: &str) -> Self {
        Self { names: Some(forms::lines(text).into_iter().map(str::to_owned).collect()) }
    }

    /// These names, by index.
    pub fn new(names: Vec<String>) -> Self {
        Self { names: Some(names.into()) }
    }

    /// The names, where they are known.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// For a model whose labels are not known: `class 242`.
    pub fn numbered() -> Self {
        Self { names: None }
    }

    /// Insists on one label for each of `classes`; `path` is the file in the error.
    ///
    /// # Errors
    /// [`LabelsError::Count`].
    pub fn check(&self, classes: usize, path: &Path) -> Result<(), LabelsError> {
        match &self.names {
            Some(names) if names.len() != classes => {
                Err(LabelsError::Count { path: path.to_owned(), lines: names.len(), classes })
            }
            _ => Ok(()),
        }
    }

    /// The label of class `index`.
    pub fn name(&self, index: usize) -> String {
        match self.names.as_ref().and_then(|names| names.get(index)) {
            Some(name) => name.clone(),
            None => format!("class {index}"),
        }
    }
}
