//! What models gave for a clip, unread: to be written down, or held against what others gave for the same clip.

use std::time::Duration;

use ndarray::ArrayViewD;

use crate::answer::Reading;
use crate::media::{Moment, Sampling};

/// What the models of a session gave for a clip.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    /// Video `(frames, height, width, 3)`, base `(classes)` and stream `(predictions, classes)`, as far as they are there; of
    /// several views, all with a dimension of views in front.
    pub arrays: [Option<ArrayViewD<'a, f32>>; 3],
    /// How the output of base and stream is read, where that is known without looking at it.
    pub readings: [Option<Reading>; 2],
    /// After which frame each of the stream's predictions was made; of several views, those of the first.
    pub frames: &'a [FrameTime],
    /// The rule by which the models were shown the clip.
    pub sampling: Sampling,
}

/// A frame, and when it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameTime {
    /// Which, from 0.
    pub frame: usize,
    /// Since the beginning of the clip; none where the clip gives no times.
    pub time: Option<Duration>,
}

impl FrameTime {
    /// The frames after which a stream model predicts that takes so many `at_once`, of a clip whose frames are shown at these
    /// `moments`.
    pub(crate) fn of_predictions(moments: &[Moment], at_once: usize) -> Vec<Self> {
        let has_times = moments.iter().any(|moment| !moment.end().is_zero());
        let last_of_each = moments.iter().enumerate().skip(at_once.max(1) - 1).step_by(at_once.max(1));
        last_of_each.map(|(frame, moment)| Self { frame, time: has_times.then_some(moment.time) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_is_that_of_the_last_frame_it_took() {
        let moment =
            |frame: u64| Moment { time: Duration::from_millis(100 * frame), duration: Duration::from_millis(100) };
        let moments: Vec<_> = (0..7).map(moment).collect();
        let of = |frame: usize| FrameTime { frame, time: Some(moments[frame].time) };
        assert_eq!(FrameTime::of_predictions(&moments, 3), [of(2), of(5)]);
        assert_eq!(FrameTime::of_predictions(&moments, 1).len(), 7);
        let timeless = FrameTime::of_predictions(&[Moment::default(); 2], 1);
        assert_eq!(timeless.iter().map(|of| of.time).collect::<Vec<_>>(), [None, None]);
    }
}
