//! A result as JSON, indented, with a line end.

use std::io::{self, Write};

use serde::Serialize;

use crate::shown;

/// Writes `result` to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(result: &impl Serialize, output: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(result).map_err(io::Error::from)?;
    writeln!(output, "{}", shown::json(&json))
}
