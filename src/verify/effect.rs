//! What a difference means for what a model says: on how many predictions it names the same class, where it first names
//! another, how the difference goes over the clip, and which classes it touches most.

use ndarray::{Array1, Array2, ArrayView1, ArrayViewD};
use serde::Serialize;

use super::spread::Spread;
use crate::answer::{Answer, Reading};
use crate::compare::{Agreement, FrameTime};
use crate::predict::{Guess, Labels, top_k};

/// Classes that count as the most likely ones.
const TOP: usize = 5;
/// A clip is told of in so many parts.
const PARTS: usize = 8;
/// So many classes are told of.
const CLASSES: usize = 5;

/// What a difference means.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// How far the predictions agree.
    pub agreement: PredictionAgreement,
    /// The first prediction whose most likely class is another; none where there is none.
    pub parting: Option<TopParting>,
    /// The same over the clip, part by part, up to eight; nothing of a single prediction.
    pub drift: Vec<DriftPart>,
    /// The five classes whose probability differs most, the most first; none that doesn't differ.
    pub classes: Vec<ClassDifference>,
}

/// How far predictions agree with those of a reference; probabilities, but where logits are named.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PredictionAgreement {
    /// Predictions: one, or one a frame.
    pub predictions: usize,
    /// Those with the same most likely class.
    pub top1: usize,
    /// Those that have the reference's most likely class among their five most likely ones.
    pub top5: usize,
    /// Share of the five most likely classes that both have, 0 to 1; mean of the predictions.
    pub top_k_overlap: f64,
    /// Largest difference in the probability of a class.
    pub max_abs: f64,
    /// The same in a prediction; mean of the predictions.
    pub mean_max_abs: f64,
    /// Kullback-Leibler divergence from the reference, in nats; mean of the predictions.
    pub kl: f64,
    /// Jensen-Shannon divergence, in nats; mean of the predictions.
    pub js: f64,
    /// Correlation of the logits with the reference's; none where one of both is the same everywhere.
    pub correlation: Option<f64>,
    /// Largest difference of a logit, as a share of the reference's largest absolute one; none where that is 0.
    pub max_relative: Option<f64>,
}

/// A prediction whose most likely class is another one than the reference's.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopParting {
    /// The frame after which it was made, from 0; none of a base model.
    pub frame: Option<usize>,
    /// When that is shown, in seconds since the beginning of the clip; none where the clip gives no times.
    pub time: Option<f64>,
    /// The most likely class here, and how likely it is here.
    pub got: Guess,
    /// The reference's, and how likely it is there.
    pub expected: Guess,
}

/// How far predictions of a part of a clip agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DriftPart {
    /// The frames after which its first and its last prediction were made, from 0.
    pub frames: [usize; 2],
    /// When these are shown, in seconds since the beginning of the clip; none where the clip gives no times.
    pub times: Option<[f64; 2]>,
    /// Predictions.
    pub predictions: usize,
    /// Those with the same most likely class.
    pub top1: usize,
    /// Largest difference of a logit, as a share of the largest absolute one of the reference on the whole clip; none where
    /// that is 0.
    pub max_relative: Option<f64>,
    /// Standard deviation of the logits, as a share of the reference's; none where that is 0. Below 1, what is said fades.
    pub deviation_ratio: Option<f64>,
}

/// How far the probability of a class differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassDifference {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
    /// Absolute difference of its probability; mean of the predictions.
    pub mean_abs: f64,
    /// Its probability here; mean of the predictions.
    pub got: f64,
    /// Its probability in the reference; mean of the predictions.
    pub expected: f64,
}

