//! What can be wrong with a clip.

use std::io;
use std::path::PathBuf;

/// Why a source of frames cannot be used, or cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The file cannot be read. The cause names it where the program opened it itself.
    #[error("cannot read the clip")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
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
    /// The file, or the pixels of one of its frames, end early.
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
        /// Frames before it that [`Truncated::Keep`](super::Truncated::Keep) uses; 0 where nobody uses any.
        usable: usize,
    },
    /// A single frame is larger than this program takes.
    #[error("a frame of '{}' would take {bytes} bytes, more than the limit of {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that a decoded frame would take.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// There is not as much memory as a frame takes.
    #[error("there is no memory for a frame of '{}', which takes {bytes} bytes", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// Bytes that it takes.
        bytes: u64,
    },
    /// A frame rate was asked for, but the source does not time its frames.
    #[error("'{}' does not say how long its frames last, so it cannot be brought to another frame rate", path.display())]
    NoDelays {
        /// The file, or what stands for one.
        path: PathBuf,
    },
    /// A frame is not of the size that its source said, or a buffer not of the size that the frame is brought to.
    #[error("a {what} holds {got:?} values, not {expected:?}")]
    Size {
        /// `frame` or `buffer`.
        what: &'static str,
        /// Its dimensions.
        got: Vec<usize>,
        /// Those that it should have.
        expected: Vec<usize>,
    },
    /// A number that is no frame rate.
    #[error(
        "{fps} is no frame rate: it takes a number above 0 that leaves each frame some time, at least a nanosecond"
    )]
    Rate {
        /// Frames a second, as asked for.
        fps: f64,
    },
    /// An array that holds no clip.
    #[error("the array holds no clip: {reason}")]
    BadArray {
        /// What is wrong with it.
        reason: String,
    },
}
