//! A row as a line of a table.

use std::fmt::Debug;

use csv::{QuoteStyle, WriterBuilder};

use super::{Columns, id};
use crate::batch::Row;
use crate::predict::Guess;

/// The names of the columns, with a line end.
pub fn header(columns: &Columns) -> Vec<u8> {
    let mut names = ["path", "from", "to", "frames"].map(String::from).to_vec();
    for prefix in ["", "base_"].iter().take(1 + usize::from(columns.base)) {
        names.extend((1..=columns.top).flat_map(|place| [format!("{prefix}top{place}"), format!("{prefix}p{place}")]));
    }
    names.extend(["model", "engine", "sampling", "seconds", "error_kind", "error_message", "id"].map(String::from));
    if columns.logits {
        names.push("logits".into());
        names.extend(columns.base.then(|| "base_logits".into()));
    }
    line_of(&names)
}

/// `row` as the columns of [`header`], with a line end. What there is none of is empty, numbers come back to the last bit,
/// logits are JSON arrays, and what the list calls the clip by is text as it is, or JSON.
pub fn line(row: &Row, columns: &Columns) -> Vec<u8> {
    let mut fields =
        vec![row.path.to_string_lossy().into_owned(), number(Some(row.from)), number(row.to), number(row.frames)];
    fields.extend(guesses(&row.top, columns.top));
    if columns.base {
        fields.extend(guesses(row.base_top.as_deref().unwrap_or_default(), columns.top));
    }
    let error = row.error.as_ref();
    fields.extend([
        row.model.clone(),
        row.engine.clone(),
        row.sampling.to_string(),
        number(Some(row.seconds)),
        error.map(|error| error.kind.to_string()).unwrap_or_default(),
        error.map(|error| error.message.clone()).unwrap_or_default(),
        id(row).unwrap_or_default().into_owned(),
    ]);
    if columns.logits {
        fields.push(array(row.logits.as_deref()));
        if columns.base {
            fields.push(array(row.base_logits.as_deref()));
        }
    }
    line_of(&fields)
}

/// Names and probabilities of `count` classes.
fn guesses(top: &[Guess], count: usize) -> impl Iterator<Item = String> {
    (0..count).flat_map(|place| {
        let guess = top.get(place);
        [guess.map(|guess| guess.label.clone()).unwrap_or_default(), number(guess.map(|guess| guess.probability))]
    })
}

/// A number with as many digits as it takes to read it again.
fn number(number: Option<impl Debug>) -> String {
    number.map(|number| format!("{number:?}")).unwrap_or_default()
}

/// Logits as a JSON array.
fn array(logits: Option<&[f32]>) -> String {
    logits.and_then(|logits| serde_json::to_string(logits).ok()).unwrap_or_default()
}

fn line_of(fields: &[String]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    // What is written into memory does not fail.
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}
