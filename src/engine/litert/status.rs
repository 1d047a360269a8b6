//! What LiteRT's statuses mean.

use std::path::Path;

use crate::catalog::EngineLibrary;
use crate::engine::EngineError;
use crate::runtime::litert::Status;

/// `status` of a call that was to do `what` with the model in `path`.
///
/// # Errors
/// [`EngineError::Library`] for any but 0.
pub(super) fn good(status: Status, what: &'static str, path: &Path) -> Result<(), EngineError> {
    match status {
        0 => Ok(()),
        other => {
            let (path, reason) = (path.to_owned(), in_words(other));
            Err(EngineError::Library { library: EngineLibrary::LiteRt, path, what, reason })
        }
    }
}

/// Source: `LiteRtStatus` in `litert/c/litert_common.h`; the library doesn't export its words.
fn in_words(status: Status) -> String {
    let words = match status {
        1 => "an argument is invalid",
        2 => "there is no memory",
        3 => "it failed at run time",
        4 => "an input is missing",
        5 => "it is not supported",
        6 => "something is not found",
        8 => "it is of a wrong version",
        500 => "it cannot be read",
        501 => "its flatbuffer is damaged",
        504 => "it cannot be compiled",
        1000 => "an index is out of bounds",
        1001 | 1002 => "its graph contradicts itself",
        _ => return format!("status {status}"),
    };
    format!("{words} (status {status})")
}
