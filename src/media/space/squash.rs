//! `tf.image.resize(frame, (S, S)) / 255`: the tutorial's way.

use super::plan::Plan;
use super::taps::taps;

/// From frames of `(height, width)` to frames of `(height, width)`, whatever becomes of their proportions.
pub(in super::super) fn plan(from: (usize, usize), to: (usize, usize)) -> Plan {
    Plan::filled(from, taps(from.0, to.0), taps(from.1, to.1))
}

/// A blended value of 0..255 in [0, 1].
pub(in super::super) fn unit(value: f32) -> f32 {
    value / 255.0
}
