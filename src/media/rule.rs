//! A sampling rule for a model: a rule of time, a rule of space, and a rule of number.

use std::fmt;
use std::time::Duration;

use super::{FrameRate, MediaError, Rate, Sampling, SamplingOptions, Space};
use crate::catalog::{CLIP_FPS, Evaluation};

/// Frames a second of [`Sampling::Centre`].
const CENTRE_FPS: f64 = 5.0;
/// Frames of [`Sampling::Letterbox`], and how far they are apart, as TensorFlow's tutorials have it.
const LETTERBOX: (usize, usize) = (8, 15);

/// A sampling rule for a model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// Its name.
    pub sampling: Sampling,
    /// Where the part of the clip begins that is looked at, since its first frame.
    pub from: Duration,
    /// Where it ends, if not with the clip.
    pub to: Option<Duration>,
    /// At which rate a clip is looked at.
    pub rate: FrameRate,
    /// How each frame is cut.
    pub space: Space,
    /// Which frames are taken.
    pub choice: Choice,
}

/// Which frames are taken, of those at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// Every one.
    Every,
    /// [`choice::kinetics`](super::choice::kinetics).
    Kinetics {
        /// Frames of a view.
        frames: usize,
        /// How far they are apart.
        stride: usize,
        /// Views of the clip.
        views: usize,
    },
    /// [`choice::letterbox`](super::choice::letterbox).
    Letterbox {
        /// The first frame.
        start: usize,
        /// How many.
        frames: usize,
        /// How far they are apart.
        step: usize,
    },
}

impl Rule {
    /// The rule for a model that was trained on `fps` frames a second, where that is known, and is measured as `evaluation`
    /// says.
    ///
    /// # Errors
    /// [`MediaError::NoRate`] where the model's rate is needed and unknown, [`MediaError::Wish`] for an option that the rule
    /// has no use for, or that is nothing.
    pub fn new(options: &SamplingOptions, fps: Option<f64>, evaluation: Evaluation) -> Result<Self, MediaError> {
        options.refuse_useless()?;
        let sampling = options.rule();
        let wished = options.rate.map(|rate| rate.of(fps)).transpose()?;
        let native = FrameRate::Native;
        let (rate, space, choice) = match sampling {
            Sampling::Tutorial => (native, Space::Squash, Choice::Every),
            Sampling::Model => (wished.map_or_else(|| Rate::Model.of(fps), Ok)?, Space::Squash, Choice::Every),
            Sampling::Kinetics => {
                let frames = options.frames.unwrap_or(evaluation.frames);
                let stride = options.step.unwrap_or(evaluation.stride);
                let views = options.views.unwrap_or(1);
                let space = Space::ShortSide { short: evaluation.short };
                (FrameRate::per_second(CLIP_FPS)?, space, Choice::Kinetics { frames, stride, views })
            }
            Sampling::Fit => (native, Space::Fit, Choice::Every),
            Sampling::Letterbox => {
                let frames = options.frames.unwrap_or(LETTERBOX.0);
                let (start, step) = (options.start.unwrap_or_default(), options.step.unwrap_or(LETTERBOX.1));
                (native, Space::Letterbox, Choice::Letterbox { start, frames, step })
            }
            Sampling::Centre => (FrameRate::per_second(CENTRE_FPS)?, Space::Centre, Choice::Every),
        };
        let (from, to) = (options.from.unwrap_or_default(), options.to);
        Ok(Self { sampling, from, to, rate: wished.unwrap_or(rate), space, choice })
    }

    /// Whether it may leave out a clip from beginning to end: because it looks at a part, or begins late.
    pub fn leaves_out(&self) -> bool {
        let begins_late = matches!(self.choice, Choice::Letterbox { start: 1.., .. });
        begins_late || !self.from.is_zero() || self.to.is_some()
    }