impl Effect {
    /// Of the outputs `got` and those of a reference, `(outputs)` or `(predictions, outputs)`, both maybe with a dimension of
    /// views in front, of which there are so many `predictions`. They are read as `readings` or else by what they look like.
    /// `frames` are those after which they were made, nothing where it was one for the whole clip.
    ///
    /// `None` where something isn't a probability or a number.
    pub(super) fn of(
        [got, expected]: [ArrayViewD<f32>; 2],
        predictions: usize,
        readings: [Option<Reading>; 2],
        frames: &[FrameTime],
        labels: &Labels,
    ) -> Option<Self> {
        let is_same = got.shape() == expected.shape();
        let (got, expected) = (rows(got)?, rows(expected)?);
        if !is_same || got.is_empty() || predictions == 0 || !got.nrows().is_multiple_of(predictions) {
            return None;
        }
        let (here, there) =
            (probabilities(&got, readings[0], predictions)?, probabilities(&expected, readings[1], predictions)?);
        let tops: Vec<_> = here.iter().zip(&there).map(|(a, b)| [top_k(a.view(), TOP), top_k(b.view(), TOP)]).collect();
        let agreements: Vec<_> =
            here.iter().zip(&there).map(|(a, b)| Agreement::new(b.view(), a.view(), TOP)).collect();
        let largest = expected.iter().fold(0.0, |largest, logit| f64::from(logit.abs()).max(largest));
        let spread = |first: usize, end: usize| {
            let is_of = move |row: &usize| (first..end).contains(&(row % predictions));
            let of = |rows: &Array2<f32>| {
                let picked = (0..rows.nrows()).filter(is_of).map(|row| rows.row(row).mapv(f64::from));
                picked.flatten().collect::<Vec<_>>()
            };
            Spread::of(&of(&got), &of(&expected))
        };
        let relative = |spread: &Spread| (largest > 0.0).then(|| spread.max_abs / largest);
        let mean = |of: fn(&Agreement) -> f64| agreements.iter().map(of).sum::<f64>() / predictions as f64;
        let whole = spread(0, predictions);
        let agreement = PredictionAgreement {
            predictions,
            top1: agreements.iter().filter(|agreement| agreement.top1).count(),
            top5: tops.iter().filter(|[got, expected]| got.contains(&expected[0])).count(),
            top_k_overlap: mean(|agreement| agreement.top_k_overlap),
            max_abs: agreements.iter().map(|agreement| agreement.max_abs).fold(0.0, f64::max),
            mean_max_abs: mean(|agreement| agreement.max_abs),
            kl: mean(|agreement| agreement.kl),
            js: mean(|agreement| agreement.js),
            correlation: whole.correlation,
            max_relative: relative(&whole),
        };
        let parting = agreements.iter().position(|agreement| !agreement.top1).map(|at| {
            let shown = frames.get(at);
            let guess = |top: &[usize], probabilities: ArrayView1<f64>| {
                let index = top[0];
                Guess { label: labels.name(index), index, probability: probabilities[index] }
            };
            let [got, expected] = &tops[at];
            TopParting {
                frame: shown.map(|shown| shown.frame),
                time: shown.and_then(|shown| Some(shown.time?.as_secs_f64())),
                got: guess(got, here[at].view()),
                expected: guess(expected, there[at].view()),
            }
        });
        let parts = if frames.len() == predictions && predictions > 1 { PARTS.min(predictions) } else { 0 };
        let drift = (0..parts).map(|part| {
            let [first, end] = [part, part + 1].map(|bound| bound * predictions / parts);
            let (spread, bounds) = (spread(first, end), [&frames[first], &frames[end - 1]]);
            DriftPart {
                frames: bounds.map(|shown| shown.frame),
                times: bounds[0].time.zip(bounds[1].time).map(|(from, to)| [from.as_secs_f64(), to.as_secs_f64()]),
                predictions: end - first,
                top1: agreements[first..end].iter().filter(|agreement| agreement.top1).count(),
                max_relative: relative(&spread),
                deviation_ratio: spread.deviation_ratio,
            }
        });
        Some(Self { agreement, parting, drift: drift.collect(), classes: classes(&here, &there, labels) })
    }
}

