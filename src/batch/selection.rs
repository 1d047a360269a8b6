//! Which classes a row tells of.

use std::collections::BTreeSet;

use ndarray::ArrayView1;

use crate::catalog::nearest;
use crate::predict::{Guess, Labels};

/// Which classes a row tells of.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    top: usize,
    threshold: f64,
    only: Option<BTreeSet<usize>>,
    without: BTreeSet<usize>,
}

/// A class that was asked for, and that the model doesn't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model has no class '{name}'{}", nearest.as_ref().map_or(String::new(), |near| format!(": did you mean '{near}'?")))]
pub struct UnknownClass {
    /// As it was asked for.
    pub name: String,
    /// The class that is written most alike.
    pub nearest: Option<String>,
}

impl Selection {
    /// The `top` most likely classes, of those that are as likely as `threshold` (0 to 1): `only` these, where any are named,
    /// and `without` those. Classes are named as `labels` do, or by their index from 0.
    ///
    /// # Errors
    /// [`UnknownClass`].
    pub fn new(
        top: usize,
        threshold: f64,
        only: &[String],
        without: &[String],
        labels: &Labels,
    ) -> Result<Self, UnknownClass> {
        let indices = |names: &[String]| names.iter().map(|name| index(name, labels)).collect();
        let only = (!only.is_empty()).then(|| indices(only)).transpose()?;
        Ok(Self { top, threshold, only, without: indices(without)? })
    }

    /// The classes to be told, of `probabilities` `(classes)`, most likely first.
    pub fn of(&self, probabilities: ArrayView1<f64>, labels: &Labels) -> Vec<Guess> {
        let is_wanted = |guess: &Guess| {
            guess.probability >= self.threshold
                && self.only.as_ref().is_none_or(|only| only.contains(&guess.index))
                && !self.without.contains(&guess.index)
        };
        labels.top(probabilities, probabilities.len()).into_iter().filter(is_wanted).take(self.top).collect()
    }
}

/// The class that `name` names: by a label, or by its index.
pub(super) fn index(name: &str, labels: &Labels) -> Result<usize, UnknownClass> {
    let (name, names) = (name.trim(), labels.names().unwrap_or_default());
    if let Some(index) = names.iter().position(|known| known == name) {
        return Ok(index);
    }
    match name.parse() {
        Ok(index) if labels.names().is_none_or(|names| index < names.len()) => Ok(index),
        _ => {
            let nearest = nearest(name, names.iter().cloned());
            Err(UnknownClass { name: name.to_owned(), nearest })
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn of(top: usize, threshold: f64, only: &[&str], without: &[&str]) -> Result<Vec<usize>, UnknownClass> {
        let labels = Labels::parse("dancing\nriding a bike\nswimming\n7");
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let selection = Selection::new(top, threshold, &owned(only), &owned(without), &labels)?;
        let told = selection.of(array![0.1, 0.2, 0.3, 0.4].view(), &labels);
        Ok(told.into_iter().map(|guess| guess.index).collect())
    }

    #[test]
    fn the_most_likely_of_those_that_are_wanted_are_told() {
        assert_eq!(of(2, 0.0, &[], &[]), Ok(vec![3, 2]));
        assert_eq!(of(9, 0.2, &[], &[]), Ok(vec![3, 2, 1]), "as likely as the threshold is likely enough");
        assert_eq!(of(9, 0.0, &["swimming", "0"], &[]), Ok(vec![2, 0]));
        assert_eq!(of(1, 0.0, &[], &["7"]), Ok(vec![2]), "a label that is a number is a label first");
        assert_eq!(of(9, 0.0, &["swimming"], &["2"]), Ok(vec![]));
    }

    #[test]
    fn what_the_model_does_not_know_is_told() {
        let unknown = of(1, 0.0, &["swiming"], &[]).unwrap_err();
        assert_eq!(unknown.to_string(), "the model has no class 'swiming': did you mean 'swimming'?");
        assert_eq!(of(1, 0.0, &[], &["40"]).unwrap_err().nearest, None);
    }
}
