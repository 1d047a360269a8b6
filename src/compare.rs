//! Base against stream on one clip: how far the two agree, and when the stream makes up its mind.

mod observed;

use std::path::PathBuf;

use ndarray::{Array1, Array2, ArrayView1, ArrayViewD};
use serde::Serialize;

use crate::answer::{Answer, NotANumber, Reading};
use crate::cache::Origin;
use crate::catalog::Variation;
use crate::engine::Engine;
use crate::media::{Sampling, SourceInfo};
use crate::predict::{Guess, Labels, top_k};
use crate::prepare::Proof;

pub use observed::{FrameTime, Observed};

/// A finished comparison: everything that a report shows. Serialized, it is the schema `movinet-tf/compare/1`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// `movinet-tf/compare/1`.
    pub schema: &'static str,
    /// What was looked at.
    pub clip: ClipInfo,
    /// Who looked.
    pub models: Models,
    /// TensorFlow's version; none where another engine runs.
    pub tensorflow: Option<String>,
    /// What the base network says of the whole clip.
    pub base: BasePrediction,
    /// What the stream network says on the way.
    pub stream: StreamPrediction,
    /// How far the two agree.
    pub agreement: Agreements,
    /// How long each phase took, in seconds.
    pub timing: Timing,
}

/// The schema's name.
pub const SCHEMA: &str = "movinet-tf/compare/1";

/// A clip, as far as a report needs it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClipInfo {
    /// The file.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Frames that the models saw.
    pub frames: usize,
    /// Width of the file in pixels.
    pub width: usize,
    /// Height of the file in pixels.
    pub height: usize,
    /// Frames a second, where the file says it.
    pub fps: Option<f64>,
    /// Height and width in pixels of what the models saw; by sampling `fit`, the larger of both at most.
    pub size: usize,
    /// What the frames came from: `gif`, `video`, `pictures`, `array`, ...
    pub format: String,
    /// The rule by which the models were shown the clip.
    pub sampling: Sampling,
    /// The same in words, with its numbers.
    pub rule: String,
    /// Where the part that was looked at begins, in seconds since the first frame; none where it is the whole clip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// By how many degrees a video's frames were turned clockwise, as its file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<u16>,
    /// What a video is encoded by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// How a video's pixels are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_format: Option<String>,
}

impl ClipInfo {
    /// Of a source whose frames nobody has seen yet.
    pub(crate) fn of(source: &SourceInfo) -> Self {
        Self {
            path: source.path.clone(),
            frames: 0,
            width: source.width,
            height: source.height,
            fps: None,
            size: 0,
            format: source.format.to_string(),
            sampling: Sampling::Tutorial,
            rule: String::new(),
            from: None,
            to: None,
            rotation: source.rotation,
            codec: source.codec.clone(),
            pixel_format: source.pixel_format.clone(),
        }
    }
}

/// Both models of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Models {
    /// The base network.
    pub base: ModelInfo,
    /// The stream network.
    pub stream: ModelInfo,
}

/// Which model it was, and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// Its name in the catalogue, or its folder's.
    pub name: String,
    /// Its folder.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub path: PathBuf,
    /// Where it came from.
    pub source: Origin,
    /// What ran it: `reference` is the files as they are, `prepared` their faster form.
    pub engine: Engine,
    /// How its output is read; none before it gave any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Reading>,
    /// How equal the prepared form was found to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// SHA-256 of its content; none where it has no files.
    pub sha256: Option<String>,
}

/// The base network's answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BasePrediction {
    /// The most likely classes.
    pub top: Vec<Guess>,
}

/// The stream network's answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StreamPrediction {
    /// After the first frame.
    pub first: Top,
    /// After the last frame.
    #[serde(rename = "final")]
    pub last: Top,
    /// The mean of all frames' probabilities.
    pub mean: Top,
    /// The first frame, from 0, from which on the most likely class stays the final one.
    pub settled_frame: usize,
    /// The most likely class after each frame.
    pub label_by_frame: Vec<String>,
    /// The probability, after each frame, of the class that is most likely after the last.
    pub final_label_probability_by_frame: Vec<f64>,
}

/// The most likely classes at one point.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Top {
    /// Most likely first.
    pub top: Vec<Guess>,
}

/// Base against the two ways to read a stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Agreements {
    /// Against the prediction after the last frame.
    #[serde(rename = "final")]
    pub last: Agreement,
    /// Against the mean of the frames' predictions.
    pub mean: Agreement,
}

