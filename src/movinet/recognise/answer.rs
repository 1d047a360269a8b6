//! Which of a signature's outputs is its answer.

use crate::movinet::signature::listed;
use crate::movinet::{DType, TensorSpec};

/// Batch, classes.
const RANK: usize = 2;
/// Words in the names of answers; where there are several, the earlier word wins. Logits say more than what a softmax
/// leaves of them.
const WORDS: [&str; 6] = ["logits", "classifier_head", "probs", "probabilities", "predictions", "softmax"];

/// The output `(1, classes)` of `outputs` that is the answer.
///
/// # Errors
/// Why none is.
pub(super) fn answer<'s>(outputs: &[&'s TensorSpec]) -> Result<&'s TensorSpec, String> {
    let of_rank = |rank: Option<usize>| {
        let fitting = outputs.iter().copied();
        let fitting = fitting.filter(|output| output.dtype == DType::Float32 || output.is_quantised());
        fitting.filter(move |output| output.rank() == rank).collect::<Vec<_>>()
    };
    let mut candidates = of_rank(Some(RANK));
    if candidates.is_empty() {
        candidates = of_rank(None);
    }
    let named = |word: &str| {
        let exact = candidates.iter().find(|output| output.name == word);
        exact.or_else(|| candidates.iter().find(|output| output.name.to_ascii_lowercase().contains(word))).copied()
    };
    let answer = match candidates.as_slice() {
        [] => {
            return Err(format!(
                "none of its outputs is float32 (batch, classes): {}",
                listed(outputs.iter().copied())
            ));
        }
        [one] => *one,
        several => WORDS.iter().find_map(|word| named(word)).ok_or_else(|| {
            format!(
                "which of its outputs is the answer? One has to be called logits or probs: {}",
                listed(several.iter().copied())
            )
        })?,
    };
    match answer.shape.as_deref() {
        Some(&[Some(batch), _]) if batch != 1 => Err(format!("it was exported for a batch of {batch}")),
        Some(&[_, Some(0)]) => Err(format!("it has no classes: '{}' is {answer}", answer.name)),
        _ => Ok(answer),
    }
}
