//! One output against its reference, value by value.

use ndarray::{ArrayViewD, Axis, Dimension};
use serde::Serialize;

use super::Tolerance;
use super::effect::Effect;
use super::tolerance::distance;
use crate::predict::{Labels, top_k};

/// How many of the worst places are kept.
const WORST: usize = 5;
/// Classes whose order is compared.
const TOP: usize = 5;
/// The histogram's bounds are powers of ten from this one on.
const SMALLEST_DECADE: i32 = -9;
const DECADES: i32 = 10;

/// One output against its reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// Which output.
    pub output: String,
    /// Whether all of it is within the tolerance.
    pub passed: bool,
    /// The tolerance.
    pub tolerance: Tolerance,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The reference's shape; nothing else is compared when it differs.
    pub expected_shape: Vec<usize>,
    /// Values that are the same to the last bit.
    pub identical: usize,
    /// Values beyond the tolerance.
    pub beyond: usize,
    /// Largest absolute difference.
    pub max_abs: f64,
    /// Largest difference relative to the reference.
    pub max_rel: f64,
    /// Largest difference in units in the last place: how many float32 numbers lie between.
    pub max_ulps: u64,
    /// Values that are NaN or infinite.
    pub no_numbers: NoNumbers,
    /// Cosine of the angle between both, over all values that are numbers in both.
    pub cosine: f64,
    /// How many values differ by how much.
    pub histogram: Vec<Decade>,
    /// Predictions whose most likely class is the same; absent for what is no prediction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<TopAgreement>,
    /// What the difference means; absent for what is no prediction, and where something is no number.
    #[serde(flatten)]
    pub effect: Option<Effect>,
    /// The least `--atol` that would pass with this `--rtol`; absent where none would.
    pub least_atol: Option<f64>,
    /// The first value beyond the tolerance.
    pub first_beyond: Option<Place>,
    /// The values that are farthest apart.
    pub worst: Vec<Place>,
}

/// How many values are NaN or infinite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NoNumbers {
    /// Here.
    pub got: usize,
    /// In the reference.
    pub expected: usize,
    /// In both alike: these are equal, as numpy has it with `equal_nan`.
    pub alike: usize,
}

impl NoNumbers {
    fn count(&mut self, got: f64, expected: f64) {
        self.got += usize::from(!got.is_finite());
        self.expected += usize::from(!expected.is_finite());
        self.alike += usize::from(!got.is_finite() && distance(got, expected) == 0.0);
    }
}

/// Values whose absolute difference is at least a tenth of `below` and less than it; the first of a histogram counts
/// all that are smaller, the last (`below` absent) all that are larger or no numbers. Identical values don't count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Decade {
    /// A power of ten.
    pub below: Option<f64>,
    /// Number of values.
    pub count: usize,
}

/// In how many predictions both agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopAgreement {
    /// Predictions: one, or one a frame.
    pub predictions: usize,
    /// Those with the same most likely class.
    pub top1: usize,
    /// Those with the same classes among the five most likely, whatever their order.
    pub top_k: usize,
}

/// A value that differs, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// Its position in the array.
    pub position: Vec<usize>,
    /// Its frame, from 0, in outputs that have frames.
    pub frame: Option<usize>,
    /// Its class's name, in logits.
    pub label: Option<String>,
    /// The value here.
    pub got: f32,
    /// The reference's.
    pub expected: f32,
}

impl Place {
    /// `frame 5, jumping jacks (242)` or, in a video, `frame 5, row 3, column 9, channel 0`.
    pub fn describe(&self) -> String {
        match (self.position.as_slice(), &self.label) {
            ([class], Some(label)) => format!("{label} ({class})"),
            ([frame, class], Some(label)) => format!("frame {frame}, {label} ({class})"),
            ([frame, row, column, channel], _) => {
                format!("frame {frame}, row {row}, column {column}, channel {channel}")
            }
            (position, _) => format!("{position:?}"),
        }
    }
}

