//! Rows as a Parquet file: the keys of their JSON as columns.

mod columns;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Columns;
use crate::batch::Row;

/// So many rows are kept until they are written as a group.
const GROUP: usize = 8192;
/// And not many more bytes of logits: a group is written earlier where they are long.
const LOGITS: usize = 64 << 20;

/// Writes `rows` to `output`: `path`, `from`, `to`, `frames`, `top` (a list of `label`, `index`, `probability`), with
/// [`Columns::base`] `base_top`, `model`, `engine`, `sampling`, `seconds`, `error` (`kind`, `message`), `id` (text as it is,
/// else JSON), with [`Columns::logits`] `logits` and `base_logits`. `metadata` goes into the footer. Gives how many rows
/// there were. At most 8192 rows are held.
///
/// # Errors
/// The first error among `rows`, or what `output` says.
pub fn write(
    rows: impl Iterator<Item = io::Result<Row>>,
    columns: &Columns,
    metadata: &[(String, String)],
    output: impl Write + Send,
) -> io::Result<u64> {
    let schema = parse_message_type(&schema(columns)).map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).into())
        .set_key_value_metadata(Some(
            metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect(),
        ))
        .build();
    let mut file = SerializedFileWriter::new(output, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
    let (mut group, mut count, mut logits) = (Vec::new(), 0, 0);
    for row in rows {
        let row = row?;
        count += 1;
        logits += [&row.logits, &row.base_logits].into_iter().flatten().map(|logits| 4 * logits.len()).sum::<usize>();
        group.push(row);
        if group.len() == GROUP || logits > LOGITS {
            columns::write(&mut file, &group, columns).map_err(failed)?;
            group.clear();
            logits = 0;
        }
    }
    if !group.is_empty() {
        columns::write(&mut file, &group, columns).map_err(failed)?;
    }
    file.close().map_err(failed)?;
    Ok(count)
}

/// The columns, in Parquet's own words; `columns::write` writes them in this order.
fn schema(columns: &Columns) -> String {
    let guesses = "(LIST) { repeated group list { required group element {
        required binary label (UTF8); required int64 index; required double probability; } } }";
    let numbers = "(LIST) { repeated group list { required float element; } }";
    let when = |asked: bool, column: String| if asked { column } else { String::new() };
    format!(
        "message row {{
            required binary path (UTF8); required double from; optional double to; optional int64 frames;
            required group top {guesses} {base_top}
            required binary model (UTF8); required binary engine (UTF8); required binary sampling (UTF8);
            required double seconds;
            optional group error {{ required binary kind (UTF8); required binary message (UTF8); }}
            optional binary id (UTF8);
            {logits} {base_logits}
        }}",
        base_top = when(columns.base, format!("optional group base_top {guesses}")),
        logits = when(columns.logits, format!("optional group logits {numbers}")),
        base_logits = when(columns.logits && columns.base, format!("optional group base_logits {numbers}")),
    )
}

/// An error of the output as it was, else one that says what the crate says.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => cause.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error),
        error => io::Error::other(error),
    }
}
