//! Proof that a rewritten model gives what the original gives, on inputs from noise to extremes.

use ndarray::{Array1, Array4, ArrayView1, ArrayView4, Axis};
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::engine::EngineError;
use crate::engine::tensorflow::Movinet;
use crate::predict::top_k;

/// Differences up to this share of the largest absolute logit of a run are rounding.
pub const TOLERANCE: f64 = 2e-5;
const TOP: usize = 5;

/// What the comparison of both models measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// Predictions compared.
    pub predictions: usize,
    /// Largest difference of a logit.
    pub max_difference: f64,
    /// Largest difference as a share of the largest absolute logit of its run: below [`TOLERANCE`].
    pub max_relative: f64,
}

/// Where two models part.
pub(crate) enum Fault {
    Differ { input: String, reason: String },
    Failed(EngineError),
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

/// What an original gives on the clips of the proof. It is kept, so that original and result need not be loaded at once.
pub(crate) struct Expected {
    clips: Vec<Clip>,
}

/// A clip of the proof, its name, and the original's logits.
type Clip = (&'static str, Array4<f32>, Vec<Array1<f32>>);

impl Expected {
    /// Runs `original` on clips of `size` pixels (and one of an odd size), `clip` among them.
    pub fn of(original: &Movinet, clip: ArrayView4<f32>, size: usize) -> Result<Self, EngineError> {
        let run = |(name, input): (&'static str, Array4<f32>)| {
            let logits = original.logits(input.view())?;
            for (frame, logits) in logits.iter().enumerate() {
                answer::check(logits.view(), frame).map_err(EngineError::NoNumber)?;
            }
            Ok((name, input, logits))
        };
        Ok(Self { clips: inputs(original, clip, size).into_iter().map(run).collect::<Result<_, _>>()? })
    }

    /// Compares another form with the original: its `logits` of clips, none of those that it doesn't take.
    pub fn prove(
        &self,
        logits: impl Fn(ArrayView4<f32>) -> Result<Option<Vec<Array1<f32>>>, EngineError>,
    ) -> Result<Proof, Fault> {
        let mut proof = Proof::default();
        for (name, input, expected) in &self.clips {
            let differ = |reason: String| Fault::Differ { input: (*name).to_owned(), reason };
            let Some(got) = logits(input.view())? else { continue };
            let largest = expected.iter().flatten().fold(0.0f64, |largest, &logit| largest.max(f64::from(logit).abs()));
            let allowed = TOLERANCE * largest;
            if got.len() != expected.len() {
                return Err(differ(format!("it gave {} predictions instead of {}", got.len(), expected.len())));
            }
            for (frame, (expected, got)) in expected.iter().zip(&got).enumerate() {
                let difference = difference(expected.view(), got.view());
                if difference.is_nan() || difference > allowed {
                    return Err(differ(format!(
                        "logits of frame {frame} differ by {difference:e}, allowed are {allowed:e}"
                    )));
                }
                if !same_order(expected.view(), got.view(), allowed) {
                    return Err(differ(format!(
                        "the {TOP} most likely classes of frame {frame} stand in another order"
                    )));
                }
                proof.predictions += 1;
                proof.max_difference = proof.max_difference.max(difference);
                proof.max_relative = proof.max_relative.max(difference / largest.max(f64::MIN_POSITIVE));
            }
        }
        Ok(proof)
    }
}

/// The clips of the proof of `original`. Few shapes: it compiles each anew, for seconds. The extremes are single frames
/// for a base model, whose original takes seconds for a clip of eight.
fn inputs(original: &Movinet, clip: ArrayView4<f32>, size: usize) -> Vec<(&'static str, Array4<f32>)> {
    const FRAMES: usize = 8;
    let fixed = original.fixed_frames();
    let is_base = matches!(original, Movinet::Base(_));
    let frames = match fixed {
        Some(fixed) if is_base => fixed,
        Some(fixed) => FRAMES.next_multiple_of(fixed),
        None => FRAMES,
    };
    let (full, single) = ((frames, size, size, 3), (fixed.unwrap_or(1), size, size, 3));
    let odd = odd_shape(size, fixed);
    let extreme = if is_base { single } else { full };
    let mut random = fastrand::Rng::with_seed(1);
    let mut noise = |shape| Array4::from_shape_simple_fn(shape, || random.f32());
    let mut inputs = vec![
        ("noise", noise(full)),
        ("a clip", beginning(clip, frames, fixed.is_some())),
        ("all 0", Array4::zeros(extreme)),
        ("all 1", Array4::ones(extreme)),
        ("one frame", noise(single)),
    ];
    let takes_odd = original.accepts(odd.1, odd.2);
    inputs.extend(takes_odd.then(|| ("odd sizes", noise(odd))));
    inputs
}

/// The first `frames` of `clip`, or as many as it has; where just so many are needed, it begins anew.
fn beginning(clip: ArrayView4<f32>, frames: usize, all: bool) -> Array4<f32> {
    let has = clip.dim().0;
    let wanted = if all { frames } else { frames.min(has) };
    clip.select(Axis(0), &(0..wanted).map(|frame| frame % has).collect::<Vec<_>>())
}

/// Frames, height, width and channels of a few small frames, wider than high and of odd sides.
fn odd_shape(size: usize, fixed: Option<usize>) -> (usize, usize, usize, usize) {
    let side = (size * 5 / 8) | 1;
    (fixed.unwrap_or(3), side, side + 2, 3)
}

/// The largest difference; NaN where one of a pair is no number.
fn difference(expected: ArrayView1<f32>, got: ArrayView1<f32>) -> f64 {
    if expected.len() != got.len() {
        return f64::NAN;
    }
    let differences =
        expected.iter().zip(got).map(|(&a, &b)| if a == b { 0.0 } else { (f64::from(a) - f64::from(b)).abs() });
    differences.fold(0.0, |largest: f64, d| if d.is_nan() || largest.is_nan() { f64::NAN } else { largest.max(d) })
}

/// Whether the most likely classes come in the same order, save those whose logits are closer than `allowed`.
fn same_order(expected: ArrayView1<f32>, got: ArrayView1<f32>, allowed: f64) -> bool {
    let (left, right) = (top_k(expected.mapv(f64::from).view(), TOP), top_k(got.mapv(f64::from).view(), TOP));
    let close = |a: usize, b: usize| (f64::from(expected[a]) - f64::from(expected[b])).abs() <= 2.0 * allowed;
    left.iter().zip(&right).all(|(&a, &b)| a == b || close(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn nothing_that_differs_passes_for_equal() {
        assert_eq!(difference(array![1.0, 2.0].view(), array![1.0, 2.5].view()), 0.5);
        assert!(difference(array![1.0, f32::NAN].view(), array![1.0, 2.0].view()).is_nan());
        assert!(difference(array![1.0].view(), array![1.0, 2.0].view()).is_nan());
    }

    #[test]
    fn an_order_counts_where_the_gap_is_more_than_rounding() {
        let expected = array![1.0, 2.0, 3.0f32];
        assert!(!same_order(expected.view(), array![1.0, 3.0, 2.0].view(), 0.1));
        assert!(same_order(expected.view(), array![1.0, 3.0, 2.0].view(), 0.6));
    }
}
