//! Rules of space: how a frame is cut and brought to the size that a model sees, bit for bit as their Python originals
//! do it. One file a rule; all blend pixels alike, as `tf.image.resize` does.

mod centre;
mod fit;
mod letterbox;
mod plan;
mod short_side;
pub(super) mod squash;
mod taps;
#[cfg(test)]
mod tests;
mod units;

pub(super) use self::plan::Plan;
use super::{MediaError, Pixels};

/// How a frame is cut and brought to size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Space {
    /// The whole frame, whatever becomes of its proportions.
    Squash,
    /// The short side is brought to so many pixels, the values are cut to bytes, and the square in the middle is taken,
    /// with black where the frame is smaller.
    ShortSide {
        /// Pixels of the short side.
        short: usize,
    },
    /// The whole frame in its proportions; what the model sees is then not square.
    Fit,
    /// The whole frame in its proportions, in the middle of a black square.
    Letterbox,
    /// The square in the middle of the frame.
    Centre,
}

/// Brings frames of one size to what a model sees: float32 in [0, 1].
#[derive(Debug, Clone)]
pub struct Cutter {
    space: Space,
    plan: Plan,
}

impl Cutter {
    /// From frames of `(height, width)` to what a model of `size` sees by a rule.
    pub fn new(space: Space, from: (usize, usize), size: usize) -> Self {
        let plan = match space {
            Space::Squash => squash::plan(from, (size, size)),
            Space::ShortSide { short } => short_side::plan(from, short, size),
            Space::Fit => fit::plan(from, size),
            Space::Letterbox => letterbox::plan(from, size),
            Space::Centre => centre::plan(from, size),
        };
        Self { space, plan }
    }

    /// Height and width of what the model sees: `(size, size)`, or less on one side by [`Space::Fit`].
    pub fn shape(&self) -> (usize, usize) {
        self.plan.shape
    }

    /// Number of values that [`run`](Self::run) writes: height x width x 3.
    pub fn len(&self) -> usize {
        self.plan.len()
    }

    /// Whether frames are brought to no pixels at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes `pixels` to `to` as the model sees them, `(height, width, 3)` of [`shape`](Self::shape).
    ///
    /// # Errors
    /// [`MediaError::Size`] where `pixels` or `to` are not of the sizes that the cutter was made for.
    pub fn run(&self, pixels: Pixels<'_>, to: &mut [f32]) -> Result<(), MediaError> {
        let same = |value: f32| value;
        match (self.space, pixels) {
            (Space::Squash | Space::Centre, Pixels::Bytes(pixels)) => {
                self.plan.draw(pixels, f32::from, squash::unit, to)
            }
            (Space::ShortSide { .. }, Pixels::Bytes(pixels)) => self.plan.draw(pixels, f32::from, short_side::unit, to),
            (Space::ShortSide { .. }, Pixels::Unit(pixels)) => {
                self.plan.draw(pixels, short_side::bytes, short_side::unit, to)
            }
            (Space::Fit, Pixels::Bytes(pixels)) => self.plan.draw(pixels, units::divided, same, to),
            (Space::Letterbox, Pixels::Bytes(pixels)) => self.plan.draw(pixels, units::multiplied, same, to),
            (_, Pixels::Unit(pixels)) => self.plan.draw(pixels, same, same, to),
        }
    }
}
