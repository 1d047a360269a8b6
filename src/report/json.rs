//! A result as JSON, indented, with a line end.

use std::io::{self, Write};

use serde::Serialize;

/// Writes `result` to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(result: &impl Serialize, output: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, result).map_err(io::Error::from)?;
    writeln!(output)
}