    /// Into how many parts what the model sees is divided, each of which it sees alone.
    pub fn views(&self) -> usize {
        match self.choice {
            Choice::Kinetics { views, .. } => views,
            Choice::Every | Choice::Letterbox { .. } => 1,
        }
    }
}

impl fmt::Display for Rule {
    /// `kinetics: 50 frames, every 5th at 25 fps, short side to 192, centre`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.sampling)?;
        match self.choice {
            Choice::Every => write!(f, "every frame")?,
            Choice::Kinetics { frames, stride, views } => {
                write!(f, "{frames} frames {stride} apart")?;
                if views > 1 {
                    write!(f, ", {views} views")?;
                }
            }
            Choice::Letterbox { start, frames, step } => {
                write!(f, "{frames} frames {step} apart from frame {start} on")?
            }
        }
        match self.rate {
            FrameRate::Native => {}
            rate => write!(f, " at {rate}")?,
        }
        match self.space {
            Space::Squash => write!(f, ", squashed")?,
            Space::ShortSide { short } => write!(f, ", short side {short}, centre square")?,
            Space::Fit => write!(f, ", fitted")?,
            Space::Letterbox => write!(f, ", fitted on black")?,
            Space::Centre => write!(f, ", centre square")?,
        }
        match (self.from.as_secs_f64(), self.to.map(|to| to.as_secs_f64())) {
            (0.0, None) => Ok(()),
            (from, None) => write!(f, ", from {from} s on"),
            (from, Some(to)) => write!(f, ", from {from} to {to} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(sampling: Sampling, options: SamplingOptions) -> Result<Rule, MediaError> {
        let options = SamplingOptions { sampling: Some(sampling), ..options };
        Rule::new(&options, Some(12.0), Evaluation { frames: 50, stride: 5, short: 192 })
    }

    #[test]
    fn rules_are_as_their_sources_have_them() {
        let said = |sampling| rule(sampling, SamplingOptions::default()).unwrap().to_string();
        assert_eq!(said(Sampling::Tutorial), "tutorial: every frame, squashed");
        assert_eq!(said(Sampling::Model), "model: every frame at 12 fps, squashed");
        assert_eq!(said(Sampling::Kinetics), "kinetics: 50 frames 5 apart at 25 fps, short side 192, centre square");
        assert_eq!(said(Sampling::Fit), "fit: every frame, fitted");
        assert_eq!(said(Sampling::Letterbox), "letterbox: 8 frames 15 apart from frame 0 on, fitted on black");
        assert_eq!(said(Sampling::Centre), "centre: every frame at 5 fps, centre square");
    }

    #[test]
    fn options_come_first() {
        let options = SamplingOptions {
            rate: FrameRate::per_second(30.0).ok().map(Rate::Fixed),
            views: Some(3),
            frames: Some(9),
            ..SamplingOptions::default()
        };
        let said = rule(Sampling::Kinetics, options).unwrap().to_string();
        assert_eq!(said, "kinetics: 9 frames 5 apart, 3 views at 30 fps, short side 192, centre square");
    }

    #[test]
    fn options_without_effect_are_refused() {
        let views = SamplingOptions { views: Some(3), ..SamplingOptions::default() };
        let start = SamplingOptions { start: Some(3), ..SamplingOptions::default() };
        let nothing = SamplingOptions { frames: Some(0), ..SamplingOptions::default() };
        for (sampling, options) in [
            (Sampling::Tutorial, views),
            (Sampling::Kinetics, start),
            (Sampling::Kinetics, nothing),
            (Sampling::Letterbox, nothing),
        ] {
            assert!(matches!(rule(sampling, options), Err(MediaError::Wish { .. })), "{sampling} {options:?}");
        }
        let unknown = Rule::new(
            &SamplingOptions { sampling: Some(Sampling::Model), ..SamplingOptions::default() },
            None,
            Evaluation::of_size(172),
        );
        assert!(matches!(unknown, Err(MediaError::NoRate)));
    }
}
