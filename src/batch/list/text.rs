//! A path a line, as it stands, or JSON where a line may be either.

use std::ffi::OsStr;
use std::io::BufRead;
use std::os::unix::ffi::OsStrExt;

use super::BadLine;
use super::json_lines;
use super::lines::{LONGEST, LineError, Lines};
use super::origin::Origin;
use crate::batch::Item;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    /// A path, whatever it begins with.
    Path,
    /// A JSON object of an item, or a JSON string, which is a path.
    Json,
    /// JSON where it begins as an object or a string does, else a path.
    Either,
}

/// The clips that lines name.
pub(super) struct Text<R> {
    lines: Lines<R>,
    origin: Origin,
    wording: Wording,
}

impl<R: BufRead> Text<R> {
    pub fn new(input: R, origin: Origin, wording: Wording) -> Self {
        Self { lines: Lines::new(input), origin, wording }
    }
}

impl<R: BufRead> Iterator for Text<R> {
    type Item = Result<Item, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, line) = self.lines.next()?;
        Some(match line {
            Ok(line) => item(line, self.wording)
                .map_err(|reason| self.origin.bad(number, reason, line).with_id(json_lines::id(line)))
                .and_then(|item| self.origin.item(item, number, line)),
            Err(LineError::TooLong(start)) => {
                Err(self.origin.bad(number, format!("the line is longer than {LONGEST} bytes"), &start))
            }
            Err(LineError::Read(error)) => {
                Err(self.origin.bad(number, format!("the list cannot be read on: {error}"), b""))
            }
        })
    }
}

fn item(line: &[u8], wording: Wording) -> Result<Item, String> {
    match (wording, line) {
        (Wording::Json, _) | (Wording::Either, [b'{' | b'"', ..]) => json_lines::item(line),
        _ => Ok(Item::new(OsStr::from_bytes(line))),
    }
}
