//! A table as text: the columns `path`, and if there `from`, `to`, `label`, `id`, in any order.

use std::ffi::OsStr;
use std::io::{self, BufRead, Chain, Cursor, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};
use serde_json::Value;

use super::lines::LONGEST;
use super::origin::Origin;
use super::{BadLine, ListError};
use crate::batch::Item;

/// What may stand between two fields, the likeliest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The clips that a table names.
pub(super) struct Csv<R> {
    reader: Reader<Bounded<Whole<R>>>,
    /// Bytes that were read for one record.
    read: Arc<AtomicU64>,
    record: ByteRecord,
    columns: Option<Columns>,
    /// Fields of the header.
    width: usize,
    /// Lines before the header.
    blank: u64,
    delimiter: u8,
    origin: Origin,
}

/// A file of which the first line was looked at, with a line end behind it.
type Whole<R> = Chain<Chain<Cursor<Vec<u8>>, R>, &'static [u8]>;

/// Where the columns of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    path: usize,
    from: Option<usize>,
    to: Option<usize>,
    label: Option<usize>,
    id: Option<usize>,
}

impl<R: BufRead> Csv<R> {
    /// # Errors
    /// [`ListError`] where the header cannot be read or has no `path`. What has no line at all has no clips.
    pub fn new(mut input: R, list: &Path, origin: Origin) -> Result<Self, ListError> {
        let cannot = |source| ListError::Read { path: list.to_owned(), source };
        let (mut head, mut blank) = (Vec::new(), 0);
        while input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut head).map_err(cannot)? > 0
            && head.trim_ascii().is_empty()
        {
            head.clear();
            blank += 1;
        }
        let delimiter = DELIMITERS.into_iter().find(|&delimiter| has_path(&head, delimiter)).unwrap_or(b',');
        let read = Arc::new(AtomicU64::new(0));
        // With a last line end, every record has one, by which lines can be counted.
        let input = Cursor::new(head).chain(input).chain(&b"\n"[..]);
        let mut reader = records(delimiter).from_reader(Bounded { input, read: Arc::clone(&read) });
        let header = reader.byte_headers().map_err(|error| cannot(reason(error)))?;
        let columns = match header.is_empty() {
            true => None,
            false => Some(Columns::of(header).ok_or_else(|| ListError::NoPath {
                path: list.to_owned(),
                columns: header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
            })?),
        };
        let width = header.len();
        Ok(Self { reader, read, record: ByteRecord::new(), columns, width, blank, delimiter, origin })
    }

    /// The clip of the record that was read, or what is wrong with it.
    fn item(&self, columns: Columns) -> Result<Item, String> {
        if self.record.len() != self.width {
            return Err(format!("{} fields, where the header has {}", self.record.len(), self.width));
        }
        let text = |name: &str, column: Option<usize>| -> Result<Option<String>, String> {
            let Some(text) = column.map(|column| self.field(column).trim_ascii()) else { return Ok(None) };
            let text = str::from_utf8(text).map_err(|_| format!("'{name}' is not UTF-8: save the list as UTF-8"))?;
            Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
        };
        let number = |name: &str, column: Option<usize>| -> Result<Option<f64>, String> {
            let Some(text) = text(name, column)? else { return Ok(None) };
            // Where semicolons stand between fields, it is because numbers have commas.
            let text = if self.delimiter == b';' { text.replace(',', ".") } else { text };
            text.parse().map(Some).map_err(|_| format!("'{name}' is '{text}', and must be a number of seconds"))
        };
        Ok(Item {
            from: number("from", columns.from)?,
            to: number("to", columns.to)?,
            label: text("label", columns.label)?,
            id: self.id(columns),
            ..Item::new(OsStr::from_bytes(self.field(columns.path)))
        })
    }

    /// A field of the record that was read.
    fn field(&self, column: usize) -> &[u8] {
        match self.record.get(column).unwrap_or_default() {
            last if column + 1 == self.width => last.strip_suffix(b"\r").unwrap_or(last),
            field => field,
        }
    }

    /// The `id` of the record that was read.
    fn id(&self, columns: Columns) -> Option<Value> {
        let id = String::from_utf8_lossy(self.field(columns.id?).trim_ascii());
        (!id.is_empty()).then(|| Value::String(id.into_owned()))
    }

    /// The record that was read, as a line of text.
    fn text(&self) -> Vec<u8> {
        self.record.iter().collect::<Vec<_>>().join(&self.delimiter).trim_ascii_end().to_vec()
    }

    /// In which line the record that was read begins. Its own position is before the blank lines that were passed over.
    fn line(&self) -> u64 {
        let ends = 1 + memchr::memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        self.blank + self.reader.position().line().saturating_sub(ends)
    }
}

impl<R: BufRead> Iterator for Csv<R> {
    type Item = Result<Item, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let columns = self.columns?;
            self.read.store(0, Ordering::Relaxed);
            let begin = self.blank + self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                // Spreadsheets write rows of nothing.
                Ok(true) if self.record.iter().all(|field| field.trim_ascii().is_empty()) => {}
                Ok(true) => {
                    let bad = |reason| self.origin.bad(self.line(), reason, &self.text()).with_id(self.id(columns));
                    let item = self.item(columns).map_err(bad);
                    return Some(item.and_then(|item| self.origin.item(item, self.line(), &self.text())));
                }
                Err(error) => {
                    self.columns = None;
                    let reason = format!("the list cannot be read on: {}", reason(error));
                    return Some(Err(self.origin.bad(begin, reason, b"")));
                }
            }
        }
    }
}

/// How records are read. Carriage returns before line ends stay, because lines would be counted wrongly without them.
fn records(delimiter: u8) -> ReaderBuilder {
    let mut records = ReaderBuilder::new();
    records.delimiter(delimiter).terminator(Terminator::Any(b'\n')).flexible(true);
    records
}

fn reason(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

impl Columns {
    fn of(header: &ByteRecord) -> Option<Self> {
        let column =
            |wanted: &str| header.iter().position(|name| name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()));
        Some(Self {
            path: column("path")?,
            from: column("from"),
            to: column("to"),
            label: column("label"),
            id: column("id"),
        })
    }
}

/// Whether a column of the header is `path`, if `delimiter` stands between them.
fn has_path(head: &[u8], delimiter: u8) -> bool {
    let mut reader = records(delimiter).from_reader(head);
    reader.byte_headers().is_ok_and(|header| Columns::of(header).is_some())
}

/// A reader that gives an error where one record takes too much of it: after a quote that nothing closes, all the rest of
/// a list would be one field.
struct Bounded<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.load(Ordering::Relaxed) > LONGEST as u64 {
            return Err(io::Error::other(format!("a row is longer than {LONGEST} bytes: is a quote not closed?")));
        }
        let count = self.input.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
