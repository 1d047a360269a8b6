//! `tf.image.resize(frame / 255, (S, S), preserve_aspect_ratio=True)`: the way of the Model Garden's notebook that plots
//! a stream's predictions. What the model sees is not square.

use super::plan::Plan;
use super::squash;

/// The largest that fits into `(size, size)`; where TensorFlow would come to no pixels and refuse, one. A side without
/// pixels has the proportions of a pixel.
pub(super) fn plan(from: (usize, usize), size: usize) -> Plan {
    let (height, width) = (from.0.max(1) as f32, from.1.max(1) as f32);
    let scale = (size as f32 / height).min(size as f32 / width);
    let scaled = |side: f32| ((scale * side).round_ties_even() as usize).clamp(size.min(1), size);
    squash::plan(from, (scaled(height), scaled(width)))
}
