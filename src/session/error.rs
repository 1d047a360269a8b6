//! Why a session cannot be built or run.

use std::path::PathBuf;

use crate::answer::NotANumber;
use crate::cache::CacheError;
use crate::engine::EngineError;
use crate::media::MediaError;
use crate::models::ModelError;
use crate::predict::{Labels, LabelsError};
use crate::prepare::PrepareError;
use crate::runtime::RuntimeError;

/// Why a session cannot be built or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The builder was told no model.
    #[error("no model was named: name a pair, a base model or a stream model")]
    NoModel,
    /// The session has no base model.
    #[error("the session has no base model")]
    NoBase,
    /// The session has no stream model.
    #[error("the session has no stream model")]
    NoStream,
    /// SavedModels are to run, and the builder was not told how to load TensorFlow.
    #[error("a SavedModel needs TensorFlow, and the session was given no loader for it")]
    NoLoader,
    /// Neither the models nor the builder tell the size of the frames.
    #[error("the models don't tell the size of their frames")]
    UnknownSize,
    /// Frames of so many pixels a side are not shown to models.
    #[error("frames of {size}x{size} pixels are not shown to models; from 1 to {largest} a side are")]
    Size {
        /// Height and width that were asked for.
        size: usize,
        /// The most that is taken.
        largest: usize,
    },
    /// A model takes frames of another size alone.
    #[error("'{}' takes frames of {takes}x{takes} pixels only, not of {size}x{size}", model.display())]
    OtherSize {
        /// The model.
        model: PathBuf,
        /// Height and width that it takes.
        takes: usize,
        /// Height and width that were asked for.
        size: usize,
    },
    /// Two models were made for frames of other sizes, and no size for both was asked for.
    #[error("'{}' takes frames of {takes}x{takes} pixels, and the other model of {size}x{size}", model.display())]
    SizesDiffer {
        /// One of them.
        model: PathBuf,
        /// Height and width that it takes.
        takes: usize,
        /// Height and width that the other takes.
        size: usize,
    },
    /// A model's prepared form was asked for and isn't there.
    #[error("'{}' is not prepared for this TensorFlow", model.display())]
    NotPrepared {
        /// The model's folder.
        model: PathBuf,
    },
    /// A form of TensorFlow's was asked for, and there are TF Lite files alone.
    #[error("'{}' is a TF Lite file, which LiteRT runs: it has neither a prepared nor a reference form", model.display())]
    NotOfTensorFlow {
        /// The file.
        model: PathBuf,
    },
    /// LiteRT was asked for, and a model is no TF Lite file and has no such form for these frames.
    #[error("'{}' has no TF Lite form for frames of this size, which alone LiteRT runs", model.display())]
    NotOfLiteRt {
        /// The model.
        model: PathBuf,
    },
    /// OpenVINO was asked for, and there is no form of the base model for it.
    #[error("'{}' has no form that was compiled for OpenVINO, which alone OpenVINO runs", model.display())]
    NotOfOpenVino {
        /// The model.
        model: PathBuf,
    },
    /// LiteRT was asked for, and a base model alone was named.
    #[error("'{}' is a base model, and LiteRT runs stream models alone", model.display())]
    BaseOfLiteRt {
        /// The model.
        model: PathBuf,
    },
    /// OpenVINO was asked for, and a stream model alone was named.
    #[error("'{}' is a stream model, and OpenVINO runs base models alone", model.display())]
    StreamOfOpenVino {
        /// The model.
        model: PathBuf,
    },
    /// A model gave something that is no number.
    #[error("{model} gave no number{}: '{class}' is {value}", at(*.frame))]
    NotANumber {
        /// Which model.
        model: String,
        /// At which frame, from 0, of a stream model.
        frame: Option<usize>,
        /// Of which class.
        class: String,
        /// NaN or an infinity.
        value: f32,
    },
    /// The source gave no frame.
    #[error("'{}' has no frames", path.display())]
    NoFrames {
        /// The source.
        path: PathBuf,
    },
    /// The rule leaves no frame of the source.
    #[error("no frame of '{}' is left by sampling {rule}: it is shorter", path.display())]
    NothingLeft {
        /// The source.
        path: PathBuf,
        /// The rule, in words.
        rule: String,
    },
    /// The stream model takes more frames for one prediction than the source gave.
    #[error("'{}' has {frames} frames, and the stream model takes {needed} for one prediction", path.display())]
    TooShort {
        /// The source.
        path: PathBuf,
        /// Its frames.
        frames: usize,
        /// What the model takes.
        needed: usize,
    },
    /// The base network sees all frames at once, and they are more than this program takes.
    #[error("'{}': {frames} frames of {size}x{size} would take {bytes} bytes at once, more than the limit of {limit}", path.display())]
    TooLarge {
        /// The source.
        path: PathBuf,
        /// Frames of the clip.
        frames: usize,
        /// Their height and width in pixels.
        size: usize,
        /// Bytes that they would take.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// The base network sees all frames at once, and there are more of them than this program takes.
    #[error(
        "'{}': {frames} frames are more than a whole clip may have ({limit}); the stream model alone takes any number",
        path.display()
    )]
    TooMany {
        /// The source.
        path: PathBuf,
        /// Frames of the clip, as far as they were read.
        frames: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// There is not as much memory as something takes.
    #[error("there is no memory for {what}, which take {bytes} bytes")]
    Memory {
        /// What it is: `300 frames of 172x172`.
        what: String,
        /// What it takes.
        bytes: u64,
    },
    /// The models cannot be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// TensorFlow or a library beside it cannot be used.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A model cannot be loaded or run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A model cannot be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The source cannot be read.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The names of the classes cannot be used.
    #[error(transparent)]
    Labels(#[from] LabelsError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// Where in a clip.
fn at(frame: Option<usize>) -> String {
    frame.map_or(String::new(), |frame| format!(" at frame {frame}"))
}

impl SessionError {
    /// `model` gave what `fault` tells, whose classes are called `labels`.
    pub(super) fn not_a_number(model: &str, frame: Option<usize>, fault: NotANumber, labels: &Labels) -> Self {
        Self::NotANumber { model: model.to_owned(), frame, class: labels.name(fault.output), value: fault.value }
    }

    /// Whether the same call can succeed later without anything else being done.
    pub fn can_retry(&self) -> bool {
        match self {
            Self::Model(error) => error.can_retry(),
            Self::Runtime(error) => error.can_retry(),
            Self::Prepare(error) => error.can_retry(),
            Self::Cache(error) => error.can_retry(),
            _ => false,
        }
    }
}
