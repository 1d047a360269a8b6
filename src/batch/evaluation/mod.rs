//! What a network is worth on clips whose classes are known.
//!
//! ```text
//! list with labels -> truth of each clip -> rows -> clips judged, one after the other -> figures
//! ```
//!
//! Clips are counted as they come. What is held are counts, of the pairs of classes that occur, and a few clips.

mod accuracy;
mod calibration;
mod class;
mod comparison;
mod confusion;
mod interval;
mod mcnemar;
#[cfg(test)]
mod tests;
mod truth;
mod worst;

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

pub use accuracy::Accuracy;
pub use calibration::{Bin, Calibration};
pub use class::Class;
pub use comparison::{Change, Compared, Comparison, Right};
pub use confusion::{Confusion, Matrix};
pub use interval::wilson;
pub use mcnemar::{McNemar, Test};
pub use truth::{TruthError, truth};
pub use worst::Wrong;

use self::accuracy::{Counts, share};
use self::calibration::Bins;
use self::confusion::Pairs;
use self::worst::Worst;
use super::Row;
use crate::predict::{Guess, Labels};

/// So many confusions are told.
const MOST_CONFUSIONS: usize = 100;

/// A clip whose true class is known, and what a network said of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    /// The clip, as the list names it.
    pub path: PathBuf,
    /// Where the part begins that was looked at, in seconds since its first frame.
    pub from: f64,
    /// And where it ends; none where that is the clip's end.
    pub to: Option<f64>,
    /// Whatever the list calls it by.
    pub id: Option<Value>,
    /// The index of its true class.
    pub truth: usize,
    /// Classes by index with their probabilities, most likely first: at least five, or all that there are.
    pub top: Vec<(usize, f64)>,
}

impl Judged {
    /// The clip of `row`, of which `top` was said, [`Row::top`] or [`Row::base_top`]; its class is `truth`.
    pub fn new(row: &Row, top: &[Guess], truth: usize) -> Self {
        let Row { path, from, to, id, .. } = row;
        let top = top.iter().map(|guess| (guess.index, guess.probability)).collect();
        Self { path: path.clone(), from: *from, to: *to, id: id.clone(), truth, top }
    }

    /// The same with the most likely class alone.
    fn shortened(&self) -> Self {
        let Self { path, from, to, id, truth, top } = self;
        let top = top.iter().take(1).copied().collect();
        Self { path: path.clone(), from: *from, to: *to, id: id.clone(), truth: *truth, top }
    }
}

/// A network on clips whose classes are known, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    counts: Counts,
    pairs: Pairs,
    bins: Bins,
    worst: Worst,
}

/// What a network is worth. Clips of which there is no answer are in none of these but `failed` and `accuracy_with_failed`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Clips that were judged.
    pub clips: u64,
    /// Clips of which there is no answer.
    pub failed: u64,
    /// Clips of which the most likely class is the right one.
    pub top1: Accuracy,
    /// Clips of which the right class is among the five most likely ones.
    pub top5: Accuracy,
    /// The shares of `top1` and `top5` if those that failed were wrong; where any failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_with_failed: Option<WithFailed>,
    /// The mean of the accuracies of the classes of which clips were judged, each of which counts the same.
    pub per_class_accuracy: Option<f64>,
    /// Whether the network is right as often as it says.
    pub calibration: Calibration,
    /// What was taken for what: up to 100, those of most clips first.
    pub confusions: Vec<Confusion>,
    /// Clips of which the network was most surely wrong: up to 20, the surest first.
    pub worst: Vec<Wrong>,
    /// The classes that are there, in order.
    pub classes: Vec<ClassFigures>,
    /// What was said of the clips of each class.
    #[serde(skip)]
    pub matrix: Matrix,
}

/// Shares of all clips, of which those that failed are wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WithFailed {
    /// Of which the most likely class is the right one.
    pub top1: f64,
    /// Of which the right class is among the five most likely ones.
    pub top5: f64,
}

/// What a network is worth on clips of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
    /// Clips of it that were judged.
    pub clips: u64,
    /// Clips of it of which there is no answer.
    pub failed: u64,
    /// Clips of which it is the most likely class.
    pub correct: u64,
    /// Their share; none of no clips.
    pub accuracy: Option<f64>,
    /// What its clips were most often taken for, and how many of them; none where they never were.
    pub most_confused: Option<MostConfused>,
}

/// What clips of a class were most often taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MostConfused {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
    /// How many were.
    pub clips: u64,
}

impl Evaluation {
    /// The next clip; one without any class has failed.
    pub fn add(&mut self, judged: &Judged) {
        let Judged { truth, ref top, .. } = *judged;
        let Some(&(said, probability)) = top.first() else { return self.add_failed(truth) };
        self.counts.add(truth, top.iter().map(|&(class, _)| class));
        self.pairs.add(truth, said);
        self.bins.add(probability, said == truth);
        if said != truth {
            self.worst.add(judged, probability);
        }
    }

    /// The next clip, of class `truth`, of which there is no answer.
    pub fn add_failed(&mut self, truth: usize) {
        self.counts.add_failed(truth);
    }

    /// What the network is worth, so far; `labels` are the names of its classes.
    pub fn figures(&self, labels: &Labels) -> Figures {
        let total = self.counts.total();
        let with_failed = total.clips + total.failed;
        let accuracy_with_failed = match (share(total.top1, with_failed), share(total.top5, with_failed)) {
            (Some(top1), Some(top5)) if total.failed > 0 => Some(WithFailed { top1, top5 }),
            _ => None,
        };
        Figures {
            clips: total.clips,
            failed: total.failed,
            top1: Accuracy::new(total.top1, total.clips),
            top5: Accuracy::new(total.top5, total.clips),
            accuracy_with_failed,
            per_class_accuracy: self.counts.per_class(),
            calibration: self.bins.figures(),
            confusions: self.pairs.largest(MOST_CONFUSIONS, labels),
            worst: self.worst.figures(labels),
            classes: self.classes(labels),
            matrix: self.pairs.matrix(labels),
        }
    }

    fn classes(&self, labels: &Labels) -> Vec<ClassFigures> {
        let mut most = self.pairs.most_of_each(labels);
        let figures = self.counts.classes().map(|(index, counts)| ClassFigures {
            label: labels.name(index),
            index,
            clips: counts.clips,
            failed: counts.failed,
            correct: counts.top1,
            accuracy: share(counts.top1, counts.clips),
            most_confused: most.remove(&index).map(|confusion| {
                let Class { label, index } = confusion.said;
                MostConfused { label, index, clips: confusion.clips }
            }),
        });
        figures.collect()
    }
}
