//! What OpenVINO's statuses mean.

use std::ffi::CStr;
use std::path::Path;

use crate::catalog::EngineLibrary;
use crate::engine::EngineError;
use crate::runtime::OpenVinoLibrary;
use crate::runtime::openvino::Status;

/// `status` of a call that was to do `what` with the network in `path`.
///
/// # Errors
/// [`EngineError::Library`] for any but 0.
pub(super) fn good(
    library: &OpenVinoLibrary,
    status: Status,
    what: &'static str,
    path: &Path,
) -> Result<(), EngineError> {
    if status == 0 {
        return Ok(());
    }
    let reason = last_words(library).unwrap_or_else(|| format!("status {status}"));
    Err(EngineError::Library { library: EngineLibrary::OpenVino, path: path.to_owned(), what, reason })
}

/// What OpenVINO said last, in one line. Its first lines tell where in its own source that was.
fn last_words(library: &OpenVinoLibrary) -> Option<String> {
    // SAFETY: the function takes nothing, and gives text or null.
    let text = unsafe { (library.api().last_error)() };
    if text.is_null() {
        return None;
    }
    // SAFETY: it is text that ends with a zero, made for this caller.
    let words = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    // SAFETY: it is this caller's, and freed once.
    unsafe { (library.api().free_text)(text) };
    let lines: Vec<_> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told = lines.iter().rev().find(|line| !line.starts_with("Exception from ")).or(lines.last())?;
    Some((*told).to_owned())
}
