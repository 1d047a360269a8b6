//! A table as a Parquet file: the columns that a `.csv` has, each with a text or a number a row.

mod cells;

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::vec;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;
use serde_json::Value;

use cells::{Cell, Cells};

use super::origin::Origin;
use super::{BadLine, ListError};
use crate::batch::Item;

/// The columns, the first of which must be there.
const NAMES: [&str; 5] = ["path", "from", "to", "label", "id"];
/// So many rows are read at once.
const AT_ONCE: usize = 1024;

/// The clips that a table names.
pub(super) struct Parquet {
    file: SerializedFileReader<File>,
    /// Where [`NAMES`] are among the file's columns.
    columns: [Option<usize>; NAMES.len()],
    /// The group of rows under way: its columns, and how many rows are left in it.
    group: Option<([Option<Cells>; NAMES.len()], usize)>,
    next_group: usize,
    /// What was read, and not given yet.
    rows: vec::IntoIter<[Cell; NAMES.len()]>,
    /// Number of the row that was given last, from 1.
    row: u64,
    origin: Origin,
}

impl Parquet {
    /// # Errors
    /// [`ListError`] where the file is no Parquet, has no column `path`, or one of those that are used is no text and no
    /// numbers.
    pub fn new(file: File, list: &Path, origin: Origin) -> Result<Self, ListError> {
        let damaged = |error: ParquetError| ListError::Damaged { path: list.to_owned(), reason: reason(error) };
        let length = file.metadata().map_err(|error| damaged(error.into()))?.len();
        let file = SerializedFileReader::new(file).map_err(damaged)?;
        let schema = file.metadata().file_metadata().schema_descr();
        let mut columns = [None; NAMES.len()];
        for (column, name) in columns.iter_mut().zip(NAMES) {
            *column =
                find(schema, name).map_err(|kind| ListError::Column { path: list.to_owned(), column: name, kind })?;
        }
        if columns[0].is_none() {
            let fields = schema.root_schema().get_fields();
            let columns = fields.iter().map(|field| field.name().to_owned()).collect();
            return Err(ListError::NoPath { path: list.to_owned(), columns });
        }
        for column in columns.iter().flatten() {
            check(file.metadata(), *column, length).map_err(damaged)?;
        }
        let rows = Vec::new().into_iter();
        Ok(Self { file, columns, group: None, next_group: 0, rows, row: 0, origin })
    }

    /// The next rows; none at the end.
    fn read(&mut self) -> Result<Option<Vec<[Cell; NAMES.len()]>>, ParquetError> {
        let (columns, left) = loop {
            match &mut self.group {
                Some((columns, left)) if *left > 0 => break (columns, left),
                _ if self.next_group == self.file.num_row_groups() => return Ok(None),
                _ => {
                    let group = self.file.get_row_group(self.next_group)?;
                    self.next_group += 1;
                    let mut columns = [const { None }; NAMES.len()];
                    for (cells, column) in columns.iter_mut().zip(self.columns) {
                        *cells = column
                            .map(|column| {
                                let description = group.metadata().column(column).column_descr_ptr();
                                Ok::<_, ParquetError>(Cells::new(group.get_column_reader(column)?, description))
                            })
                            .transpose()?;
                    }
                    let rows = usize::try_from(group.metadata().num_rows())
                        .map_err(|_| ParquetError::General("a group of rows has less than none".into()))?;
                    self.group = Some((columns, rows));
                }
            }
        };
        let count = (*left).min(AT_ONCE);
        let mut rows = vec![[const { Cell::None }; NAMES.len()]; count];
        for (index, cells) in columns.iter_mut().enumerate() {
            if let Some(cells) = cells {
                let read = cells.read(count)?;
                if read.len() != count {
                    return Err(ParquetError::EOF("a column ends before the others".into()));
                }
                rows.iter_mut().zip(read).for_each(|(row, cell)| row[index] = cell);
            }
        }
        *left -= count;
        Ok(Some(rows))
    }
}

