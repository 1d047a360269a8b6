//! What a stream model says over time, of the classes that are worth drawing.

use std::time::Duration;

use serde::Serialize;

use crate::compare::Answers;
use crate::predict::{Guess, Labels, top_k};

/// Probabilities over the frames of a clip.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Timeline {
    /// When each frame's time on screen ends, in seconds; empty where the clip gives no delays.
    pub seconds: Vec<f64>,
    /// The classes that are drawn, the last frame's most likely one first.
    pub lines: Vec<Line>,
    /// The most likely classes after each frame.
    pub top_by_frame: Vec<Vec<Guess>>,
}

/// One class over the frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes.
    pub index: usize,
    /// Its probability after each frame, in the stream model.
    pub stream: Vec<f64>,
    /// Its probability in the base model.
    pub base: f64,
}

impl Timeline {
    /// The timeline of `answers` to a clip whose frames last `delays`.
    ///
    /// Drawn are the last frame's most likely class and then the `k` that are most often among a frame's `k` most
    /// likely, at most `k + 1`: the choice of the tutorial's `get_top_k_streaming_labels`.
    pub fn new(answers: &Answers, labels: &Labels, k: usize, delays: &[Duration]) -> Self {
        let (base, frames) = (&answers.base.probabilities[0], &answers.stream.probabilities);
        let tops: Vec<_> = frames.iter().map(|frame| top_k(frame.view(), k)).collect();
        let line = |index: usize| Line {
            label: labels.name(index),
            index,
            stream: frames.iter().map(|frame| frame[index]).collect(),
            base: base[index],
        };
        let shown = delays.iter().scan(0.0, |end, delay| {
            *end += delay.as_secs_f64();
            Some(*end)
        });
        let seconds: Vec<_> = shown.collect();
        Self {
            seconds: if seconds.last().is_some_and(|&end| end > 0.0) { seconds } else { Vec::new() },
            lines: chosen(&tops, k).into_iter().map(line).collect(),
            top_by_frame: frames.iter().map(|frame| labels.top(frame.view(), k)).collect(),
        }
    }

    /// Number of frames; at least one.
    pub fn frames(&self) -> usize {
        self.top_by_frame.len()
    }
}

/// The classes to draw, given each frame's most likely ones.
fn chosen(tops: &[Vec<usize>], k: usize) -> Vec<usize> {
    // In the order in which they first come, so that equally frequent ones keep it.
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for &class in tops.iter().flatten() {
        match counts.iter_mut().find(|(known, _)| *known == class) {
            Some((_, count)) => *count += 1,
            None => counts.push((class, 1)),
        }
    }
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let mut chosen: Vec<_> = tops.last().and_then(|top| top.first()).copied().into_iter().collect();
    for (class, _) in counts.into_iter().take(k) {
        if !chosen.contains(&class) {
            chosen.push(class);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Logits;
    use ndarray::array;

    #[test]
    fn the_last_frames_class_comes_first_then_the_most_frequent() {
        let tops = [vec![4, 1], vec![1, 2], vec![2, 1], vec![7, 1]];
        assert_eq!(chosen(&tops, 2), [7, 1, 2]);
        assert_eq!(chosen(&[vec![3, 4], vec![3, 5]], 2), [3, 4]);
    }

    #[test]
    fn a_line_has_a_probability_a_frame() {
        let logits = Logits { base: array![[0.0, 9.0]], stream: array![[50.0, 0.0], [0.0, 50.0]] };
        let answers = logits.answers([None; 2]).unwrap();
        let delays = [Duration::from_millis(120), Duration::from_millis(130)];
        let timeline = Timeline::new(&answers, &Labels::parse("a\nb"), 1, &delays);
        assert_eq!(timeline.frames(), 2);
        assert_eq!(timeline.seconds, [0.12, 0.25]);
        assert_eq!(timeline.lines[0].label, "b");
        assert!(timeline.lines[0].stream[0] < 1e-9 && timeline.lines[0].stream[1] > 0.99);
        assert_eq!(timeline.top_by_frame[0][0].label, "a");
        let silent = Timeline::new(&answers, &Labels::numbered(), 1, &[Duration::ZERO; 2]);
        assert!(silent.seconds.is_empty());
    }
}
