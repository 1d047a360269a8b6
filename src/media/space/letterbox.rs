//! `tf.image.convert_image_dtype(frame, tf.float32)` and `tf.image.resize_with_pad(frame, S, S)`: the way of TensorFlow's
//! own tutorials on video.

use super::plan::Plan;
use super::taps::taps;

/// The largest that fits into `(size, size)`, in the middle of black; where TensorFlow would come to no pixels and refuse,
/// one.
pub(super) fn plan(from: (usize, usize), size: usize) -> Plan {
    let (height, width, target) = (from.0 as f32, from.1 as f32, size as f32);
    let ratio = (width / target).max(height / target);
    let scaled = |side: f32| ((side / ratio).floor() as usize).clamp(size.min(1), size);
    // The side that is not cut to whole pixels counts here.
    let before =
        |side: f32, scaled: usize| (((target - side / ratio) / 2.0).floor().max(0.0) as usize).min(size - scaled);
    let (rows, columns) = (scaled(height), scaled(width));
    Plan {
        from,
        rows: taps(from.0, rows),
        columns: taps(from.1, columns),
        before: (before(height, rows), before(width, columns)),
        shape: (size, size),
    }
}
