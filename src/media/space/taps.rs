//! Where `tf.image.resize` (bilinear, half-pixel centres, no antialiasing) reads from along one axis.
//!
//! Source: `tensorflow/core/kernels/image/resize_bilinear_op.cc`. All arithmetic is float32 in TensorFlow's order.

use std::ops::Range;

/// Where one output position reads from along one axis.
#[derive(Debug, Clone)]
pub(super) struct Tap {
    pub lower: usize,
    pub upper: usize,
    pub weight: f32,
}

/// From `input` positions to `output`.
pub(super) fn taps(input: usize, output: usize) -> Vec<Tap> {
    some_taps(input, output, 0..output)
}

/// Those of [`taps`] in a range of the `output` positions.
pub(super) fn some_taps(input: usize, output: usize, wanted: Range<usize>) -> Vec<Tap> {
    let scale = input as f32 / output as f32;
    let last = input.saturating_sub(1);
    wanted
        .map(|position| {
            let source = (position as f32 + 0.5) * scale - 0.5;
            let floor = source.floor();
            Tap {
                lower: (floor.max(0.0) as usize).min(last),
                upper: (source.ceil().max(0.0) as usize).min(last),
                weight: source - floor,
            }
        })
        .collect()
}

/// The `output` positions in the middle of `input`, or all of them where there are fewer.
pub(super) fn middle(input: usize, output: usize) -> Range<usize> {
    let first = input.saturating_sub(output) / 2;
    first..first + input.min(output)
}
