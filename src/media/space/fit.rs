//! `tf.image.resize(frame / 255, (S, S), preserve_aspect_ratio=True)`: the way of the Model Garden's notebook that plots
//! a stream's predictions. What the model sees is not square.

use super::plan::Plan;
use super::squash;

/// Every byte in [0, 1]: a table, as each is asked for many times and division takes long.
const UNITS: [f32; 256] = {
    let mut units = [0.0; 256];
    let mut byte = 0;
    while byte < units.len() {
        units[byte] = byte as f32 / 255.0;
        byte += 1;
    }
    units
};

/// The largest that fits into `(size, size)`; where TensorFlow would come to no pixels and refuse, one.
pub(super) fn plan(from: (usize, usize), size: usize) -> Plan {
    let (height, width) = (from.0 as f32, from.1 as f32);
    let scale = (size as f32 / height).min(size as f32 / width);
    let scaled = |side: f32| ((scale * side).round_ties_even() as usize).clamp(size.min(1), size);
    squash::plan(from, (scaled(height), scaled(width)))
}

/// A byte in [0, 1].
pub(super) fn unit(byte: u8) -> f32 {
    UNITS[usize::from(byte)]
}
