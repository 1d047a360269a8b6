//! An error in one line.

use std::error::Error;

/// `error` with all that caused it: `what was done: what happened: why`.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}
