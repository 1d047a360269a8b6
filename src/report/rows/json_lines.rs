//! A row as a line of JSON.

use crate::batch::Row;
use crate::shown;

/// `row` as JSON, with a line end. Read as a [`Row`] again, it is the same to the last bit, as long as its numbers are
/// finite (what is not becomes null) and its path is UTF-8.
///
/// # Errors
/// What serde_json says; a row gives it no reason to.
pub fn line(row: &Row) -> Result<Vec<u8>, serde_json::Error> {
    let json = serde_json::to_string(row)?;
    let mut line = shown::json(&json).into_owned().into_bytes();
    line.push(b'\n');
    Ok(line)
}