/// How far two predictions agree; everything but the first two is taken over all classes' probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Agreement {
    /// Whether the most likely class is the same.
    pub top1: bool,
    /// Share of the k most likely classes that both have, 0 to 1.
    pub top_k_overlap: f64,
    /// Cosine of the angle between them; 1 when they are proportional.
    pub cosine: f64,
    /// Kullback-Leibler divergence of the second from the first (base), in nats.
    pub kl: f64,
    /// Jensen-Shannon divergence, in nats: 0 to ln 2.
    pub js: f64,
    /// Largest difference in the probability of a class.
    pub max_abs: f64,
}

/// Seconds. Loading, and then running, happens for both models side by side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Timing {
    /// Reading and decoding the clip, and bringing it to the models' size.
    pub decode: f64,
    /// Loading the base model.
    pub load_base: f64,
    /// Loading the stream model.
    pub load_stream: f64,
    /// The base model on the clip.
    pub base: f64,
    /// The stream model's first frame, which may include compiling it.
    pub stream_first: f64,
    /// Median of its other frames.
    pub stream_median: f64,
    /// The whole streaming loop, initial states included.
    pub stream_total: f64,
    /// How much of that was inside TensorFlow's run call.
    pub stream_inside: f64,
    /// The command from start to here.
    pub total: f64,
}

/// The numbers that two models gave for a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    /// Of the base model, `(views, classes)`: of one view, but by [`Sampling::Kinetics`].
    pub base: Array2<f32>,
    /// Of the stream model after each frame, `(frames, classes)`, of views one after the other; at least one frame.
    pub stream: Array2<f32>,
}

/// What both models said, read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answers {
    /// The base model's one prediction.
    pub base: Answer,
    /// The stream model's prediction after each frame; at least one.
    pub stream: Answer,
}

/// A model, and what it gave that is no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoNumber {
    /// Which of the two.
    pub variation: Variation,
    /// What.
    pub fault: NotANumber,
}

impl Logits {
    /// Of the base model, `(classes)` of one view, `(views, classes)` of several: as references have it.
    pub fn base(&self) -> ArrayViewD<'_, f32> {
        match self.base.nrows() {
            1 => self.base.row(0).into_dyn(),
            _ => self.base.view().into_dyn(),
        }
    }

    /// Of the stream model, `(frames, classes)` of one view, `(views, frames, classes)` of several: as references have it.
    pub fn stream(&self) -> ArrayViewD<'_, f32> {
        by_view(self.stream.view().into_dyn(), self.base.nrows())
    }

    /// Reads them, as `known` of base and stream or else by what they look like.
    ///
    /// # Errors
    /// [`NoNumber`] for the first that is no number, base first.
    pub fn answers(&self, known: [Option<Reading>; 2]) -> Result<Answers, NoNumber> {
        let of = |variation| move |fault| NoNumber { variation, fault };
        let base = Answer::read(self.base.view(), known[0]).map_err(of(Variation::Base))?;
        let stream = Answer::read(self.stream.view(), known[1]).map_err(of(Variation::Stream))?;
        let predictions = self.stream.nrows() / self.base.nrows().max(1);
        Ok(Answers { base: base.averaged(1), stream: stream.averaged(predictions) })
    }
}

