//! Where two stream models part: the first frame after which they differ, and there the states in network order.
//!
//! The first state that differs tells the layer: what comes before it in the network still agrees.

use ndarray::{ArrayView4, Axis};
use serde::Serialize;

use super::Tolerance;
use crate::movinet::{MovinetError, StateName, States, StreamModel};
use crate::saved_model::Tensor;

/// The first frame after which two stream models differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parting {
    /// The frame, from 0.
    pub frame: usize,
    /// Largest difference of its logits.
    pub logits: f64,
    /// The states that differ beyond the tolerance, in the order in which a frame goes through the network.
    pub states: Vec<StateDifference>,
    /// The last state in network order that still agrees before the first that doesn't.
    pub last_equal: Option<StateName>,
}

/// A state that differs between two models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateDifference {
    /// Which.
    pub state: StateName,
    /// Largest absolute difference; absent where the shapes differ or one model lacks it.
    pub max_abs: Option<f64>,
}

/// Shows both models `clip` `(frames, height, width, 3)` up to the first frame after which their logits or states
/// differ beyond `tolerance`; `None` where they never do.
///
/// # Errors
/// [`MovinetError`] when a model fails or the two have different numbers of classes.
pub fn bisect(
    model: &StreamModel,
    other: &StreamModel,
    clip: ArrayView4<f32>,
    tolerance: Tolerance,
) -> Result<Option<Parting>, MovinetError> {
    let (frames, height, width, _) = clip.dim();
    let mut states = model.init_states(1, height, width)?;
    let mut other_states = other.init_states(1, height, width)?;
    for frame in 0..frames {
        let (logits, other_logits);
        let picture = model.frame(clip.index_axis(Axis(0), frame));
        (logits, states) = model.step(&picture, states)?;
        (other_logits, other_states) = other.step(&picture, other_states)?;
        if logits.len() != other_logits.len() {
            return Err(MovinetError::Classes {
                left: model.saved_model().path().display().to_string(),
                left_classes: logits.len(),
                right: other.saved_model().path().display().to_string(),
                right_classes: other_logits.len(),
            });
        }
        let values = logits.iter().zip(&other_logits);
        let logits = values.clone().map(|(a, b)| difference(f64::from(*a), f64::from(*b))).fold(0.0, f64::max);
        let logits_differ = values.clone().any(|(a, b)| beyond(f64::from(*a), f64::from(*b), tolerance));
        let (differing, last_equal) = compare_states((model, &states), (other, &other_states), tolerance);
        if logits_differ || !differing.is_empty() {
            return Ok(Some(Parting { frame, logits, states: differing, last_equal }));
        }
    }
    Ok(None)
}

fn compare_states(
    (model, states): (&StreamModel, &States),
    (other, other_states): (&StreamModel, &States),
    tolerance: Tolerance,
) -> (Vec<StateDifference>, Option<StateName>) {
    let mut named: Vec<_> = model.state_names().into_iter().zip(states.tensors()).collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    let others: Vec<_> = other.state_names().into_iter().zip(other_states.tensors()).collect();
    let mut differing = Vec::new();
    let mut last_equal = None;
    for (state, tensor) in named {
        let counterpart = others.iter().find(|(name, _)| *name == state).filter(|(_, t)| t.dims() == tensor.dims());
        let (mut max_abs, mut differs) = (Some(0.0f64), counterpart.is_none());
        match counterpart {
            None => max_abs = None,
            Some((_, other)) => {
                for (a, b) in values(tensor).zip(values(other)) {
                    max_abs = max_abs.map(|largest| largest.max(difference(a, b)));
                    differs |= beyond(a, b, tolerance);
                }
            }
        }
        if differs {
            differing.push(StateDifference { state, max_abs });
        } else if differing.is_empty() {
            last_equal = Some(state);
        }
    }
    (differing, last_equal)
}

fn values(tensor: &Tensor) -> Box<dyn Iterator<Item = f64> + '_> {
    match tensor {
        Tensor::Float32(values) => Box::new(values.iter().map(|&value| f64::from(value))),
        Tensor::Int32(values) => Box::new(values.iter().map(|&value| f64::from(value))),
    }
}

/// As in a JSON number: what is no number counts as the largest.
fn difference(a: f64, b: f64) -> f64 {
    let difference = (a - b).abs();
    match difference.is_nan() {
        true if a.is_nan() && b.is_nan() => 0.0,
        true => f64::MAX,
        false => difference.min(f64::MAX),
    }
}

fn beyond(a: f64, b: f64, Tolerance { atol, rtol }: Tolerance) -> bool {
    difference(a, b) > atol + rtol * b.abs()
}
