//! `tf.image.resize_with_crop_or_pad` to a square of the short side, then as the tutorial: the phone sample's way.

use super::plan::Plan;
use super::taps::{Tap, middle, taps};

/// The square in the middle, brought to `(size, size)`.
pub(super) fn plan(from: (usize, usize), size: usize) -> Plan {
    let side = from.0.min(from.1);
    let axis = |input: usize| {
        let first = middle(input, side).start;
        let moved = |tap: Tap| Tap { lower: tap.lower + first, upper: tap.upper + first, ..tap };
        taps(side, size).into_iter().map(moved).collect()
    };
    Plan::filled(from, axis(from.0), axis(from.1))
}
