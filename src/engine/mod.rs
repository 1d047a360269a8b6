//! What computes: a base network takes a window of frames, a stream network takes frame after frame. Both are traits;
//! [`tensorflow`] runs SavedModels, [`litert`] TF Lite files, [`openvino`] base models that were compiled for it, [`fake`]
//! needs no model at all.
//!
//! ```text
//! BaseNetwork (shared)   -> window(frames, height, width) -> Window: fill its pixels, predict
//! StreamNetwork (shared) -> begin(height, width)          -> Stream: fill its input, step, step, ... reset
//! ```
//!
//! The memory that is filled is the engine's own input, so that no frame is copied on its way; states never leave the
//! stream that they belong to.

mod error;
pub mod fake;
pub mod litert;
pub mod openvino;
pub mod tensorflow;
mod whole;

use std::fmt;
use std::time::Duration;

use ndarray::{Array1, ArrayView4};
use serde::{Serialize, Serializer};

pub use error::EngineError;
pub(crate) use whole::{fill, filled};

use crate::catalog::Family;
use crate::movinet::{DType, Quantisation, StateName};

/// Which form of a model TensorFlow runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// The files as they are: the numbers of Python TensorFlow to the last bit.
    Reference,
    /// The same model rewritten to run faster, and proved equal.
    Prepared,
}

/// What computes a model's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// TensorFlow's C library, on one form of a SavedModel.
    TensorFlow(Form),
    /// LiteRT, on a TF Lite file.
    LiteRt,
    /// OpenVINO, on the form of a base model that was compiled for it.
    OpenVino,
    /// A function of the frames' colours; no model.
    Fake,
    /// One of the caller's own, by its name.
    Other(&'static str),
}

impl fmt::Display for Engine {
    /// As reports name it: `reference` and `prepared` are TensorFlow's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TensorFlow(Form::Reference) => "reference",
            Self::TensorFlow(Form::Prepared) => "prepared",
            Self::LiteRt => "litert",
            Self::OpenVino => "openvino",
            Self::Fake => "fake",
            Self::Other(name) => name,
        })
    }
}

impl Serialize for Engine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A network that sees a whole clip and gives one prediction. It is shared: any number of windows may be under way.
pub trait BaseNetwork: fmt::Debug + Send + Sync {
    /// Height and width in pixels of the frames that it was made for, where it tells.
    fn own_size(&self) -> Option<usize>;

    /// Number of logits that it gives, where that is known before it runs.
    fn outputs(&self) -> Option<usize> {
        None
    }

    /// Room for a clip of so many frames, height and width in pixels.
    ///
    /// # Errors
    /// [`EngineError`] when it takes no such clip.
    fn window(&self, frames: usize, height: usize, width: usize) -> Result<Box<dyn Window>, EngineError>;
}

/// A clip in the engine's own memory.
pub trait Window: fmt::Debug + Send + Sync {
    /// The clip to write to: float32 RGB in [0, 1], `(frames, height, width, 3)` in row-major order.
    fn pixels(&mut self) -> &mut [f32];

    /// The clip, `(frames, height, width, 3)`.
    fn video(&self) -> ArrayView4<'_, f32>;

    /// Logits `(classes)` of the clip.
    ///
    /// # Errors
    /// [`EngineError`] when the engine fails.
    fn predict(&self) -> Result<Array1<f32>, EngineError>;
}

/// A network that sees frame after frame. It is shared: any number of streams may be under way.
pub trait StreamNetwork: fmt::Debug + Send + Sync {
    /// Height and width in pixels of the frames that it was made for, where it tells.
    fn own_size(&self) -> Option<usize>;

    /// Number of logits that it gives, where that is known before it runs.
    fn outputs(&self) -> Option<usize> {
        None
    }

    /// The member of the official family that it is built like, where it tells.
    fn family(&self) -> Option<&'static Family> {
        None
    }

    /// Number of frames that it takes before it gives a prediction: 1, but for models exported for more.
    fn frames_per_step(&self) -> usize;

    /// A stream of frames of this height and width in pixels, of which nothing was seen yet.
    ///
    /// # Errors
    /// [`EngineError`] when it takes no such frames or the engine fails.
    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError>;
}

/// Frames going through a stream network, with what was seen of them.
pub trait Stream: fmt::Debug + Send {
    /// The next frame to write to: float32 RGB in [0, 1], `(height, width, 3)` in row-major order.
    fn input(&mut self) -> &mut [f32];

    /// Shows the frame in [`Stream::input`] and gives the logits `(classes)` after it; `None` where the network waits
    /// for more frames.
    ///
    /// # Errors
    /// [`EngineError`] when the engine fails; the stream must then be [reset](Stream::reset).
    fn step(&mut self) -> Result<Option<Array1<f32>>, EngineError>;

    /// Forgets what was seen: the next frame is the first of another clip.
    ///
    /// # Errors
    /// [`EngineError`] when the engine fails.
    fn reset(&mut self) -> Result<(), EngineError>;

    /// The states after the last step, to look at.
    fn states(&self) -> Vec<StateView<'_>>;

    /// What the last step showed that its user should know, told once.
    fn warning(&mut self) -> Option<String> {
        None
    }

    /// Time spent so far inside the engine's own calls, resets included.
    fn time_inside(&self) -> Duration;
}

/// One recurrent state.
#[derive(Debug, Clone)]
pub struct StateView<'a> {
    /// Which.
    pub name: StateName,
    /// Its dimensions.
    pub dims: &'a [u64],
    /// Its values in row-major order.
    pub values: StateValues<'a>,
}

/// The values of a state.
#[derive(Debug, Clone, Copy)]
pub enum StateValues<'a> {
    /// Of a buffer.
    Float32(&'a [f32]),
    /// Of a counter.
    Int32(&'a [i32]),
    /// Of a quantised buffer, with what its integers stand for.
    Int8(&'a [i8], Quantisation),
    /// The same without a sign.
    UInt8(&'a [u8], Quantisation),
}

impl StateValues<'_> {
    /// Their type.
    pub fn dtype(self) -> DType {
        match self {
            Self::Float32(_) => DType::Float32,
            Self::Int32(_) => DType::Int32,
            Self::Int8(..) => DType::Int8,
            Self::UInt8(..) => DType::UInt8,
        }
    }

    /// The values, whatever their type; of a quantised buffer the numbers that they stand for.
    pub fn to_vec(self) -> Vec<f64> {
        match self {
            Self::Float32(values) => values.iter().map(|&value| f64::from(value)).collect(),
            Self::Int32(values) => values.iter().map(|&value| f64::from(value)).collect(),
            Self::Int8(values, quantisation) => {
                values.iter().map(|&value| f64::from(quantisation.number(value.into()))).collect()
            }
            Self::UInt8(values, quantisation) => {
                values.iter().map(|&value| f64::from(quantisation.number(value.into()))).collect()
            }
        }
    }
}
