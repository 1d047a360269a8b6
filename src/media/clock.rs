//! When the frames of an evenly timed source are shown.

use std::time::Duration;

use super::{Moment, PerSecond};

/// The beginnings of frames at a rate, or of frames that nothing times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(pub Option<PerSecond>);

impl Clock {
    /// When frame `index` begins: zero where nothing times it.
    pub fn begin(self, index: usize) -> Duration {
        let seconds = self.0.map_or(0.0, |rate| index as f64 / rate.get());
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// How long frame `index` lasts: until the next one begins, so that rounding adds up to nothing.
    pub fn duration(self, index: usize) -> Duration {
        self.begin(index.saturating_add(1)).saturating_sub(self.begin(index))
    }

    /// When each of `frames` frames is shown.
    pub fn moments(self, frames: usize) -> Vec<Moment> {
        (0..frames).map(|index| Moment { time: self.begin(index), duration: self.duration(index) }).collect()
    }

    /// How long `frames` frames last together, where that is anything.
    pub fn total(self, frames: usize) -> Option<Duration> {
        Some(self.begin(frames)).filter(|total| !total.is_zero())
    }
}
