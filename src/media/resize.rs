//! `tf.image.resize` (bilinear, half-pixel centres, no antialiasing) and the division by 255, bit for bit, between any two
//! sizes. [`Cutter`](super::Cutter) has the rules by which people bring frames to a model's square.

use ndarray::ArrayView3;

use super::MediaError;
use super::space::{Plan, squash};

/// Brings frames of one size to another and 0..255 to [0, 1].
#[derive(Debug, Clone)]
pub struct Resizer(Plan);

impl Resizer {
    /// From frames of `(height, width)` to frames of `(height, width)`.
    pub fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        Self(squash::plan(from, to))
    }

    /// Number of values that [`run`](Self::run) writes: height x width x 3.
    pub fn len(&self) -> usize {
        self.0.len()
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
        self.0.draw(pixels, f32::from, squash::unit, to)
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
