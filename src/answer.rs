//! What the numbers that a model gave say: whether they are numbers, and how probabilities are read from them. Everything
//! that becomes a probability goes through here.

use std::fmt;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, array};
use serde::{Deserialize, Serialize};

use crate::predict::softmax;

/// How far the probabilities of all classes may be from summing to 1: those of a softmax in half precision are.
const SUM_TOLERANCE: f64 = 1e-3;

/// How a model's output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reading {
    /// Logits. A softmax makes them probabilities; of a single one, a sigmoid makes the probability that the second of two
    /// classes is there.
    Logits,
    /// Probabilities already, which are used as they are; a single one is that of the second of two classes.
    Probabilities,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Logits => "logits",
            Self::Probabilities => "probabilities",
        })
    }
}

impl Reading {
    /// How the predictions `rows` `(predictions, outputs)` are to be read: as probabilities where each of them has several
    /// outputs from 0 to 1 that sum to 1, else as logits.
    pub fn of(rows: ArrayView2<f32>) -> Self {
        let several = rows.nrows() > 0 && rows.ncols() > 1;
        let sums_to_one = |row: ArrayView1<f32>| (total(row) - 1.0).abs() <= SUM_TOLERANCE;
        match several && within_0_and_1(rows) && rows.axis_iter(Axis(0)).all(sums_to_one) {
            true => Self::Probabilities,
            false => Self::Logits,
        }
    }

    /// The probabilities `(classes)` in a prediction `(outputs)`. A single output gives two classes.
    pub fn probabilities(self, outputs: ArrayView1<f32>) -> Array1<f64> {
        let second = |p: f64| array![1.0 - p, p];
        match (self, outputs.len()) {
            (Self::Logits, 1) => second(1.0 / (1.0 + (-f64::from(outputs[0])).exp())),
            (Self::Probabilities, 1) => second(f64::from(outputs[0])),
            (Self::Logits, _) => softmax(outputs),
            (Self::Probabilities, _) => outputs.mapv(f64::from),
        }
    }
}

/// Number of classes of a model with so many outputs: a single output tells two apart.
pub fn classes(outputs: usize) -> usize {
    if outputs == 1 { 2 } else { outputs }
}

/// What a model said, read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// How it was read.
    pub reading: Reading,
    /// Outputs of a prediction.
    pub outputs: usize,
    /// Of each prediction, the probabilities `(classes)`.
    pub probabilities: Vec<Array1<f64>>,
    /// What may be wrong with the reading.
    pub doubt: Option<&'static str>,
}

impl Answer {
    /// Reads the predictions `rows` `(predictions, outputs)`, as `known` or else by what they look like.
    ///
    /// # Errors
    /// [`NotANumber`] for the first that is none.
    pub fn read(rows: ArrayView2<f32>, known: Option<Reading>) -> Result<Self, NotANumber> {
        for (prediction, row) in rows.axis_iter(Axis(0)).enumerate() {
            check(row, prediction)?;
        }
        let reading = known.unwrap_or_else(|| Reading::of(rows));
        let probabilities = rows.axis_iter(Axis(0)).map(|row| reading.probabilities(row)).collect();
        Ok(Self { reading, outputs: rows.ncols(), probabilities, doubt: doubt(rows, known, reading) })
    }

    /// The same with so many predictions: each the mean of those that are as many apart, which are views of one clip.
    pub fn averaged(self, predictions: usize) -> Self {
        if predictions == 0 || self.probabilities.len() <= predictions {
            return self;
        }
        let mean = |first: usize| {
            let views = || self.probabilities.iter().skip(first).step_by(predictions);
            let zeros = Array1::zeros(self.probabilities[first].len());
            views().fold(zeros, |sum, view| sum + view) / views().count() as f64
        };
        Self { probabilities: (0..predictions).map(mean).collect(), ..self }
    }
}

