//! From logits to what a person reads: probabilities, the k most likely classes, their labels.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{Array1, ArrayView1};
use serde::Serialize;

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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guess {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
    /// Its probability.
    pub probability: f64,
}

/// Names of the classes, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Option<Arc<[String]>>,
}

/// Why a label file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelsError {
    /// It cannot be read; the message names it.
    #[error("cannot read the labels")]
    Read(#[source] std::io::Error),
    /// It has another number of lines than the model has classes.
    #[error("'{}' has {lines} labels, but the model has {classes} classes", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// Its lines.
        lines: usize,
        /// The model's classes.
        classes: usize,
    },
}

impl Labels {
    /// Reads one label a line. Lines may end in CR LF; an empty last line doesn't count.
    ///
    /// # Errors
    /// [`LabelsError::Read`] when the file cannot be read or isn't UTF-8.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, LabelsError> {
        fs_err::read_to_string(path.as_ref()).map(|text| Self::parse(&text)).map_err(LabelsError::Read)
    }

    /// One label a line of `text`.
    pub fn parse(text: &str) -> Self {
        Self { names: Some(text.lines().map(|line| line.trim().to_owned()).collect()) }
    }

    /// These names, by index.
    pub fn new(names: Vec<String>) -> Self {
        Self { names: Some(names.into()) }
    }

    /// For a model whose labels are not known: `class 242`.
    pub fn numbered() -> Self {
        Self { names: None }
    }

    /// Insists on one label for each of `classes`; `path` is the file in the error.
    ///
    /// # Errors
    /// [`LabelsError::Count`].
    pub fn check(&self, classes: usize, path: &Path) -> Result<(), LabelsError> {
        match &self.names {
            Some(names) if names.len() != classes => {
                Err(LabelsError::Count { path: path.to_owned(), lines: names.len(), classes })
            }
            _ => Ok(()),
        }
    }

    /// The label of class `index`.
    pub fn name(&self, index: usize) -> String {
        match self.names.as_ref().and_then(|names| names.get(index)) {
            Some(name) => name.clone(),
            None => format!("class {index}"),
        }
    }

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

    #[test]
    fn labels_must_be_as_many_as_classes() {
        let labels = Labels::parse("jumping jacks\r\nlunge\n");
        assert_eq!(labels.name(0), "jumping jacks");
        assert!(labels.check(2, Path::new("x")).is_ok());
        assert!(labels.check(3, Path::new("x")).is_err());
        assert_eq!(Labels::numbered().name(7), "class 7");
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
