//! What is wrong with a list, or with a line of one.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::shown::shown;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It cannot be opened or read; the cause names it.
    #[error("cannot read the list")]
    Read {
        /// The list.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is a pipe or the like, which can be read once only.
    #[error("the list '{}' is no file: send its lines to standard input, and name '-'", shown(&path.to_string_lossy()))]
    NotAFile {
        /// The list.
        path: PathBuf,
    },
    /// It is text, but in another encoding than UTF-8.
    #[error("the list '{}' is {encoding}: save it as UTF-8", shown(&path.to_string_lossy()))]
    Encoding {
        /// The list.
        path: PathBuf,
        /// The encoding.
        encoding: &'static str,
    },
    /// It is a table without the column that names the clips.
    #[error("the list '{}' has no column 'path', which names the clips; it has {}", shown(&path.to_string_lossy()), names(columns))]
    NoPath {
        /// The list.
        path: PathBuf,
        /// The columns that it has.
        columns: Vec<String>,
    },
    /// It is a Parquet file, and this build has no feature `parquet`.
    #[error("the list '{}' is a Parquet file, which this build cannot read: make it a .csv or .jsonl, or build with the feature 'parquet'", shown(&path.to_string_lossy()))]
    NoParquet {
        /// The list.
        path: PathBuf,
    },
    /// It is no Parquet file, or a damaged one.
    #[error("the list '{}' cannot be read as Parquet ({reason}): write it anew, or make it a .csv or .jsonl", shown(&path.to_string_lossy()))]
    Damaged {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A column that says something of clips is a list, a structure or the like.
    #[error("the column '{column}' of the list '{}' is {kind}: it must have a text or a number a row", shown(&path.to_string_lossy()))]
    Column {
        /// The list.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// What it holds.
        kind: &'static str,
    },
}

/// Some columns of a table, quoted.
fn names(columns: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = columns.iter().take(SHOWN).map(|name| format!("'{}'", shown(&start(name)))).collect();
    match columns.len() {
        0 => return "none".into(),
        count if count > SHOWN => names.push(format!("{} more", count - SHOWN)),
        _ => {}
    }
    names.join(", ")
}

/// A line of a list by which no clip can be meant, or where a list or a folder cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The list, or the folder.
    pub list: PathBuf,
    /// Which line, or row of a table without lines, from 1; none of a folder.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: String,
    /// What the line says: its first bytes.
    pub text: String,
    /// The `id` that it gives, where it can be told.
    pub id: Option<Value>,
}

impl BadLine {
    pub(super) fn new(list: &Path, line: Option<u64>, reason: impl Into<String>, text: &[u8]) -> Self {
        let text = start(&String::from_utf8_lossy(&text[..text.len().min(LONGEST + 1)])).into_owned();
        Self { list: list.to_owned(), line, reason: reason.into(), text, id: None }
    }

    pub(super) fn with_id(self, id: Option<Value>) -> Self {
        Self { id, ..self }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.to_string_lossy();
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", shown(&list), shown(&self.reason)),
            None => write!(f, "{}: {}", shown(&list), shown(&self.reason)),
        }
    }
}

impl std::error::Error for BadLine {}

/// So many bytes of a line are shown.
const LONGEST: usize = 200;

/// The first bytes of a text, with a mark where it goes on.
fn start(text: &str) -> Cow<'_, str> {
    match (0..=LONGEST).rev().find(|&end| text.is_char_boundary(end)) {
        Some(end) if text.len() > LONGEST => format!("{}…", &text[..end]).into(),
        _ => text.into(),
    }
}