/// What may be wrong with reading `rows` in this way.
fn doubt(rows: ArrayView2<f32>, known: Option<Reading>, reading: Reading) -> Option<&'static str> {
    if known.is_some() || reading != Reading::Logits || !within_0_and_1(rows) {
        return None;
    }
    match rows.ncols() {
        1 => Some("its one output is from 0 to 1: it is read as a logit, and may be a probability"),
        _ => Some(
            "its outputs are from 0 to 1 and don't sum to 1: they are read as logits, and may be a probability for each \
             class by itself",
        ),
    }
}

/// A model gave something that is no number.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("output {output} of prediction {prediction} is {value}")]
pub struct NotANumber {
    /// Which prediction, from 0.
    pub prediction: usize,
    /// Which of its outputs, from 0.
    pub output: usize,
    /// NaN or an infinity.
    pub value: f32,
}

/// Whether all `outputs` of a prediction are numbers.
///
/// # Errors
/// [`NotANumber`] for the first that is none.
pub fn check(outputs: ArrayView1<f32>, prediction: usize) -> Result<(), NotANumber> {
    match outputs.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(output) => Err(NotANumber { prediction, output, value: outputs[output] }),
    }
}

fn within_0_and_1(rows: ArrayView2<f32>) -> bool {
    rows.iter().all(|value| (0.0..=1.0).contains(value))
}

fn total(row: ArrayView1<f32>) -> f64 {
    row.iter().map(|&value| f64::from(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    #[test]
    fn a_softmax_inside_the_model_is_seen_if_every_prediction_shows_it() {
        let rows = array![[0.25f32, 0.75], [0.0, 1.0], [0.5, 0.5004]];
        let answer = Answer::read(rows.view(), None).unwrap();
        assert_eq!((answer.reading, answer.doubt), (Reading::Probabilities, None));
        assert_eq!(answer.probabilities[0], array![0.25, 0.75]);
        for rows in [array![[0.25f32, 0.75], [0.3, 0.9]], array![[0.25, 0.75], [-0.1, 1.1]], array![[0.6, 0.6]]] {
            assert_eq!(Answer::read(rows.view(), None).unwrap().reading, Reading::Logits, "{rows}");
        }
    }

    #[test]
    fn one_output_tells_two_classes_apart() {
        let answer = Answer::read(array![[0.0f32], [100.0], [-100.0]].view(), None).unwrap();
        assert_eq!(answer.probabilities[0], array![0.5, 0.5]);
        assert!(answer.probabilities[1][1] > 0.999 && answer.probabilities[2][1] < 0.001);
        let known = Answer::read(array![[0.9f32]].view(), Some(Reading::Probabilities)).unwrap();
        assert!((known.probabilities[0][1] - 0.9).abs() < 1e-6);
    }

    #[test]
    fn outputs_that_may_be_sigmoids_are_doubted() {
        assert!(Answer::read(array![[0.3f32]].view(), None).unwrap().doubt.unwrap().contains("one output"));
        assert!(Answer::read(array![[0.3f32, 0.9, 0.8]].view(), None).unwrap().doubt.unwrap().contains("each class"));
        assert_eq!(Answer::read(array![[0.3f32, 0.9, 1.8]].view(), None).unwrap().doubt, None);
        assert_eq!(Answer::read(array![[0.3f32]].view(), Some(Reading::Logits)).unwrap().doubt, None);
    }

    #[test]
    fn a_single_value_that_is_no_number_is_told_by_its_place() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut rows = Array2::zeros((3, 4));
            rows[[1, 2]] = value;
            let fault = Answer::read(rows.view(), None).unwrap_err();
            assert_eq!((fault.prediction, fault.output), (1, 2));
            assert!(!fault.value.is_finite());
        }
    }

    proptest! {
        #[test]
        fn what_a_softmax_gave_is_read_as_probabilities(logits in prop::collection::vec(-40f32..40.0, 2..700)) {
            let row = softmax(Array1::from(logits).view()).mapv(|p| p as f32).insert_axis(Axis(0));
            prop_assert_eq!(Reading::of(row.view()), Reading::Probabilities);
        }
    }
}
