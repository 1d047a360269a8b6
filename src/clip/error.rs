//! What can be wrong with a clip.

use std::path::PathBuf;

/// Why a clip cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// The file cannot be read; the message names it.
    #[error("cannot read the clip: {0}")]
    Read(std::io::Error),
    /// The file is not a GIF.
    #[error("'{}' is not a GIF: {reason}", path.display())]
    NotAGif {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The file is a GIF without a single image.
    #[error("'{}' is a GIF without frames", path.display())]
    NoFrames {
        /// The file.
        path: PathBuf,
    },
    /// The file ends before its last frame does.
    #[error("'{}' is cut short: {whole} {} whole", path.display(), if *whole == 1 { "frame is" } else { "frames are" })]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Frames before the cut.
        whole: usize,
    },
    /// A frame holds something that no decoder could draw.
    #[error("'{}' is damaged at frame {frame}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The frame, counted from 0.
        frame: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The frames together are larger than this program takes.
    #[error("'{}' would take {bytes} bytes decoded, more than the limit of {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that the decoded frames would take.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// A frame rate was asked for, but the file does not time its frames.
    #[error("'{}' does not say how long its frames last, so it cannot be brought to another frame rate", path.display())]
    NoDelays {
        /// The file.
        path: PathBuf,
    },
}
