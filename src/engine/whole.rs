//! Whole clips in memory through a network.

use ndarray::{Array1, ArrayView3, ArrayView4, Axis};

use super::{BaseNetwork, EngineError, StreamNetwork, Window};

impl dyn BaseNetwork + '_ {
    /// Logits `(classes)` of a clip `(frames, height, width, 3)`, float32 in [0, 1].
    ///
    /// # Errors
    /// [`EngineError`] when the clip doesn't fit the model or the engine fails.
    pub fn predict(&self, clip: ArrayView4<f32>) -> Result<Array1<f32>, EngineError> {
        filled(self, clip)?.predict()
    }
}

impl dyn StreamNetwork + '_ {
    /// Logits `(classes)` after each step of a clip `(frames, height, width, 3)`, float32 in [0, 1].
    ///
    /// # Errors
    /// [`EngineError`] when the clip doesn't fit the model or the engine fails.
    pub fn logits(&self, clip: ArrayView4<f32>) -> Result<Vec<Array1<f32>>, EngineError> {
        let (_, height, width, _) = clip.dim();
        let mut stream = self.begin(height, width)?;
        let mut logits = Vec::new();
        for frame in clip.axis_iter(Axis(0)) {
            fill(stream.input(), frame)?;
            logits.extend(stream.step()?);
        }
        Ok(logits)
    }
}

/// A window of `network` that holds `clip` `(frames, height, width, 3)`.
///
/// # Errors
/// [`EngineError`] when it takes no such clip.
pub(crate) fn filled(
    network: &(impl BaseNetwork + ?Sized),
    clip: ArrayView4<f32>,
) -> Result<Box<dyn Window>, EngineError> {
    let (frames, height, width, _) = clip.dim();
    let mut window = network.window(frames, height, width)?;
    let pixels = window.pixels();
    if pixels.len() != clip.len() {
        return Err(EngineError::Size { what: "window", got: pixels.len(), expected: clip.len() });
    }
    pixels.iter_mut().zip(clip.iter()).for_each(|(to, from)| *to = *from);
    Ok(window)
}

/// Copies a frame `(height, width, 3)` into a network's input.
///
/// # Errors
/// [`EngineError::Size`] when that is not of as many values.
pub(crate) fn fill(to: &mut [f32], frame: ArrayView3<f32>) -> Result<(), EngineError> {
    if to.len() != frame.len() {
        return Err(EngineError::Size { what: "input", got: to.len(), expected: frame.len() });
    }
    match frame.as_slice() {
        Some(from) => to.copy_from_slice(from),
        None => to.iter_mut().zip(frame.iter()).for_each(|(to, from)| *to = *from),
    }
    Ok(())
}