impl Check {
    /// Compares `got` with `expected`. Arrays of one or two dimensions are logits, their last one the classes.
    pub(super) fn new(
        output: &str,
        got: ArrayViewD<f32>,
        expected: ArrayViewD<f32>,
        tolerance: Tolerance,
        labels: &Labels,
    ) -> Self {
        let mut check = Self {
            output: output.to_owned(),
            passed: false,
            tolerance,
            shape: got.shape().to_vec(),
            expected_shape: expected.shape().to_vec(),
            identical: 0,
            beyond: 0,
            max_abs: 0.0,
            max_rel: 0.0,
            max_ulps: 0,
            no_numbers: NoNumbers::default(),
            cosine: 1.0,
            histogram: Vec::new(),
            top: None,
            effect: None,
            least_atol: None,
            first_beyond: None,
            worst: Vec::new(),
        };
        if check.shape == check.expected_shape {
            check.compare(&got, &expected, labels);
        }
        check
    }

    fn compare(&mut self, got: &ArrayViewD<f32>, expected: &ArrayViewD<f32>, labels: &Labels) {
        let Tolerance { rtol, .. } = self.tolerance;
        let mut counts = [0usize; DECADES as usize + 1];
        let mut least_atol = Some(0.0f64);
        let mut worst: Vec<(f64, Vec<usize>)> = Vec::new();
        let [mut dot, mut left, mut right] = [0.0f64; 3];
        for ((position, &a), &b) in got.indexed_iter().zip(expected.iter()) {
            let (wide_a, wide_b) = (f64::from(a), f64::from(b));
            self.no_numbers.count(wide_a, wide_b);
            let both_numbers = a.is_finite() && b.is_finite();
            if both_numbers {
                (dot, left, right) = (dot + wide_a * wide_b, left + wide_a * wide_a, right + wide_b * wide_b);
            }
            if a.to_bits() == b.to_bits() {
                self.identical += 1;
                continue;
            }
            let size = distance(wide_a, wide_b);
            if !self.tolerance.allows(wide_a, wide_b) {
                self.beyond += 1;
                if self.first_beyond.is_none() {
                    self.first_beyond = Some(place(position.slice(), got, expected, labels));
                }
            }
            self.max_ulps = self.max_ulps.max(ulps(a, b));
            self.max_abs = self.max_abs.max(size);
            if wide_b != 0.0 && both_numbers {
                self.max_rel = self.max_rel.max(size / wide_b.abs());
            }
            // No tolerance lets an infinity pass for something else.
            let passes = both_numbers || size == 0.0;
            least_atol = least_atol.filter(|_| passes).map(|least| least.max(size - rtol * wide_b.abs()));
            counts[decade(size)] += 1;
            if worst.len() < WORST || worst.last().is_some_and(|(least, _)| size > *least) {
                let at = worst.partition_point(|(other, _)| *other >= size);
                worst.insert(at, (size, position.slice().to_vec()));
                worst.truncate(WORST);
            }
        }
        self.passed = self.beyond == 0;
        self.least_atol = least_atol;
        self.cosine = if left > 0.0 && right > 0.0 { dot / (left * right).sqrt() } else { f64::from(left == right) };
        self.histogram = counts
            .into_iter()
            .enumerate()
            .map(|(at, count)| {
                let below = (at < DECADES as usize).then(|| 10f64.powi(SMALLEST_DECADE + at as i32));
                Decade { below, count }
            })
            .collect();
        self.worst = worst.into_iter().map(|(_, position)| place(&position, got, expected, labels)).collect();
        self.top = top_agreement(got, expected);
    }

    /// The flag that would let this output pass: `--atol stream_logits=1.3e-4`.
    pub fn passing_flag(&self) -> Option<String> {
        // Rounded up in its last digit, so that it does pass.
        let least = self.least_atol.filter(|_| !self.passed && self.shape == self.expected_shape)?;
        let unit = 10f64.powf(least.log10().floor() - 1.0);
        Some(format!("--atol {}={:.1e}", self.output, (least / unit).ceil() * unit))
    }
}

fn place(position: &[usize], got: &ArrayViewD<f32>, expected: &ArrayViewD<f32>, labels: &Labels) -> Place {
    let is_logits = position.len() <= 2;
    Place {
        frame: (position.len() > 1).then(|| position[0]),
        label: position.last().filter(|_| is_logits).map(|&class| labels.name(class)),
        got: got[position],
        expected: expected[position],
        position: position.to_vec(),
    }
}

fn decade(difference: f64) -> usize {
    let above = difference.log10().floor() as i32 + 1 - SMALLEST_DECADE;
    above.clamp(0, DECADES) as usize
}

