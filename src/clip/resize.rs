//! `tf.image.resize` (bilinear, half-pixel centres, no antialiasing) and the division by 255, bit for bit.
//!
//! Source: `tensorflow/core/kernels/image/resize_bilinear_op.cc`. All arithmetic is float32 in TensorFlow's order
//! and without fused multiply-add, which Rust never introduces by itself.

use ndarray::{Array4, Axis};

/// Where one output position reads from along one axis.
struct Tap {
    lower: usize,
    upper: usize,
    weight: f32,
}

fn taps(input: usize, output: usize) -> Vec<Tap> {
    let scale = input as f32 / output as f32;
    (0..output)
        .map(|position| {
            let source = (position as f32 + 0.5) * scale - 0.5;
            let floor = source.floor();
            Tap {
                lower: floor.max(0.0) as usize,
                upper: (source.ceil().max(0.0) as usize).min(input - 1),
                weight: source - floor,
            }
        })
        .collect()
}

/// Resizes `(frames, height, width, 3)` to `(frames, to_height, to_width, 3)` and scales 0..255 to [0, 1].
pub(super) fn bilinear(frames: &Array4<u8>, to_height: usize, to_width: usize) -> Array4<f32> {
    let (count, height, width, channels) = frames.dim();
    let (rows, columns) = (taps(height, to_height), taps(width, to_width));
    let mut output = Vec::with_capacity(count * to_height * to_width * channels);
    for frame in frames.axis_iter(Axis(0)) {
        let frame = frame.as_standard_layout();
        let pixels = frame.as_slice().unwrap_or_default(); // standard layout always has a slice
        for row in &rows {
            let (top, bottom) = (row.lower * width * channels, row.upper * width * channels);
            for column in &columns {
                let (left, right) = (column.lower * channels, column.upper * channels);
                for channel in 0..channels {
                    let at = |line: usize, side: usize| f32::from(pixels[line + side + channel]);
                    let above = at(top, left) + (at(top, right) - at(top, left)) * column.weight;
                    let below = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * column.weight;
                    output.push((above + (below - above) * row.weight) / 255.0);
                }
            }
        }
    }
    Array4::from_shape_vec((count, to_height, to_width, channels), output)
        .unwrap_or_else(|_| unreachable!("one value was pushed for every position"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_changes_nothing() {
        let frames = Array4::from_shape_fn((2, 3, 5, 3), |(t, y, x, c)| (t * 90 + y * 30 + x * 7 + c) as u8);
        let video = bilinear(&frames, 3, 5);
        assert_eq!(video, frames.mapv(|value| f32::from(value) / 255.0));
    }

    #[test]
    fn edges_are_clamped() {
        let frames = Array4::from_shape_vec((1, 1, 2, 1), vec![0, 255]).unwrap();
        assert_eq!(bilinear(&frames, 1, 4).into_raw_vec_and_offset().0, [0.0, 0.25, 0.75, 1.0]);
    }

    #[test]
    fn a_pixel_fills_any_size() {
        let frames = Array4::from_elem((1, 1, 1, 3), 51u8);
        assert!(bilinear(&frames, 7, 7).iter().all(|&value| value == 0.2));
    }
}
