//! The lines of a file that may have a million of them, one of which may be a whole film.

use std::io::{self, BufRead, ErrorKind, Read};

/// A longer line is no path, and no JSON of one.
pub(super) const LONGEST: usize = 1 << 20;

/// Lines one after the other: without their ends, a byte-order mark, and those that are empty or blank.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    has_ended: bool,
}

/// A line, and its number from 1.
pub(super) type Line<'a> = (u64, Result<&'a [u8], LineError>);

/// Why there is no line.
pub(super) enum LineError {
    /// It is longer than [`LONGEST`]; this is how it begins.
    TooLong(Vec<u8>),
    /// It cannot be read; there are no more.
    Read(io::Error),
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, has_ended: false }
    }

    /// The next line that says something.
    pub fn next(&mut self) -> Option<Line<'_>> {
        while !self.has_ended {
            self.line.clear();
            self.number += 1;
            let read = self.input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut self.line);
            if let Err(error) = read {
                self.has_ended = true;
                return Some((self.number, Err(LineError::Read(error))));
            }
            if self.line.len() > LONGEST {
                let start = self.line[..LONGEST / 1024].to_vec();
                if let Err(error) = self.skip() {
                    self.has_ended = true;
                    return Some((self.number, Err(LineError::Read(error))));
                }
                return Some((self.number, Err(LineError::TooLong(start))));
            }
            self.has_ended = !self.line.ends_with(b"\n");
            if !content(&self.line, self.number).trim_ascii().is_empty() {
                return Some((self.number, Ok(content(&self.line, self.number))));
            }
        }
        None
    }

    /// Reads up to the end of the line.
    fn skip(&mut self) -> io::Result<()> {
        if self.line.ends_with(b"\n") {
            return Ok(());
        }
        loop {
            let (used, is_end) = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
                Ok([]) => return Ok(()),
                Ok(bytes) => match memchr::memchr(b'\n', bytes) {
                    Some(end) => (end + 1, true),
                    None => (bytes.len(), false),
                },
            };
            self.input.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }
}

/// A line without its end, the first one without a byte-order mark.
fn content(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match number {
        1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        _ => line,
    }
}
