//! How the published accuracies were measured: `resize_smallest`, `crop_image` and `normalize_image` of
//! `official/vision/ops/preprocess_ops_3d.py`.

use super::plan::Plan;
use super::taps::{middle, some_taps};
use super::units::divided;

/// The short side brought to `short`, then the middle of `(size, size)`; black around what is smaller.
pub(super) fn plan(from: (usize, usize), short: usize, size: usize) -> Plan {
    let axis = |side: usize, other: usize| {
        let scaled = short.max(side.saturating_mul(short).checked_div(other).unwrap_or(0));
        // What is cut away is not blended.
        some_taps(side, scaled, middle(scaled, size))
    };
    let (rows, columns) = (axis(from.0, from.1), axis(from.1, from.0));
    let before = ((size - rows.len()) / 2, (size - columns.len()) / 2);
    Plan { from, rows, columns, before, shape: (size, size) }
}

/// A value of [0, 1] in 0..255. Every byte that was divided by 255 comes back as itself.
pub(super) fn bytes(value: f32) -> f32 {
    value * 255.0
}

/// A blended value of 0..255 in [0, 1]. It was a byte in between, and was cut to one, not rounded.
pub(super) fn unit(value: f32) -> f32 {
    divided(value as u8)
}
