//! The rate at which a clip is shown to a model.

use std::fmt;
use std::time::Duration;

use super::MediaError;

/// At which rate a clip is shown to the model. It cannot hold a rate that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FrameRate {
    /// Every frame of the source once.
    Native,
    /// So many frames a second; made by [`FrameRate::per_second`].
    PerSecond(PerSecond),
}

impl FrameRate {
    /// `fps` frames a second.
    ///
    /// # Errors
    /// [`MediaError::Rate`] where `fps` is not a finite number above 0, or a frame would last less than half a
    /// nanosecond or longer than a [`Duration`] can.
    pub fn per_second(fps: f64) -> Result<Self, MediaError> {
        match Duration::try_from_secs_f64(1.0 / fps) {
            Ok(step) if fps.is_finite() && !step.is_zero() => Ok(Self::PerSecond(PerSecond { fps, step })),
            _ => Err(MediaError::Rate { fps }),
        }
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native => formatter.pad("native"),
            Self::PerSecond(rate) => write!(formatter, "{} fps", rate.fps),
        }
    }
}

/// A number of frames a second that is known to make sense.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerSecond {
    fps: f64,
    step: Duration,
}

impl PerSecond {
    /// Frames a second; finite and above 0.
    pub fn get(self) -> f64 {
        self.fps
    }

    /// How many frames are shown in `total`: rounded, and at least one.
    pub fn count(self, total: Duration) -> usize {
        // A float too large for usize becomes the largest one: a number to count to, never one to make room for.
        ((total.as_secs_f64() * self.fps).round() as usize).max(1)
    }

    /// How long a frame lasts; never zero.
    pub fn step(self) -> Duration {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rates_that_make_sense_can_be_held() {
        for bad in [0.0, -0.0, -5.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300, 1e-20, 2.1e9, f64::MAX] {
            assert!(matches!(FrameRate::per_second(bad), Err(MediaError::Rate { .. })), "{bad}");
        }
        for good in [1e-18, 0.5, 5.0, 29.97, 1e9] {
            let FrameRate::PerSecond(rate) = FrameRate::per_second(good).unwrap() else { panic!("{good}") };
            assert_eq!(rate.get(), good);
            assert!(!rate.step().is_zero());
        }
    }

    #[test]
    fn rates_are_named() {
        assert_eq!(FrameRate::Native.to_string(), "native");
        assert_eq!(FrameRate::per_second(12.5).unwrap().to_string(), "12.5 fps");
    }
}
