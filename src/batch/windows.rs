//! Where the windows of a clip lie.

use std::ops::Range;
use std::time::Duration;

/// Windows of one length, each begun so long after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    length: Duration,
    every: Duration,
}

impl Windows {
    /// Windows of `length`, begun `every` so often; `None` where one of both is nothing.
    pub fn new(length: Duration, every: Duration) -> Option<Self> {
        (!length.is_zero() && !every.is_zero()).then_some(Self { length, every })
    }

    /// In how many passes a clip is read, so that in none of them windows overlap.
    pub fn passes(self) -> usize {
        self.length.as_nanos().div_ceil(self.every.as_nanos()) as usize
    }

    /// The windows, numbered, of a clip that doesn't end.
    pub fn enumerate(self) -> impl Iterator<Item = (usize, Range<Duration>)> {
        (0..u32::MAX).map_while(move |count| {
            let start = self.every.checked_mul(count)?;
            Some((count as usize, start..start.checked_add(self.length)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_a_pass_dont_overlap() {
        const MS: fn(u64) -> Duration = Duration::from_millis;
        for (length, every, passes) in [(10, 10, 1), (10, 15, 1), (10, 5, 2), (10, 4, 3), (10, 9, 2)] {
            let windows = Windows::new(MS(length), MS(every)).unwrap();
            assert_eq!(windows.passes(), passes, "{length} every {every}");
            let all: Vec<_> = windows.enumerate().map(|(_, window)| window).take(20).collect();
            assert!(all.iter().zip(&all[passes..]).all(|(one, next)| one.end <= next.start), "{length} every {every}");
        }
        assert_eq!(Windows::new(MS(1), Duration::ZERO), None);
    }
}
