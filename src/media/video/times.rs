//! When each frame that came is shown.
//!
//! The reference drops a frame that falls on another one in its unit of time, so there may be more exact times than frames:
//! to each frame that came belongs the exact time next to its own. Times count from the first frame on: whether ffmpeg counts
//! from there or from the file's other streams on depends on the container and on its version.

use std::collections::VecDeque;
use std::time::Duration;

use super::listener::Event;
use crate::media::Moment;

/// Exact times, paired with frames in their order.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// In seconds; what frames are counted in.
    unit: f64,
    /// Of frames whose exact time is not looked up yet, in units.
    counted: VecDeque<i64>,
    /// Exact times and durations that no frame has yet.
    exact: VecDeque<Exact>,
    /// When the first frame is shown.
    origin: Option<i64>,
    /// Of the next frame to be asked for.
    next: Option<Moment>,
    /// How long the frame before lasted.
    gap: Duration,
    /// No more is coming.
    ended: bool,
}

/// When a frame is shown and for how long, in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Exact {
    pts: i64,
    duration: i64,
}

impl Times {
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Unit { seconds } => self.unit = seconds,
            Event::Counted { pts } => self.counted.push_back(pts),
            Event::Timed { pts, duration } => self.exact.push_back(Exact { pts, duration }),
        }
    }

    /// Whether it was told that no more events come.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// No more events come.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next frame's time, and its duration until the frame after it; `None` as long as that is not known, and where
    /// there is no further frame.
    pub fn next(&mut self) -> Option<Moment> {
        if self.next.is_none() {
            self.next = self.paired();
        }
        let next = self.next?;
        let after = self.paired();
        if after.is_none() && !self.ended {
            return None;
        }
        self.next = after;
        let own = if next.duration.is_zero() { self.gap } else { next.duration };
        self.gap = after.map_or(own, |after| after.time.saturating_sub(next.time));
        Some(Moment { duration: self.gap, ..next })
    }

    /// The time of the next frame that was counted.
    fn paired(&mut self) -> Option<Moment> {
        let Exact { pts, duration } = self.exact_of_next()?;
        let origin = *self.origin.get_or_insert(pts);
        let nanoseconds = |number: i64| Duration::from_nanos(number.try_into().unwrap_or_default());
        Some(Moment { time: nanoseconds(pts.saturating_sub(origin)), duration: nanoseconds(duration) })
    }

    fn exact_of_next(&mut self) -> Option<Exact> {
        let counted = *self.counted.front()? as f64 * self.unit * 1e9;
        let away = |exact: &Exact| (exact.pts as f64 - counted).abs();
        loop {
            match (self.exact.front(), self.exact.get(1)) {
                (Some(this), Some(other)) if away(other) < away(this) => drop(self.exact.pop_front()),
                (Some(_), Some(_)) => break,
                (Some(_), None) if self.ended => break,
                _ if self.ended => {
                    // Counted, but never timed: by its count alone.
                    self.counted.pop_front();
                    return Some(Exact { pts: counted as i64, duration: 0 });
                }
                _ => return None,
            }
        }
        self.counted.pop_front();
        self.exact.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn times(unit: f64, counted: &[i64], exact: &[i64]) -> Vec<(u128, u128)> {
        let mut times = Times::default();
        times.take(Event::Unit { seconds: unit });
        exact.iter().for_each(|&ms| times.take(Event::Timed { pts: ms * MS, duration: 40 * MS }));
        counted.iter().for_each(|&pts| times.take(Event::Counted { pts }));
        times.end();
        std::iter::from_fn(|| times.next()).map(|m| (m.time.as_millis(), m.duration.as_millis())).collect()
    }

    #[test]
    fn a_frame_lasts_until_the_next_one_and_the_last_as_long_as_it_says() {
        assert_eq!(times(0.1, &[0, 1, 2], &[0, 105, 204]), [(0, 105), (105, 99), (204, 40)]);
        assert_eq!(times(0.1, &[], &[]), []);
    }

    #[test]
    fn what_was_dropped_has_no_frame() {
        // Of the frames at 0, 40 and 100 ms the second falls on the first.
        assert_eq!(times(0.1, &[0, 1, 3], &[0, 40, 100, 310]), [(0, 100), (100, 210), (310, 40)]);
    }

    #[test]
    fn a_time_is_known_once_the_next_one_is() {
        let mut times = Times::default();
        times.take(Event::Unit { seconds: 0.1 });
        for (counted, exact) in [(0, 0), (1, 100)] {
            assert_eq!(times.next(), None);
            times.take(Event::Counted { pts: counted });
            times.take(Event::Timed { pts: exact * MS, duration: 100 * MS });
        }
        times.take(Event::Counted { pts: 2 });
        times.take(Event::Timed { pts: 200 * MS, duration: 100 * MS });
        assert_eq!(times.next().map(|moment| moment.time), Some(Duration::ZERO));
        times.end();
        assert_eq!(std::iter::from_fn(|| times.next()).count(), 2);
    }

    #[test]
    fn times_count_from_the_first_frame_on() {
        assert_eq!(times(0.1, &[4, 5], &[400, 510]), [(0, 110), (110, 40)]);
        assert_eq!(times(0.1, &[-1, 0], &[-100, 0]), [(0, 100), (100, 40)]);
        assert_eq!(times(0.1, &[i64::MIN, 0, i64::MAX], &[i64::MIN / MS, 0, i64::MAX / MS]).len(), 3);
    }

    #[test]
    fn either_way_of_telling_times_may_be_ahead() {
        for exact_first in [false, true] {
            let mut times = Times::default();
            let counted = (0..3).map(|pts| Event::Counted { pts });
            let exact = (0..3).map(|pts| Event::Timed { pts: pts * 100 * MS, duration: 100 * MS });
            let unit = [Event::Unit { seconds: 0.1 }].into_iter();
            let events: Vec<_> = if exact_first {
                exact.chain(unit).chain(counted).collect()
            } else {
                unit.chain(counted).chain(exact).collect()
            };
            events.into_iter().for_each(|event| times.take(event));
            times.end();
            let told: Vec<_> = std::iter::from_fn(|| times.next()).map(|moment| moment.time.as_millis()).collect();
            assert_eq!(told, [0, 100, 200]);
        }
    }

    #[test]
    fn a_frame_that_was_never_timed_has_the_time_of_its_count() {
        assert_eq!(times(0.1, &[0, 1, 2], &[0, 105]), [(0, 105), (105, 95), (200, 95)]);
    }
}
