//! What is said of a clip of a list: a row.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::causes::causes;
use crate::media::{Fault, MediaError, Sampling};
use crate::predict::Guess;
use crate::session::SessionError;

/// A clip, or a window of one, and what the models say of it; `movinet-tf/classify/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The clip, as the list names it.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Where the part of the clip begins that was to be looked at, in seconds since its first frame.
    pub from: f64,
    /// And where it ends; none where that is the clip's end.
    pub to: Option<f64>,
    /// Frames that the models were shown; none in a row that failed.
    pub frames: Option<usize>,
    /// The most likely classes, most likely first: after the stream model's last frame, or the base model's where it is the
    /// only one.
    pub top: Vec<Guess>,
    /// The same of the base model, where both were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_top: Option<Vec<Guess>>,
    /// The model that `top` is of.
    pub model: String,
    /// What ran it: `prepared`, `reference` ...
    pub engine: String,
    /// The rule by which frames were chosen and cut.
    pub sampling: Sampling,
    /// How long the work took.
    pub seconds: f64,
    /// Why there is nothing more.
    pub error: Option<RowError>,
    /// Whatever the list calls the clip by.
    pub id: Option<Value>,
    /// Logits that `top` is of, where they were asked for; of several views one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logits: Option<Vec<f32>>,
    /// Logits that `base_top` is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_logits: Option<Vec<f32>>,
}

/// Why a clip has no classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// Which kind of trouble it is.
    pub kind: ErrorKind,
    /// What happened, in a line.
    pub message: String,
}

/// The kinds of trouble that a row can tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such file, or it cannot be opened.
    Missing,
    /// It holds nothing, or no frame in the part that was asked for.
    Empty,
    /// It holds something else.
    NotVideo,
    /// Its end is lost, so that it cannot be used.
    CutShort,
    /// There is no ffmpeg that can decode it.
    NoDecoder,
    /// It is damaged, or no clip that can be shown to a model; or the list's line is no clip.
    BadClip,
    /// The model cannot take it, or gave something that is no number.
    Model,
    /// The worker died of it, or something else failed here.
    Internal,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl From<Fault> for ErrorKind {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing => Self::Missing,
            Fault::Empty => Self::Empty,
            Fault::NotVideo => Self::NotVideo,
            Fault::CutShort => Self::CutShort,
            Fault::NoDecoder => Self::NoDecoder,
            Fault::BadClip => Self::BadClip,
        }
    }
}

impl ErrorKind {
    fn of_media(error: &MediaError) -> Self {
        match error {
            MediaError::Decoder { .. } | MediaError::DecoderKilled { .. } => Self::Internal,
            MediaError::NoFfmpeg { .. } => Self::NoDecoder,
            error => error.fault().into(),
        }
    }

    fn of_session(error: &SessionError) -> Self {
        match error {
            SessionError::Media(error) => Self::of_media(error),
            SessionError::NoFrames { .. } | SessionError::NothingLeft { .. } => Self::Empty,
            SessionError::TooShort { .. } | SessionError::TooLarge { .. } | SessionError::TooMany { .. } => {
                Self::BadClip
            }
            SessionError::NotANumber { .. } | SessionError::Engine(_) => Self::Model,
            _ => Self::Internal,
        }
    }
}

impl From<&MediaError> for RowError {
    fn from(error: &MediaError) -> Self {
        Self { kind: ErrorKind::of_media(error), message: causes(error) }
    }
}

impl From<&SessionError> for RowError {
    fn from(error: &SessionError) -> Self {
        Self { kind: ErrorKind::of_session(error), message: causes(error) }
    }
}
