//! What every rule comes down to: a rectangle of blended pixels, black around it.

use ndarray::ArrayView3;

use super::super::MediaError;
use super::taps::Tap;

pub(super) const CHANNELS: usize = 3;

/// Which pixels are blended, and where the result stands in what the model sees.
#[derive(Debug, Clone)]
pub(in super::super) struct Plan {
    /// Height and width of the frames that it reads.
    pub(super) from: (usize, usize),
    pub(super) rows: Vec<Tap>,
    pub(super) columns: Vec<Tap>,
    /// Rows above and columns before the blended pixels.
    pub(super) before: (usize, usize),
    /// Height and width of what the model sees.
    pub(super) shape: (usize, usize),
}

impl Plan {
    /// Blended pixels and nothing else.
    pub(super) fn filled(from: (usize, usize), rows: Vec<Tap>, columns: Vec<Tap>) -> Self {
        let shape = (rows.len(), columns.len());
        Self { from, rows, columns, before: (0, 0), shape }
    }

    /// Number of values that [`draw`](Self::draw) writes.
    pub fn len(&self) -> usize {
        self.shape.0 * self.shape.1 * CHANNELS
    }

    /// Writes `pixels` to `to`; each value goes through `first`, is blended, and goes through `last`.
    ///
    /// # Errors
    /// [`MediaError::Size`] where `pixels` or `to` are not of the sizes that the plan was made for.
    pub fn draw<T: Copy>(
        &self,
        pixels: ArrayView3<'_, T>,
        first: impl Fn(T) -> f32,
        last: impl Fn(f32) -> f32,
        to: &mut [f32],
    ) -> Result<(), MediaError> {
        let size = |what, got: &[usize], expected: &[usize]| match got == expected {
            true => Ok(()),
            false => Err(MediaError::Size { what, got: got.to_vec(), expected: expected.to_vec() }),
        };
        size("frame", pixels.shape(), &[self.from.0, self.from.1, CHANNELS])?;
        size("buffer", &[to.len()], &[self.len()])?;
        if pixels.is_empty() || to.is_empty() {
            to.fill(0.0); // there is nothing to read from, or to write to
            return Ok(());
        }
        match pixels.as_slice() {
            Some(slice) => {
                let line = self.from.1 * CHANNELS;
                self.blend(to, first, last, |row| {
                    let row = &slice[row * line..][..line];
                    move |column: usize| {
                        let pixel = &row[column * CHANNELS..][..CHANNELS];
                        [pixel[0], pixel[1], pixel[2]]
                    }
                });
            }
            None => self.blend(to, first, last, |row| {
                move |column: usize| [0, 1, 2].map(|channel: usize| pixels[[row, column, channel]])
            }),
        }
        Ok(())
    }

    /// `line` gives a row's reader of pixels.
    fn blend<T: Copy, P: Fn(usize) -> [T; CHANNELS]>(
        &self,
        to: &mut [f32],
        first: impl Fn(T) -> f32,
        last: impl Fn(f32) -> f32,
        line: impl Fn(usize) -> P,
    ) {
        let width = self.shape.1 * CHANNELS;
        let (above, rest) = to.split_at_mut(self.before.0 * width);
        let (inside, below) = rest.split_at_mut(self.rows.len() * width);
        above.fill(0.0);
        below.fill(0.0);
        for (row, to) in self.rows.iter().zip(inside.chunks_exact_mut(width)) {
            let (left, rest) = to.split_at_mut(self.before.1 * CHANNELS);
            let (inside, right) = rest.split_at_mut(self.columns.len() * CHANNELS);
            left.fill(0.0);
            right.fill(0.0);
            let (top, bottom) = (line(row.lower), line(row.upper));
            for (column, to) in self.columns.iter().zip(inside.chunks_exact_mut(CHANNELS)) {
                let (top_left, top_right) = (top(column.lower), top(column.upper));
                let (bottom_left, bottom_right) = (bottom(column.lower), bottom(column.upper));
                for channel in 0..CHANNELS {
                    let between = |left: [T; CHANNELS], right: [T; CHANNELS]| {
                        let (left, right) = (first(left[channel]), first(right[channel]));
                        left + (right - left) * column.weight
                    };
                    let (above, below) = (between(top_left, top_right), between(bottom_left, bottom_right));
                    to[channel] = last(above + (below - above) * row.weight);
                }
            }
        }
    }
}
