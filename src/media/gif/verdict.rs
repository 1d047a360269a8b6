//! What the end of a GIF means: nothing, a warning, or an error.

use std::path::Path;

use super::blocks::{End, MOST_PIXELS};
use super::scan::Scan;
use super::{MediaError, Truncated};

/// A canvas may take this much memory; a bomb ends here. No single image is larger.
const LARGEST: u64 = 3 * MOST_PIXELS;

/// The warning that goes with a file, known before its pixels are decoded, or what is wrong with it.
pub(super) fn of_file(scan: &Scan, end: End, truncated: Truncated, path: &Path) -> Result<Option<String>, MediaError> {
    let bytes = 3 * scan.width as u64 * scan.height as u64;
    if bytes > LARGEST {
        return Err(MediaError::TooLarge { path: path.to_owned(), bytes, limit: LARGEST });
    }
    // The canvas, given back at once: taking it where there is no room would end the process.
    if Vec::<u8>::new().try_reserve_exact(usize::try_from(bytes).unwrap_or(usize::MAX)).is_err() {
        return Err(MediaError::Memory { path: path.to_owned(), bytes });
    }
    let warning = match (end, scan.whole) {
        (End::Trailer | End::NoTrailer | End::Junk, 0) => return Err(MediaError::NoFrames { path: path.to_owned() }),
        (End::Trailer, _) => return Ok(None),
        (End::NoTrailer, _) => "the file lacks its last byte (the GIF trailer); all its frames are whole".to_owned(),
        (End::Junk, whole) => format!(
            "what stands behind {} in the file is no part of a GIF",
            if whole == 1 { "its one frame".to_owned() } else { format!("its {whole} frames") }
        ),
        (End::Cut, whole) if whole > 0 && truncated == Truncated::Keep => {
            format!("the file is cut short; the {whole} whole {} before the cut {} used", frames(whole), are(whole))
        }
        (end, whole) => of_frame(whole, end, truncated, path)?,
    };
    Ok(Some(warning))
}

/// The warning where `frame`, counted from 0, is the first one that isn't whole, or the error that it is.
pub(super) fn of_frame(frame: usize, end: End, truncated: Truncated, path: &Path) -> Result<String, MediaError> {
    let path = path.to_owned();
    let what = match end {
        _ if frame > 0 && truncated == Truncated::Keep => match end {
            End::Damaged(reason) => format!("is damaged: {reason}"),
            End::TooLarge(_) => "is too large".to_owned(),
            _ => "ends early".to_owned(),
        },
        End::Damaged(reason) => {
            return Err(MediaError::Damaged { path, frame, reason: reason.to_owned(), usable: frame });
        }
        End::TooLarge(pixels) => return Err(MediaError::TooLarge { path, bytes: 3 * pixels, limit: LARGEST }),
        _ => return Err(MediaError::Truncated { path, whole: frame }),
    };
    Ok(format!("frame {frame} {what}; the {frame} whole {} before it {} used", frames(frame), are(frame)))
}

fn frames(count: usize) -> &'static str {
    if count == 1 { "frame" } else { "frames" }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
