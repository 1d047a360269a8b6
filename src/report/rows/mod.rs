//! Rows of many clips go out: as JSON lines, as CSV, as a Parquet file.

pub mod csv;
pub mod json_lines;
#[cfg(feature = "parquet")]
pub mod parquet;

use std::borrow::Cow;

use serde_json::Value;

use crate::batch::Row;

/// Which columns rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// So many of the most likely classes, in CSV.
    pub top: usize,
    /// Whether both networks were asked, so that the base model's classes have columns of their own.
    pub base: bool,
    /// Whether logits have columns.
    pub logits: bool,
}

/// What a list calls a clip by, as text: a string's own, else JSON.
fn id(row: &Row) -> Option<Cow<'_, str>> {
    row.id.as_ref().map(|id| match id {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    })
}

#[cfg(test)]
mod tests;
