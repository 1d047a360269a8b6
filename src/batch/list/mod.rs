//! Lists of clips: folders, and files that name clips.
//!
//! Nothing of a list is held but where reading stands. A relative path in a list is one from the working directory; where
//! nothing is there, and something is there from the folder that the list is in, it is that.

mod csv;
mod error;
mod form;
mod json_lines;
mod lines;
mod origin;
#[cfg(feature = "parquet")]
mod parquet;
mod text;
mod walk;

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

pub use error::{BadLine, ListError};
use form::Form;
use origin::Origin;
use text::{Text, Wording};
use walk::Walk;

use super::Item;
use crate::hash;

/// Clips one after the other.
type Clips = Box<dyn Iterator<Item = Result<Item, BadLine>> + Send>;

/// Clips to be classified, one after the other.
pub struct List {
    names: VecDeque<PathBuf>,
    current: Option<Clips>,
    skipped: Arc<AtomicU64>,
    looks_for_clips: bool,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("names", &self.names).finish_non_exhaustive()
    }
}

impl List {
    /// The clips that `names` name: clips, folders with clips, and lists, which are told by their endings `.txt` (a path a
    /// line), `.csv`, `.jsonl` or `.ndjson`, and `.parquet`. What is neither a list nor a folder is a clip, there or not.
    ///
    /// Folders are gone through depth first, in the order of their names with numbers as numbers; hidden files and folders
    /// are passed over, and links to folders above. A folder of pictures without a clip or a folder in it is one clip.
    ///
    /// # Errors
    /// [`ListError`] when a list cannot be opened, or does not say which its clips are.
    pub fn open(names: &[PathBuf]) -> Result<Self, ListError> {
        for name in names {
            if let Some(form) = Form::of(name) {
                drop(form.open(name, Origin::file(name))?);
            }
        }
        Ok(Self {
            names: names.iter().cloned().collect(),
            current: None,
            skipped: Arc::default(),
            looks_for_clips: true,
        })
    }

    /// The clips that `input` names as it comes: in each line a path, or a JSON object of an [`Item`], or a JSON string,
    /// which is a path. A line that begins with `{` or `"` is JSON. Lines that are blank say nothing. `name` is what
    /// `input` is called where a line is bad.
    pub fn lines(input: impl BufRead + Send + 'static, name: &str) -> Self {
        let clips = Text::new(input, Origin::nowhere(Path::new(name)), Wording::Either);
        Self { names: VecDeque::new(), current: Some(Box::new(clips)), skipped: Arc::default(), looks_for_clips: true }
    }

    /// SHA-256, in hexadecimal digits, of `names` and of what the lists among them hold; it tells whether a later list is
    /// the same. Of folders and clips, their names alone have part in it.
    ///
    /// # Errors
    /// When a list cannot be read; the message names it.
    pub fn identity(names: &[PathBuf]) -> io::Result<String> {
        let mut hash = Sha256::new();
        for name in names {
            // Lengths keep what follows from being part of it.
            let bytes = name.as_os_str().as_encoded_bytes();
            hash.update(bytes.len().to_le_bytes());
            hash.update(bytes);
            if Form::of(name).is_some() {
                let mut content = Sha256::new();
                hash::add_file(&mut content, name)?;
                hash.update(content.finalize());
            }
        }
        Ok(hash::finish(hash))
    }

    /// How many items and bad lines [`List::open`] of the same names gives.
    ///
    /// # Errors
    /// As [`List::open`].
    pub fn count(names: &[PathBuf]) -> Result<u64, ListError> {
        let list = Self { looks_for_clips: false, ..Self::open(names)? };
        Ok(list.fold(0, |count, _| count + 1))
    }

    /// How many files in folders were passed over so far, because they are no clips. Hidden ones are not counted.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// The clips that `name` names.
    fn clips(&self, name: PathBuf) -> Clips {
        let Some(form) = Form::of(&name) else {
            return match name.is_dir() {
                true => Box::new(Walk::new(&name, Arc::clone(&self.skipped))),
                false => Box::new(std::iter::once(Ok(Item::new(name)))),
            };
        };
        let origin = if self.looks_for_clips { Origin::file(&name) } else { Origin::nowhere(&name) };
        form.open(&name, origin).unwrap_or_else(|error| {
            // It was there when all were opened.
            let reason = format!("the list cannot be read any more: {error}");
            Box::new(std::iter::once(Err(BadLine::new(&name, None, reason, b""))))
        })
    }
}

impl Iterator for List {
    type Item = Result<Item, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(given) = self.current.as_mut().and_then(Iterator::next) {
                return Some(given);
            }
            self.current = None;
            let name = self.names.pop_front()?;
            self.current = Some(self.clips(name));
        }
    }
}

#[cfg(test)]
mod tests;
