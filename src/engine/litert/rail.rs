//! Running sums that can grow no more.
//!
//! A pool's buffer is the sum over all frames, which is divided by their count. In a quantised network its range is that of
//! the clips by which it was calibrated: past it the sum stands still while the count goes on, and what is made of it fades.

/// So many frames in a row a sum has to stand at its rail: a single one may come back.
const FRAMES: usize = 4;
/// And so large a part of it, in percent.
const PERCENT: usize = 5;

/// A running sum that is watched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rail {
    /// The least and the greatest number that it can be.
    reach: (f32, f32),
    /// The first of the frames, up to now, after which it stood at its rail.
    since: Option<usize>,
    told: bool,
}

impl Rail {
    pub fn new(reach: (f32, f32)) -> Self {
        // Where nothing is below 0, a sum that stands there has nothing to add.
        let least = if reach.0 < 0.0 { reach.0 } else { f32::NEG_INFINITY };
        Self { reach: (least, reach.1), since: None, told: false }
    }

    /// Whether the sum has stood at its rail long enough, once: since which frame, and with which part of it in percent, by
    /// its `values` after `frame`, counted from 0.
    pub fn seen(&mut self, frame: usize, values: impl ExactSizeIterator<Item = f32>) -> Option<(usize, usize)> {
        if self.told || values.len() == 0 {
            return None;
        }
        let length = values.len();
        let at_rail = values.filter(|&value| value <= self.reach.0 || value >= self.reach.1).count();
        let percent = at_rail * 100 / length;
        if percent < PERCENT {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(frame);
        self.told = frame + 1 - since >= FRAMES;
        self.told.then_some((since, percent))
    }

    /// Begins anew, with another clip.
    pub fn reset(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a sum that grows by `step` a frame.
    fn told(step: f32, frames: usize) -> Option<(usize, (usize, usize))> {
        let mut rail = Rail::new((-1.0, 10.0));
        let sum = |frame: usize| (step * (frame + 1) as f32).min(10.0);
        (0..frames).find_map(|frame| Some((frame, rail.seen(frame, [sum(frame), 0.0].into_iter())?)))
    }

    #[test]
    fn a_sum_that_grows_no_more_is_told_once_with_where_it_began() {
        assert_eq!(told(1.0, 12), None);
        assert_eq!(told(1.0, 100), Some((12, (9, 50))));
        assert_eq!(told(0.01, 100), None);
    }

    #[test]
    fn a_few_values_or_frames_at_the_rail_are_not_told() {
        let mut rail = Rail::new((-1.0, 1.0));
        let few = |at: f32| (0..100).map(move |index| if index < 2 { at } else { 0.5 });
        for frame in 0..50 {
            assert_eq!(rail.seen(frame, few(1.0)), None);
        }
        for frame in 0..50 {
            let value = if frame % 4 == 3 { 0.0 } else { 1.0 };
            assert_eq!(rail.seen(frame, [value].into_iter()), None, "{frame}");
        }
    }
}
