//! What became of a file that was decoded. ffmpeg's exit code is no verdict: it ends with 0 on files that are cut off.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::decoding::Ended;
use super::listener::Said;
use crate::media::MediaError;

#[cfg(test)]
mod tests;

/// What ffmpeg says of a file without video.
const NO_VIDEO: [&str; 3] =
    ["matches no streams", "does not contain any stream", "Output file does not contain any stream"];
/// And of one whose kind it cannot decode.
const NO_DECODER: [&str; 5] = [
    "no decoder found for",
    "not found for input stream",
    "Unknown decoder",
    "hardware accelerated",
    "Failed to get pixel format",
];

/// What there is to say of a file that is nothing which it knows.
pub(super) const NO_FORMAT: &str = "ffmpeg knows no such format";

/// Signals that end it from without, or by a fault of its own.
const SIGNALS: [i32; 6] = [libc::SIGINT, libc::SIGABRT, libc::SIGKILL, libc::SIGSEGV, libc::SIGPIPE, libc::SIGTERM];

/// What there is to warn of in a file of which so many `frames` came, up to the time `reached`.
///
/// # Errors
/// Why nothing came, or why what came is not to be used.
pub(super) fn verdict(
    path: &Path,
    said: &Said,
    ended: &Ended,
    frames: usize,
    reached: Duration,
) -> Result<Option<String>, MediaError> {
    let path = path.to_owned();
    if let Some(bytes) = ended.no_memory {
        return Err(MediaError::Memory { path, bytes: bytes as u64 });
    }
    let status = match &ended.status {
        Ok(status) => *status,
        Err(error) => {
            return Err(MediaError::Read { path, source: std::io::Error::new(error.kind(), error.to_string()) });
        }
    };
    // A shell that runs it for us tells the signal by its exit code; other codes above 128 are ffmpeg's own.
    let by_shell = status.code().map(|code| code - 128).filter(|signal| SIGNALS.contains(signal));
    if let Some(signal) = status.signal().or(said.signal).or(by_shell) {
        return Err(MediaError::DecoderKilled { path, frames, signal });
    }
    let last = || said.last.front().map_or_else(|| format!("no word of why, {status}"), Clone::clone);
    if frames == 0 {
        return Err(nothing(path, said, last()));
    }
    let came = if frames == 1 { "1 frame".to_owned() } else { format!("{frames} frames") };
    let shown = path.display();
    if let Some(line) = &said.ends_early {
        let of = match said.description.claimed {
            Some(claimed) if claimed > reached => format!(" of {:.1}", claimed.as_secs_f64()),
            _ => String::new(),
        };
        let reached = reached.as_secs_f64();
        return Ok(Some(format!("'{shown}' is cut short: {came} ({reached:.1}{of} s) are taken (ffmpeg: {line})")));
    }
    let line = said.first_error.clone().unwrap_or_else(last);
    Ok(match (said.errors, ended.in_part || !status.success()) {
        (0, false) => None,
        (0, true) => Some(format!("'{shown}' ends in an unclear way: {came} are taken (ffmpeg: {line})")),
        (1, _) => Some(format!("'{shown}' is damaged: {came} are taken (ffmpeg: {line})")),
        (errors, _) => {
            Some(format!("'{shown}' is damaged in {errors} places: {came} are taken (ffmpeg, first: {line})"))
        }
    })
}

/// Why not one frame came.
fn nothing(path: PathBuf, said: &Said, last: String) -> MediaError {
    let says = |words: &[&str]| said.last.iter().find(|line| words.iter().any(|word| line.contains(word))).cloned();
    if let Some(reason) = says(&NO_DECODER) {
        return MediaError::NoDecoder { path, reason };
    }
    if says(&NO_VIDEO).is_some() {
        return MediaError::NotVideo { path, reason: "it has no video stream".into() };
    }
    if let Some(reason) = &said.ends_early {
        return MediaError::CutShort { path, reason: reason.clone() };
    }
    match says(&["Invalid data found", "Error opening input"]) {
        Some(_) => MediaError::NotVideo { path, reason: NO_FORMAT.into() },
        None => MediaError::Damaged { path, frame: 0, reason: last, usable: 0 },
    }
}
