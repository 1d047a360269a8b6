//! How often a network is right.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::wilson;

/// So many guesses may be wrong but one.
const FEW: usize = 5;

/// A share of clips that were answered rightly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// The share, 0 to 1; none of no clips.
    pub accuracy: Option<f64>,
    /// Clips that were.
    pub correct: u64,
    /// Where the true share lies with 95 % confidence, if the clips are a fair sample: Wilson's score interval.
    pub interval: Option<[f64; 2]>,
}

/// Counts of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OfClass {
    /// Clips of it that were judged.
    pub clips: u64,
    pub top1: u64,
    pub top5: u64,
    /// Clips of it of which there is no answer.
    pub failed: u64,
}

/// Counts of all classes that are there.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    classes: BTreeMap<usize, OfClass>,
}

impl Accuracy {
    /// So many of `clips`.
    pub(super) fn new(correct: u64, clips: u64) -> Self {
        Self { accuracy: share(correct, clips), correct, interval: wilson(correct, clips) }
    }
}

/// `part` of `all`, if there are any.
pub(super) fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

impl Counts {
    /// A clip of class `truth`, of which `classes` were said, most likely first.
    pub fn add(&mut self, truth: usize, classes: impl Iterator<Item = usize>) {
        let rank = classes.take(FEW).position(|class| class == truth);
        let of_class = self.classes.entry(truth).or_default();
        of_class.clips += 1;
        of_class.top1 += u64::from(rank == Some(0));
        of_class.top5 += u64::from(rank.is_some());
    }

    /// A clip of class `truth`, of which there is no answer.
    pub fn add_failed(&mut self, truth: usize) {
        self.classes.entry(truth).or_default().failed += 1;
    }

    /// The classes that are there, in order.
    pub fn classes(&self) -> impl Iterator<Item = (usize, OfClass)> {
        self.classes.iter().map(|(&class, &counts)| (class, counts))
    }

    /// The counts of all classes together.
    pub fn total(&self) -> OfClass {
        self.classes.values().fold(OfClass::default(), |sum, counts| OfClass {
            clips: sum.clips + counts.clips,
            top1: sum.top1 + counts.top1,
            top5: sum.top5 + counts.top5,
            failed: sum.failed + counts.failed,
        })
    }

    /// The mean, over the classes of which clips were judged, of the share of them whose most likely class is right.
    pub fn per_class(&self) -> Option<f64> {
        let shares: Vec<_> = self.classes.values().filter_map(|counts| share(counts.top1, counts.clips)).collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // import numpy as np; from sklearn.metrics import accuracy_score, balanced_accuracy_score, top_k_accuracy_score  # 1.9.1
    // truth = [0, 0, 0, 2, 2, 4]; ranked = the rows below
    // score = np.zeros((6, 7)); [score.__setitem__((i, c), 7 - k) for i, r in enumerate(ranked) for k, c in enumerate(r)]
    // accuracy_score(truth, score.argmax(1)), balanced_accuracy_score(truth, score.argmax(1)),
    // top_k_accuracy_score(truth, score, k=5, labels=range(7))
    const CLIPS: [(usize, [usize; 7]); 6] = [
        (0, [0, 1, 2, 3, 4, 5, 6]),
        (0, [0, 2, 1, 3, 4, 5, 6]),
        (0, [1, 2, 3, 4, 0, 5, 6]),
        (2, [1, 3, 4, 5, 6, 2, 0]),
        (2, [2, 1, 0, 3, 4, 5, 6]),
        (4, [0, 4, 1, 2, 3, 5, 6]),
    ];

    #[test]
    fn accuracies_are_those_of_sklearn() {
        let mut counts = Counts::default();
        CLIPS.iter().for_each(|(truth, ranked)| counts.add(*truth, ranked.iter().copied()));
        let OfClass { clips, top1, top5, failed } = counts.total();
        assert_eq!((share(top1, clips), share(top5, clips), failed), (Some(0.5), Some(5.0 / 6.0), 0));
        assert!((counts.per_class().unwrap() - 0.38888888888888884).abs() < 1e-15);
        counts.add_failed(4);
        counts.add_failed(6);
        assert_eq!(counts.total(), OfClass { clips: 6, top1: 3, top5: 5, failed: 2 });
        assert!((counts.per_class().unwrap() - 0.38888888888888884).abs() < 1e-15, "what failed is in no share");
    }

    #[test]
    fn of_no_clips_there_is_no_share() {
        let mut counts = Counts::default();
        counts.add_failed(3);
        assert_eq!((counts.per_class(), share(0, counts.total().clips)), (None, None));
        assert_eq!(Accuracy::new(0, 0), Accuracy { accuracy: None, correct: 0, interval: None });
    }

    #[test]
    fn of_less_than_five_classes_five_hold_all() {
        let mut counts = Counts::default();
        counts.add(1, [0, 1].into_iter());
        assert_eq!(counts.total(), OfClass { clips: 1, top1: 0, top5: 1, failed: 0 });
    }
}
