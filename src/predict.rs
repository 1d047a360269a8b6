//! From logits to what a person reads: probabilities, the k most likely classes.

use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

pub use crate::labels::{Labels, LabelsError};

/// Probabilities of `logits`, both `(classes)`; computed in float64 and shifted by the largest, so nothing overflows.
pub fn softmax(logits: ArrayView1<f32>) -> Array1<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials = logits.mapv(|logit| (f64::from(logit) - f64::from(largest)).exp());
    let sum = exponentials.sum();
    exponentials / sum
}

/// Indices of the `k` largest values, largest first; of equal ones the lower index first, as `tf.math.top_k`.
pub fn top_k(values: ArrayView1<f64>, k: usize) -> Vec<usize> {
    let mut indices: Vec<_> = (0..values.len()).collect();
    indices.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    indices.truncate(k);
    indices
}

/// A class and how likely it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
    /// Its probability.
    pub probability: f64,
}

impl Labels {
    /// The `k` most likely classes of `probabilities` `(classes)`, most likely first.
    pub fn top(&self, probabilities: ArrayView1<f64>, k: usize) -> Vec<Guess> {
        let guess = |index| Guess { label: self.name(index), index, probability: probabilities[index] };
        top_k(probabilities, k).into_iter().map(guess).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    #[test]
    fn softmax_survives_large_logits() {
        let probabilities = softmax(array![1000.0f32, 1000.0, -1000.0].view());
        assert_eq!(probabilities, array![0.5, 0.5, 0.0]);
    }

    #[test]
    fn ties_go_to_the_lower_index() {
        assert_eq!(top_k(array![0.1, 0.4, 0.4, 0.1].view(), 3), [1, 2, 0]);
        assert_eq!(top_k(array![0.5, 0.5].view(), 9), [0, 1]);
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one_and_keep_the_order(logits in prop::collection::vec(-80f32..80.0, 1..50)) {
            let logits = Array1::from(logits);
            let probabilities = softmax(logits.view());
            prop_assert!((probabilities.sum() - 1.0).abs() < 1e-9);
            prop_assert_eq!(top_k(probabilities.view(), 1), top_k(logits.mapv(f64::from).view(), 1));
        }
    }
}
