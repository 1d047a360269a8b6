//! `tf.image.resize` (bilinear, half-pixel centres, no antialiasing) and the division by 255, bit for bit.
//!
//! Source: `tensorflow/core/kernels/image/resize_bilinear_op.cc`. All arithmetic is float32 in TensorFlow's order
//! and without fused multiply-add, which Rust never introduces by itself.

use ndarray::ArrayView3;

use super::MediaError;

const CHANNELS: usize = 3;

/// Where one output position reads from along one axis.
#[derive(Debug, Clone)]
struct Tap {
    lower: usize,
    upper: usize,
    weight: f32,
}

fn taps(input: usize, output: usize) -> Vec<Tap> {
    let scale = input as f32 / output as f32;
    let last = input.saturating_sub(1);
    (0..output)
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

/// Brings frames of one size to another and 0..255 to [0, 1].
#[derive(Debug, Clone)]
pub struct Resizer {
    from: (usize, usize),
    rows: Vec<Tap>,
    columns: Vec<Tap>,
}

impl Resizer {
    /// From frames of `(height, width)` to frames of `(height, width)`.
    pub fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        Self { from, rows: taps(from.0, to.0), columns: taps(from.1, to.1) }
    }

    /// Number of values that [`run`](Self::run) writes: height x width x 3.
    pub fn len(&self) -> usize {
        self.rows.len() * self.columns.len() * CHANNELS
    }

    /// Whether frames are brought to no pixels at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes `pixels`, `(height, width, 3)`, to `to` as `(to_height, to_width, 3)` in [0, 1].
    ///
    /// # Errors
    /// [`MediaError::Size`] where `pixels` or `to` are not of the sizes that the resizer was made for.
    pub fn run(&self, pixels: ArrayView3<u8>, to: &mut [f32]) -> Result<(), MediaError> {
        let size = |what, got: &[usize], expected: &[usize]| match got == expected {
            true => Ok(()),
            false => Err(MediaError::Size { what, got: got.to_vec(), expected: expected.to_vec() }),
        };
        size("frame", pixels.shape(), &[self.from.0, self.from.1, CHANNELS])?;
        size("buffer", &[to.len()], &[self.len()])?;
        if pixels.is_empty() {
            to.fill(0.0); // there is nothing to read from
            return Ok(());
        }
        match pixels.as_slice() {
            Some(slice) => {
                let line = self.from.1 * CHANNELS;
                self.blend(to, |row| {
                    let row = &slice[row * line..][..line];
                    move |column: usize| {
                        let pixel = &row[column * CHANNELS..][..CHANNELS];
                        [pixel[0], pixel[1], pixel[2]]
                    }
                });
            }
            None => self
                .blend(to, |row| move |column: usize| [0, 1, 2].map(|channel: usize| pixels[[row, column, channel]])),
        }
        Ok(())
    }

    /// `line` gives a row's reader of pixels.
    fn blend<P: Fn(usize) -> [u8; CHANNELS]>(&self, to: &mut [f32], line: impl Fn(usize) -> P) {
        let mut written = to.chunks_exact_mut(CHANNELS);
        for row in &self.rows {
            let (top, bottom) = (line(row.lower), line(row.upper));
            for (column, to) in self.columns.iter().zip(&mut written) {
                let (top_left, top_right) = (top(column.lower), top(column.upper));
                let (bottom_left, bottom_right) = (bottom(column.lower), bottom(column.upper));
                for channel in 0..CHANNELS {
                    let between = |left: [u8; CHANNELS], right: [u8; CHANNELS]| {
                        let (left, right) = (f32::from(left[channel]), f32::from(right[channel]));
                        left + (right - left) * column.weight
                    };
                    let (above, below) = (between(top_left, top_right), between(bottom_left, bottom_right));
                    to[channel] = (above + (below - above) * row.weight) / 255.0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, s};

    use super::*;

    fn resized(pixels: ArrayView3<u8>, to: (usize, usize)) -> Vec<f32> {
        let resizer = Resizer::new((pixels.dim().0, pixels.dim().1), to);
        let mut output = vec![f32::NAN; resizer.len()];
        resizer.run(pixels, &mut output).unwrap();
        output
    }

    fn slope(height: usize, width: usize) -> Array3<u8> {
        Array3::from_shape_fn((height, width, 3), |(y, x, c)| (y * 30 + x * 7 + c) as u8)
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let frame = slope(3, 5);
        let expected: Vec<_> = frame.iter().map(|&value| f32::from(value) / 255.0).collect();
        assert_eq!(resized(frame.view(), (3, 5)), expected);
    }

    #[test]
    fn edges_are_clamped() {
        let frame = Array3::from_shape_vec((1, 2, 3), vec![0, 0, 0, 255, 255, 255]).unwrap();
        let expected: Vec<_> = [0.0, 0.25, 0.75, 1.0].iter().flat_map(|&value| [value; 3]).collect();
        assert_eq!(resized(frame.view(), (1, 4)), expected);
    }

    #[test]
    fn a_pixel_fills_any_size() {
        let frame = Array3::from_elem((1, 1, 3), 51u8);
        assert!(resized(frame.view(), (7, 7)).iter().all(|&value| value == 0.2));
    }

    #[test]
    fn a_frame_that_is_not_in_one_piece_is_resized_alike() {
        let large = slope(9, 11);
        let part = large.slice(s![..;2, 1..8, ..]);
        assert!(part.as_slice().is_none());
        assert_eq!(resized(part, (6, 4)), resized(part.to_owned().view(), (6, 4)));
    }

    #[test]
    fn no_pixels_are_black() {
        assert_eq!(resized(Array3::zeros((0, 4, 3)).view(), (1, 1)), [0.0; 3]);
        assert!(Resizer::new((1, 1), (0, 4)).is_empty());
    }
}
