//! What can be wrong with a clip.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Sampling;

/// The kinds of trouble with a clip, by the names that reports give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `missing`: there is no such file, or it cannot be opened.
    Missing,
    /// `empty`: it holds nothing.
    Empty,
    /// `not_video`: it holds something else.
    NotVideo,
    /// `cut_short`: its end is lost, so that it cannot be used.
    CutShort,
    /// `no_decoder`: this ffmpeg cannot decode it.
    NoDecoder,
    /// `bad_clip`: it is damaged, or no clip that can be shown to a model.
    BadClip,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::NotVideo => "not_video",
            Self::CutShort => "cut_short",
            Self::NoDecoder => "no_decoder",
            Self::BadClip => "bad_clip",
        })
    }
}

impl MediaError {
    /// Which kind of trouble it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Read { .. } => Fault::Missing,
            Self::Empty { .. } => Fault::Empty,
            Self::NotAGif { .. } | Self::NotVideo { .. } => Fault::NotVideo,
            Self::Truncated { .. } | Self::CutShort { .. } => Fault::CutShort,
            Self::NoDecoder { .. } => Fault::NoDecoder,
            _ => Fault::BadClip,
        }
    }
}

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
    /// The file holds nothing.
    #[error("'{}' is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no video, or holds none.
    #[error("'{}' is no video: {reason}", path.display())]
    NotVideo {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// ffmpeg cannot decode what the file holds.
    #[error("no decoder for '{}' is in this ffmpeg (it says: {reason}); MOVINET_TF_FFMPEG can name another", path.display())]
    NoDecoder {
        /// The file.
        path: PathBuf,
        /// What ffmpeg says.
        reason: String,
    },
    /// The file is cut short so that no frame comes out of it.
    #[error("'{}' is cut short: not one frame can be read ({reason})", path.display())]
    CutShort {
        /// The file.
        path: PathBuf,
        /// What ffmpeg says.
        reason: String,
    },
    /// No frame came for too long.
    #[error("'{}': ffmpeg gave no frame for {seconds} s, after {frames}", path.display())]
    Stalled {
        /// The file.
        path: PathBuf,
        /// Frames that came.
        frames: usize,
        /// How long it was waited.
        seconds: f64,
    },
    /// The program that decodes was killed.
    #[error("'{}': ffmpeg was killed by signal {signal} after {frames} frames", path.display())]
    DecoderKilled {
        /// The file.
        path: PathBuf,
        /// Frames that came.
        frames: usize,
        /// The signal; 9 is also what a system without memory sends.
        signal: i32,
    },
    /// The program that decodes cannot be started.
    #[error("'{}' cannot be run", program.display())]
    Decoder {
        /// The program.
        program: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
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
    /// A part of a clip that ends before it begins.
    #[error("'{}' has no part from {:?} to {:?}: it must begin before it ends", path.display(), from, to)]
    NoPart {
        /// The file, or what stands for one.
        path: PathBuf,
        /// Where it was to begin.
        from: Duration,
        /// Where it was to end.
        to: Duration,
    },
    /// A part was asked for, but the source does not time its frames.
    #[error("'{}' does not say how long its frames last, so no part of it can be taken by time", path.display())]
    NoTimes {
        /// The file, or what stands for one.
        path: PathBuf,
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
    /// A rule takes frames at the model's own rate, and nobody tells it.
    #[error("nobody says how many frames a second the model was trained on")]
    NoRate,
    /// A rule has no use for a wish, or it asks for nothing.
    #[error("sampling '{sampling}' cannot be given this number of {what}")]
    Wish {
        /// The rule.
        sampling: Sampling,
        /// What was wished for: `views`, `frames`, `step` or `start`.
        what: &'static str,
    },
    /// A rule takes frames out of the middle, and the source doesn't say where that is.
    #[error("sampling '{sampling}' needs to know how many frames there are, and '{}' doesn't tell", path.display())]
    Uncounted {
        /// The file, or what stands for one.
        path: PathBuf,
        /// The rule.
        sampling: Sampling,
    },
    /// ffmpeg is needed, and there is none.
    #[error("'{}' can be read by ffmpeg alone, and there is none", path.display())]
    NoFfmpeg {
        /// The file.
        path: PathBuf,
    },
    /// A number that is no frame rate.
    #[error(
        "{fps} is no frame rate: it takes a number above 0 that leaves each frame some time, at least a nanosecond"
    )]
    Rate {
        /// Frames a second, as asked for.
        fps: f64,
    },
    /// A file of arrays that holds no clip.
    #[error("'{}' holds no clip: {reason}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An array that holds no clip.
    #[error("the array holds no clip: {reason}")]
    BadArray {
        /// What is wrong with it.
        reason: String,
    },
}