/// How many steps from one float32 to the next lie between two.
fn ulps(a: f32, b: f32) -> u64 {
    // In this order of integers, neighbours among the floats are neighbours.
    let ordered = |value: f32| {
        let bits = i64::from(value.to_bits() as i32);
        if bits < 0 { i64::from(i32::MIN) - bits } else { bits }
    };
    if a.is_nan() && b.is_nan() {
        0
    } else if a.is_nan() || b.is_nan() {
        u64::MAX
    } else {
        ordered(a).abs_diff(ordered(b))
    }
}

fn top_agreement(got: &ArrayViewD<f32>, expected: &ArrayViewD<f32>) -> Option<TopAgreement> {
    if got.ndim() > 2 {
        return None;
    }
    let classes = got.ndim() - 1;
    let mut agreement = TopAgreement { predictions: 0, top1: 0, top_k: 0 };
    for (a, b) in got.lanes(Axis(classes)).into_iter().zip(expected.lanes(Axis(classes))) {
        let [mut a, mut b] = [a, b].map(|logits| top_k(logits.mapv(f64::from).view(), TOP));
        agreement.predictions += 1;
        agreement.top1 += usize::from(a.first() == b.first());
        a.sort_unstable();
        b.sort_unstable();
        agreement.top_k += usize::from(a == b);
    }
    Some(agreement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    fn check(got: &[f32], expected: &[f32], atol: f64, rtol: f64) -> Check {
        let (got, expected) = (Array1::from(got.to_vec()), Array1::from(expected.to_vec()));
        let labels = Labels::numbered();
        Check::new("x", got.view().into_dyn(), expected.view().into_dyn(), Tolerance { atol, rtol }, &labels)
    }

    #[test]
    fn the_rule_is_numpys() {
        assert!(check(&[1.5, 2.0], &[1.0, 2.0], 0.5, 0.0).passed);
        assert!(check(&[110.0], &[100.0], 0.0, 0.1).passed);
        let failed = check(&[1.0, 2.0, 9.0], &[1.0, 3.0, 3.0], 0.5, 0.0);
        assert_eq!((failed.passed, failed.beyond, failed.identical), (false, 2, 1));
        assert_eq!((failed.max_abs, failed.max_rel, failed.least_atol), (6.0, 2.0, Some(6.0)));
        assert_eq!(failed.first_beyond.map(|place| place.position), Some(vec![1]));
        assert_eq!(failed.worst[0].describe(), "class 2 (2)");
        assert_eq!(failed.top, Some(TopAgreement { predictions: 1, top1: 0, top_k: 1 }));
    }

    #[test]
    fn the_flag_that_is_offered_passes() {
        let failed = check(&[1.0, 2.0], &[1.0, 2.123], 0.0, 0.0);
        let flag = failed.passing_flag().unwrap();
        let atol: f64 = flag.strip_prefix("--atol x=").unwrap().parse().unwrap();
        assert!(check(&[1.0, 2.0], &[1.0, 2.123], atol, 0.0).passed, "{flag}");
        assert!(atol < 0.14, "{flag}");
    }

    #[test]
    fn nan_is_never_close_and_the_same_nan_is_the_same() {
        assert!(!check(&[f32::NAN], &[1.0], f64::MAX, 0.0).passed);
        let failed = check(&[1.0], &[f32::NAN], 1e9, 0.0);
        assert!(!failed.passed && failed.least_atol.is_none());
        assert!(check(&[f32::NAN], &[f32::NAN], 0.0, 0.0).passed);
    }

    #[test]
    fn another_shape_fails() {
        let (got, expected) = (array![[1.0f32]], array![1.0f32]);
        let tolerance = Tolerance { atol: 1.0, rtol: 0.0 };
        let labels = Labels::numbered();
        let check = Check::new("x", got.view().into_dyn(), expected.view().into_dyn(), tolerance, &labels);
        assert!(!check.passed && check.beyond == 0);
    }

    #[test]
    fn ulps_count_floats_between() {
        assert_eq!(ulps(1.0, f32::from_bits(1.0f32.to_bits() + 3)), 3);
        assert_eq!(ulps(0.0, -0.0), 0);
        assert_eq!(ulps(f32::from_bits(1), -f32::from_bits(1)), 2);
        assert_eq!(ulps(1.0, f32::NAN), u64::MAX);
    }

    #[test]
    fn the_histogram_has_a_place_for_every_difference() {
        assert_eq!([1e-30, 5e-10, 5e-9, 0.5, 1.5, f64::MAX].map(decade), [0, 0, 1, 9, 10, 10]);
    }
}