/// `rows` of views one after the other with a dimension of `views` in front, where there are several.
pub(crate) fn by_view(rows: ArrayViewD<'_, f32>, views: usize) -> ArrayViewD<'_, f32> {
    let mut shape = rows.shape().to_vec();
    if views > 1 {
        shape[0] /= views;
        shape.insert(0, views);
    }
    let unchanged = rows.clone();
    rows.into_shape_with_order(shape).unwrap_or(unchanged)
}

impl Answers {
    /// What both models say, in terms of `labels`, with the `k` most likely classes of each.
    pub fn predictions(&self, labels: &Labels, k: usize) -> (BasePrediction, StreamPrediction, Agreements) {
        let (base, frames) = (&self.base.probabilities[0], &self.stream.probabilities);
        let last = &frames[frames.len() - 1];
        let mean = frames.iter().fold(Array1::zeros(base.len()), |sum, frame| sum + frame) / frames.len() as f64;
        let winners: Vec<_> = frames.iter().map(|frame| top_k(frame.view(), 1)[0]).collect();
        let top = |probabilities: &Array1<f64>| Top { top: labels.top(probabilities.view(), k) };
        let stream = StreamPrediction {
            first: top(&frames[0]),
            last: top(last),
            mean: top(&mean),
            settled_frame: settled(&winners),
            label_by_frame: winners.iter().map(|&index| labels.name(index)).collect(),
            final_label_probability_by_frame: winners
                .last()
                .map_or_else(Vec::new, |&winner| frames.iter().map(|frame| frame[winner]).collect()),
        };
        let agreement = |other: &Array1<f64>| Agreement::new(base.view(), other.view(), k);
        let agreements = Agreements { last: agreement(last), mean: agreement(&mean) };
        (BasePrediction { top: top(base).top }, stream, agreements)
    }
}

/// The first position from which on `winners` is what it ends with.
fn settled(winners: &[usize]) -> usize {
    let last = winners.last();
    winners.iter().rposition(|winner| Some(winner) != last).map_or(0, |position| position + 1)
}

impl Agreement {
    /// Compares two predictions, both `(classes)` and summing to 1.
    pub fn new(left: ArrayView1<f64>, right: ArrayView1<f64>, k: usize) -> Self {
        let (left_top, right_top) = (top_k(left, k), top_k(right, k));
        let shared = left_top.iter().filter(|index| right_top.contains(index)).count();
        let norm = |values: ArrayView1<f64>| values.dot(&values).sqrt();
        let middle = (&left + &right) / 2.0;
        Self {
            top1: left_top.first() == right_top.first(),
            top_k_overlap: shared as f64 / left_top.len().max(1) as f64,
            cosine: left.dot(&right) / (norm(left) * norm(right)),
            kl: divergence(left, right),
            js: (divergence(left, middle.view()) + divergence(right, middle.view())) / 2.0,
            max_abs: left.iter().zip(right).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max),
        }
    }
}

/// Kullback-Leibler divergence of `right` from `left` in nats.
fn divergence(left: ArrayView1<f64>, right: ArrayView1<f64>) -> f64 {
    // A probability that underflowed to 0 is still above 0; the smallest float keeps the sum finite, as JSON needs.
    let term = |(&p, &q): (&f64, &f64)| if p > 0.0 { p * (p / q.max(f64::MIN_POSITIVE)).ln() } else { 0.0 };
    left.iter().zip(right.iter()).map(term).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    #[test]
    fn the_stream_settles_where_it_stops_changing() {
        assert_eq!(settled(&[3, 1, 2, 1, 1]), 3);
        assert_eq!(settled(&[1, 1]), 0);
        assert_eq!(settled(&[1]), 0);
    }

    #[test]
    fn each_frame_counts_once_in_the_mean() {
        let logits =
            Logits { base: array![[0.0, 5.0]], stream: array![[50.0, 0.0], [0.0, 50.0], [0.0, 50.0], [0.0, 50.0]] };
        let (base, stream, agreement) = logits.answers([None; 2]).unwrap().predictions(&Labels::parse("a\nb"), 1);
        assert_eq!(base.top[0].label, "b");
        assert_eq!(stream.label_by_frame, ["a", "b", "b", "b"]);
        assert_eq!(stream.settled_frame, 1);
        assert!((stream.mean.top[0].probability - 0.75).abs() < 1e-12);
        assert!(agreement.last.top1);
    }

    #[test]
    fn opposite_predictions_are_as_far_apart_as_can_be() {
        let agreement = Agreement::new(array![1.0, 0.0].view(), array![0.0, 1.0].view(), 1);
        assert!(!agreement.top1);
        assert_eq!((agreement.top_k_overlap, agreement.cosine, agreement.max_abs), (0.0, 0.0, 1.0));
        assert!((agreement.js - std::f64::consts::LN_2).abs() < 1e-12);
        assert!(agreement.kl.is_finite());
    }

    proptest! {
        #[test]
        fn a_prediction_agrees_with_itself(logits in prop::collection::vec(-30f32..30.0, 1..40)) {
            let p = crate::predict::softmax(Array1::from(logits).view());
            let agreement = Agreement::new(p.view(), p.view(), 5);
            prop_assert!(agreement.top1 && agreement.top_k_overlap == 1.0);
            prop_assert!(agreement.kl == 0.0 && agreement.js == 0.0 && agreement.max_abs == 0.0);
            prop_assert!((agreement.cosine - 1.0).abs() < 1e-12);
        }
    }
}
