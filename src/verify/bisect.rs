//! Where two stream models part: the first frame after which they differ, and there the states in network order.
//!
//! A value that is no number parts them too, even if it is the same in both. The first state that differs tells the layer: what comes before it in the network still agrees.

use ndarray::{Array1, ArrayView4, Axis};
use serde::Serialize;

use super::Tolerance;
use super::tolerance::distance;
use crate::engine::{EngineError, StateView, StreamNetwork, fill};
use crate::movinet::StateName;

/// The first frame after which two stream models differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parting {
    /// The frame, from 0.
    pub frame: usize,
    /// Largest difference of its logits.
    pub logits: f64,
    /// Logits that are NaN or infinite, in the model and in the other.
    pub no_numbers: [usize; 2],
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
    /// Values that are NaN or infinite, in the model and in the other.
    pub no_numbers: [usize; 2],
}

/// A stream network and its name for errors.
pub type Named<'a> = (&'a str, &'a dyn StreamNetwork);

/// Shows both models `clip` `(frames, height, width, 3)` up to the first frame after which their logits or states
/// differ beyond `tolerance` or hold what is no number; `None` where they never do.
///
/// # Errors
/// [`EngineError`] when a model fails or the two have different numbers of classes.
pub fn bisect(
    (name, model): Named,
    (other_name, other): Named,
    clip: ArrayView4<f32>,
    tolerance: Tolerance,
) -> Result<Option<Parting>, EngineError> {
    let (_, height, width, _) = clip.dim();
    let mut streams = [model.begin(height, width)?, other.begin(height, width)?];
    for (frame, picture) in clip.axis_iter(Axis(0)).enumerate() {
        let mut logits = Vec::with_capacity(streams.len());
        for stream in &mut streams {
            fill(stream.input(), picture)?;
            logits.push(stream.step()?);
        }
        let [Some(left), Some(right)] = logits.as_slice() else { continue };
        if left.len() != right.len() {
            return Err(EngineError::Classes {
                left: name.to_owned(),
                left_classes: left.len(),
                right: other_name.to_owned(),
                right_classes: right.len(),
            });
        }
        let values = left.iter().zip(right).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let logits = values.clone().map(|(a, b)| distance(a, b)).fold(0.0, f64::max);
        let logits_differ = values.clone().any(|(a, b)| parts(a, b, tolerance));
        let (differing, last_equal) = compare_states(streams[0].states(), &streams[1].states(), tolerance);
        if logits_differ || !differing.is_empty() {
            let count = |logits: &Array1<f32>| logits.iter().filter(|logit| !logit.is_finite()).count();
            let no_numbers = [count(left), count(right)];
            return Ok(Some(Parting { frame, logits, no_numbers, states: differing, last_equal }));
        }
    }
    Ok(None)
}

fn compare_states<'a>(
    mut states: Vec<StateView<'a>>,
    others: &[StateView<'a>],
    tolerance: Tolerance,
) -> (Vec<StateDifference>, Option<StateName>) {
    let of_other_alone = others.iter().filter(|other| states.iter().all(|state| state.name != other.name));
    let of_other_alone: Vec<_> = of_other_alone.cloned().collect();
    states.extend(of_other_alone.iter().cloned());
    states.sort_by(|a, b| a.name.cmp(&b.name));
    let is_of_other_alone = |state: &StateView<'_>| of_other_alone.iter().any(|other| other.name == state.name);
    let mut differing = Vec::new();
    let mut last_equal = None;
    for state in states {
        let counterpart = others.iter().find(|other| other.name == state.name).filter(|other| other.dims == state.dims);
        let counterpart = counterpart.filter(|_| !is_of_other_alone(&state));
        let (mut max_abs, mut differs, mut no_numbers) = (Some(0.0f64), counterpart.is_none(), [0, 0]);
        match counterpart {
            None => max_abs = None,
            Some(other) => {
                for (a, b) in state.values.to_vec().into_iter().zip(other.values.to_vec()) {
                    max_abs = max_abs.map(|largest| largest.max(distance(a, b)));
                    differs |= parts(a, b, tolerance);
                    no_numbers[0] += usize::from(!a.is_finite());
                    no_numbers[1] += usize::from(!b.is_finite());
                }
            }
        }
        if differs {
            differing.push(StateDifference { state: state.name, max_abs, no_numbers });
        } else if differing.is_empty() {
            last_equal = Some(state.name);
        }
    }
    (differing, last_equal)
}

/// Whether two values are no longer the same, or one is no number: of models that give NaN nobody can say that they agree.
fn parts(a: f64, b: f64, tolerance: Tolerance) -> bool {
    !a.is_finite() || !b.is_finite() || !tolerance.allows(a, b)
}