impl Iterator for Parquet {
    type Item = Result<Item, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                self.row += 1;
                let text = row[0].text().unwrap_or_default();
                let item =
                    item(&row).map_err(|reason| self.origin.bad(self.row, reason, &text).with_id(given(&row[4])));
                return Some(item.and_then(|item| self.origin.item(item, self.row, &text)));
            }
            // What the crate takes for granted of a file, and is not so in a damaged one, must not end a run of many clips.
            let read = panic::catch_unwind(AssertUnwindSafe(|| self.read()));
            match read.unwrap_or_else(|_| Err(ParquetError::General("it is damaged".into()))) {
                Ok(rows) => self.rows = rows?.into_iter(),
                Err(error) => {
                    (self.group, self.next_group) = (None, self.file.num_row_groups());
                    let reason = format!("the list cannot be read on: {}", reason(error));
                    return Some(Err(self.origin.bad(self.row + 1, reason, b"")));
                }
            }
        }
    }
}

/// Whether `column` lies in the file, which is `length` bytes long and taken by the crate to hold it, and can be unpacked.
fn check(file: &ParquetMetaData, column: usize, length: u64) -> Result<(), ParquetError> {
    for chunk in file.row_groups().iter().map(|group| group.column(column)) {
        let begin = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        // What is negative is larger than every file.
        let [begin, bytes] = [begin, chunk.compressed_size()].map(i64::cast_unsigned);
        if begin.checked_add(bytes).is_none_or(|end| end > length) {
            return Err(ParquetError::General("its footer names what is not in the file".into()));
        }
        if let Compression::BROTLI(_) | Compression::LZO = chunk.compression() {
            let reason = "compressed by Brotli or LZO, and not by Snappy, Zstandard, gzip or LZ4";
            return Err(ParquetError::NYI(reason.into()));
        }
    }
    Ok(())
}

/// The column `name` of a table: none where there is none, or what it is where it is no column of texts or numbers.
fn find(schema: &SchemaDescriptor, name: &str) -> Result<Option<usize>, &'static str> {
    let is_called = |found: &str| found.trim().eq_ignore_ascii_case(name);
    let Some(field) = schema.root_schema().get_fields().iter().find(|field| is_called(field.name())) else {
        return Ok(None);
    };
    if field.is_group() {
        return Err("made of parts");
    }
    let column = schema.columns().iter().position(|column| column.path().parts() == [field.name()]);
    match column {
        Some(column) if schema.column(column).max_rep_level() == 0 => {
            cells::other(&schema.column(column)).map_or(Ok(Some(column)), Err)
        }
        _ => Err("a list"),
    }
}

/// The clip of a row, or what is wrong with it.
fn item([path, from, to, label, id]: &[Cell; NAMES.len()]) -> Result<Item, String> {
    let seconds = |name: &str, cell: &Cell| match cell {
        Cell::None => Ok(None),
        cell => cell.number().map(Some).ok_or_else(|| format!("'{name}' is {cell}, and must be a number of seconds")),
    };
    let label = match label {
        Cell::None => None,
        Cell::Integer(index) => Some(index.to_string()),
        // Tables have no integers where some are missing.
        Cell::Float(index) if index.fract() == 0.0 => Some(index.to_string()),
        cell => Some(
            cell.utf8().ok_or_else(|| format!("'label' is {cell}, and must be the name of a class or its index"))?,
        ),
    };
    let path = match path {
        Cell::None => Default::default(),
        cell => cell.text().ok_or_else(|| format!("'path' is {cell}, and must be text"))?,
    };
    Ok(Item {
        from: seconds("from", from)?,
        to: seconds("to", to)?,
        label: label.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()),
        id: given(id),
        ..Item::new(OsStr::from_bytes(&path))
    })
}

/// What an `id` is in a row, where there is one.
fn given(id: &Cell) -> Option<Value> {
    Some(id.json()).filter(|id| !id.is_null())
}

/// What went wrong, without the crate's words for its kind.
fn reason(error: ParquetError) -> String {
    match error {
        ParquetError::General(text) | ParquetError::EOF(text) | ParquetError::NYI(text) => text,
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