/// The classes whose probability differs most.
fn classes(here: &[Array1<f64>], there: &[Array1<f64>], labels: &Labels) -> Vec<ClassDifference> {
    let zeros = || Array1::<f64>::zeros(here[0].len());
    let count = here.len() as f64;
    let mean = |predictions: &[Array1<f64>]| predictions.iter().fold(zeros(), |sum, of| sum + of) / count;
    let differences = here.iter().zip(there).fold(zeros(), |sum, (a, b)| sum + (a - b).mapv(f64::abs)) / count;
    let (got, expected) = (mean(here), mean(there));
    let most = top_k(differences.view(), CLASSES).into_iter().filter(|&index| differences[index] > 0.0);
    most.map(|index| ClassDifference {
        label: labels.name(index),
        index,
        mean_abs: differences[index],
        got: got[index],
        expected: expected[index],
    })
    .collect()
}

/// Outputs as `(predictions, outputs)`, of views one after the other.
fn rows(outputs: ArrayViewD<f32>) -> Option<Array2<f32>> {
    let each = outputs.shape().last().copied().filter(|each| *each > 0)?;
    outputs.to_shape((outputs.len() / each, each)).ok().map(|rows| rows.to_owned())
}

/// The probabilities of so many `predictions` in `rows`, of views their mean.
fn probabilities(rows: &Array2<f32>, reading: Option<Reading>, predictions: usize) -> Option<Vec<Array1<f64>>> {
    let read = Answer::read(rows.view(), reading).ok()?.averaged(predictions).probabilities;
    let is_probability = |value: &f64| (0.0..=1.0).contains(value);
    read.iter().flatten().all(is_probability).then_some(read)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ndarray::{Axis, array};

    use super::*;

    fn frames(count: usize) -> Vec<FrameTime> {
        let of = |frame| FrameTime { frame, time: Some(Duration::from_millis(100 * frame as u64)) };
        (0..count).map(of).collect()
    }

    fn effect(got: &Array2<f32>, expected: &Array2<f32>) -> Option<Effect> {
        let arrays = [got.view().into_dyn(), expected.view().into_dyn()];
        Effect::of(arrays, got.nrows(), [None; 2], &frames(got.nrows()), &Labels::parse("a\nb\nc"))
    }

    fn reference(count: usize) -> Array2<f32> {
        Array2::from_shape_fn((count, 3), |(frame, class)| match class {
            0 => 4.0,
            1 => 1.0 + (frame % 3) as f32,
            _ => -4.0,
        })
    }

    #[test]
    fn a_model_agrees_with_itself() {
        let logits = reference(20);
        let Effect { agreement, parting, drift, classes } = effect(&logits, &logits).unwrap();
        assert_eq!((agreement.predictions, agreement.top1, agreement.top5), (20, 20, 20));
        assert_eq!((agreement.max_abs, agreement.kl, agreement.max_relative), (0.0, 0.0, Some(0.0)));
        assert!((agreement.correlation.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!((parting, drift.len(), classes.len()), (None, 8, 0));
        assert!(drift.iter().all(|part| part.top1 == part.predictions && part.deviation_ratio == Some(1.0)));
        assert_eq!(drift.iter().map(|part| part.predictions).sum::<usize>(), 20);
        assert_eq!((drift[0].frames, drift[7].frames, drift[7].times), ([0, 1], [17, 19], Some([1.7, 1.9])));
    }

    #[test]
    fn logits_that_shrink_are_seen_although_the_class_stays() {
        let expected = reference(80);
        let mut got = expected.clone();
        for (frame, mut logits) in got.axis_iter_mut(Axis(0)).enumerate() {
            logits /= 1.0 + frame.saturating_sub(10) as f32 / 10.0;
        }
        let Effect { agreement, parting, drift, .. } = effect(&got, &expected).unwrap();
        assert_eq!((agreement.top1, parting), (80, None));
        let ratios: Vec<_> = drift.iter().map(|part| part.deviation_ratio.unwrap()).collect();
        assert_eq!(ratios[0], 1.0);
        assert!(ratios.windows(2).all(|two| two[1] < two[0]) && ratios[7] < 0.2, "{ratios:?}");
        assert!(drift[7].max_relative.unwrap() > 0.8 && drift[0].max_relative == Some(0.0), "{drift:?}");
    }

    #[test]
    fn the_first_other_class_is_told_with_both_probabilities() {
        let expected = reference(6);
        let mut got = expected.clone();
        got.row_mut(4).assign(&array![1.0, 5.0, -4.0]);
        let Effect { agreement, parting, classes, drift } = effect(&got, &expected).unwrap();
        assert_eq!((agreement.top1, agreement.top5, drift.len()), (5, 6, 6));
        let parting = parting.unwrap();
        assert_eq!((parting.frame, parting.time), (Some(4), Some(0.4)));
        assert_eq!((&*parting.got.label, &*parting.expected.label), ("b", "a"));
        assert!(parting.got.probability > 0.9 && parting.expected.probability > 0.8, "{parting:?}");
        assert_eq!(classes.iter().map(|class| &*class.label).collect::<Vec<_>>(), ["b", "a", "c"]);
        assert!(classes[0].got > classes[0].expected && classes[1].got < classes[1].expected, "{classes:?}");
    }

    #[test]
    fn of_equally_likely_classes_the_lower_index_is_named_by_both() {
        let (tied, first) = (array![[2.0f32, 2.0, 0.0]], array![[2.5f32, 2.0, 0.0]]);
        assert_eq!(effect(&tied, &first).unwrap().agreement.top1, 1);
        assert_eq!(effect(&first, &tied).unwrap().parting, None);
        let second = array![[2.0f32, 2.5, 0.0]];
        assert_eq!(effect(&tied, &second).unwrap().parting.unwrap().got.label, "a");
    }

    #[test]
    fn one_prediction_of_a_clip_has_no_frame_and_no_drift() {
        let (got, expected) = (array![1.0f32, 3.0, 2.0], array![3.0f32, 1.0, 2.0]);
        let arrays = || [got.view().into_dyn(), expected.view().into_dyn()];
        let effect = Effect::of(arrays(), 1, [None; 2], &[], &Labels::numbered()).unwrap();
        assert_eq!((effect.drift.len(), effect.parting.unwrap().frame), (0, None));
        assert_eq!(effect.agreement.top5, 1);
    }

    #[test]
    fn views_are_averaged_as_a_session_does() {
        let got = array![[[0.0f32, 9.0], [9.0, 0.0]], [[0.0, 9.0], [9.0, 0.0]]];
        let expected = array![[[0.0f32, 9.0], [9.0, 0.0]], [[0.0, 9.0], [0.0, 20.0]]];
        let arrays = [got.view().into_dyn(), expected.view().into_dyn()];
        let effect = Effect::of(arrays, 2, [None; 2], &frames(2), &Labels::numbered()).unwrap();
        assert_eq!((effect.agreement.predictions, effect.agreement.top1), (2, 1));
        assert!((effect.agreement.max_abs - 0.5).abs() < 1e-3, "{effect:?}");
    }

    #[test]
    fn what_is_no_number_or_no_probability_means_nothing() {
        let expected = reference(3);
        let mut got = expected.clone();
        got[[1, 1]] = f32::NAN;
        assert_eq!(effect(&got, &expected), None);
        assert_eq!(effect(&expected, &got), None);
        let arrays = [expected.view().into_dyn(), expected.view().into_dyn()];
        let readings = [Some(Reading::Probabilities); 2];
        assert_eq!(Effect::of(arrays, 3, readings, &[], &Labels::numbered()), None);
    }

    #[test]
    fn logits_that_never_change_correlate_with_nothing() {
        let effect = effect(&array![[1.0f32, 1.0]], &array![[0.0f32, 0.0]]).unwrap();
        assert_eq!((effect.agreement.correlation, effect.agreement.max_relative), (None, None));
    }
}
