//! A clip: the frames of a video file, and the float32 video that a model sees.
//!
//! `file -> gif (decode) -> Clip -> rate (choose frames) -> resize -> video (frames, size, size, 3) in [0, 1]`
//!
//! The reference is Python TensorFlow's `tf.io.decode_gif`, `tf.image.resize` and a division by 255; the results are
//! equal bit for bit.

mod controls;
mod error;
mod gif;
mod rate;
mod resize;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::{Array4, Axis};

pub use error::ClipError;
pub use rate::FrameRate;

/// What to do with a file that ends in the middle of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncated {
    /// Refuse it: [`ClipError::Truncated`] says how many frames are whole.
    Refuse,
    /// Use the frames before the cut, as `tf.io.decode_gif` does.
    Keep,
}

/// The decoded frames of a clip.
#[derive(Debug, Clone)]
pub struct Clip {
    path: PathBuf,
    frames: Array4<u8>,
    delays: Vec<Duration>,
    warning: Option<String>,
}

impl Clip {
    /// Reads a GIF as `tf.io.decode_gif` does.
    ///
    /// # Errors
    /// [`ClipError`] when the file cannot be read, is no GIF, holds no frame, or is damaged.
    pub fn read(path: &Path, truncated: Truncated) -> Result<Self, ClipError> {
        let bytes = fs_err::read(path).map_err(ClipError::Read)?;
        let decoded = gif::decode(&bytes, truncated).map_err(|fault| fault.at(path))?;
        Ok(Self { path: path.to_owned(), frames: decoded.frames, delays: decoded.delays, warning: decoded.warning })
    }

    /// The file that the clip was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// RGB frames as decoded, `(frames, height, width, 3)`.
    pub fn frames(&self) -> &Array4<u8> {
        &self.frames
    }

    /// Number of frames, at least 1.
    pub fn len(&self) -> usize {
        self.frames.len_of(Axis(0))
    }

    /// Never true: a clip without frames is refused when it is read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.frames.len_of(Axis(1))
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.frames.len_of(Axis(2))
    }

    /// How long each frame is shown, one entry a frame.
    pub fn delays(&self) -> &[Duration] {
        &self.delays
    }

    /// Frames a second over the whole clip; `None` where the file gives no delays.
    pub fn fps(&self) -> Option<f64> {
        let total: Duration = self.delays.iter().sum();
        (!total.is_zero()).then(|| self.len() as f64 / total.as_secs_f64())
    }

    /// What a careful user wants to know of the file although it could be used (it was cut short, say).
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The clip at another frame rate: frames are repeated or left out, never blended.
    ///
    /// # Errors
    /// [`ClipError::NoDelays`] when a rate is asked for and the file does not say how long its frames last.
    pub fn at_rate(self, rate: FrameRate) -> Result<Self, ClipError> {
        let FrameRate::PerSecond(fps) = rate else { return Ok(self) };
        if self.fps().is_none() {
            return Err(ClipError::NoDelays { path: self.path });
        }
        let chosen = rate::frames_at(&self.delays, fps);
        let delays = vec![Duration::from_secs_f64(1.0 / fps); chosen.len()];
        Ok(Self { frames: self.frames.select(Axis(0), &chosen), delays, ..self })
    }

    /// What the model sees: float32 RGB in [0, 1], `(frames, size, size, 3)`, as `tf.image.resize(...) / 255`.
    pub fn video(&self, size: usize) -> Array4<f32> {
        resize::bilinear(&self.frames, size, size)
    }
}
