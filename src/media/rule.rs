//! A sampling rule for a model: a rule of time, a rule of space, and a rule of number.

use std::fmt;
use std::time::Duration;

use super::{FrameRate, MediaError, Sampling, Space};
use crate::catalog::{CLIP_FPS, Evaluation};

/// Frames a second of [`Sampling::Centre`].
const CENTRE_FPS: f64 = 5.0;
/// Frames of [`Sampling::Letterbox`], and how far they are apart, as TensorFlow's tutorials have it.
const LETTERBOX: (usize, usize) = (8, 15);

/// What is asked for beside a rule's name; what is not, is as the rule's source has it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wishes {
    /// What is shown before is left out, since the first frame.
    pub from: Option<Duration>,
    /// And what is shown from there on.
    pub to: Option<Duration>,
    /// The rate at which a clip is looked at.
    pub rate: Option<FrameRate>,
    /// Views of [`Sampling::Kinetics`].
    pub views: Option<usize>,
    /// Frames of a view of [`Sampling::Kinetics`], or of [`Sampling::Letterbox`].
    pub frames: Option<usize>,
    /// How many frames they are apart.
    pub step: Option<usize>,
    /// The first frame of [`Sampling::Letterbox`].
    pub start: Option<usize>,
}

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
    /// `sampling` for a model that was trained on `fps` frames a second, where that is known, and is measured as
    /// `evaluation` says.
    ///
    /// # Errors
    /// [`MediaError::NoRate`] for [`Sampling::Model`] where neither the model nor the wishes tell a rate,
    /// [`MediaError::Wish`] for a wish that the rule has no use for, or that is nothing.
    pub fn new(
        sampling: Sampling,
        fps: Option<f64>,
        evaluation: Evaluation,
        wishes: Wishes,
    ) -> Result<Self, MediaError> {
        refuse_useless(sampling, wishes)?;
        let native = FrameRate::Native;
        let (rate, space, choice) = match sampling {
            Sampling::Tutorial => (native, Space::Squash, Choice::Every),
            Sampling::Model => {
                let known = fps.map(FrameRate::per_second).transpose()?;
                (wishes.rate.or(known).ok_or(MediaError::NoRate)?, Space::Squash, Choice::Every)
            }
            Sampling::Kinetics => {
                let frames = wishes.frames.unwrap_or(evaluation.frames);
                let stride = wishes.step.unwrap_or(evaluation.stride);
                let views = wishes.views.unwrap_or(1);
                let space = Space::ShortSide { short: evaluation.short };
                (FrameRate::per_second(CLIP_FPS)?, space, Choice::Kinetics { frames, stride, views })
            }
            Sampling::Fit => (native, Space::Fit, Choice::Every),
            Sampling::Letterbox => {
                let frames = wishes.frames.unwrap_or(LETTERBOX.0);
                let (start, step) = (wishes.start.unwrap_or_default(), wishes.step.unwrap_or(LETTERBOX.1));
                (native, Space::Letterbox, Choice::Letterbox { start, frames, step })
            }
            Sampling::Centre => (FrameRate::per_second(CENTRE_FPS)?, Space::Centre, Choice::Every),
        };
        let (from, to) = (wishes.from.unwrap_or_default(), wishes.to);
        Ok(Self { sampling, from, to, rate: wishes.rate.unwrap_or(rate), space, choice })
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

/// Refuses what would be of no effect.
fn refuse_useless(sampling: Sampling, wishes: Wishes) -> Result<(), MediaError> {
    let (kinetics, letterbox) = (sampling == Sampling::Kinetics, sampling == Sampling::Letterbox);
    let wanted = [
        ("views", wishes.views, kinetics),
        ("frames", wishes.frames, kinetics || letterbox),
        ("step", wishes.step, kinetics || letterbox),
        ("start", wishes.start, letterbox),
    ];
    for (what, wish, is_of_use) in wanted {
        let Some(wish) = wish else { continue };
        if !is_of_use {
            return Err(MediaError::Wish { sampling, what });
        }
        if wish == 0 && what != "start" {
            return Err(MediaError::Wish { sampling, what });
        }
    }
    Ok(())
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

    fn rule(sampling: Sampling, wishes: Wishes) -> Result<Rule, MediaError> {
        Rule::new(sampling, Some(12.0), Evaluation { frames: 50, stride: 5, short: 192 }, wishes)
    }

    #[test]
    fn rules_are_as_their_sources_have_them() {
        let said = |sampling| rule(sampling, Wishes::default()).unwrap().to_string();
        assert_eq!(said(Sampling::Tutorial), "tutorial: every frame, squashed");
        assert_eq!(said(Sampling::Model), "model: every frame at 12 fps, squashed");
        assert_eq!(said(Sampling::Kinetics), "kinetics: 50 frames 5 apart at 25 fps, short side 192, centre square");
        assert_eq!(said(Sampling::Fit), "fit: every frame, fitted");
        assert_eq!(said(Sampling::Letterbox), "letterbox: 8 frames 15 apart from frame 0 on, fitted on black");
        assert_eq!(said(Sampling::Centre), "centre: every frame at 5 fps, centre square");
    }

    #[test]
    fn wishes_come_first() {
        let wishes =
            Wishes { rate: FrameRate::per_second(30.0).ok(), views: Some(3), frames: Some(9), ..Wishes::default() };
        let said = rule(Sampling::Kinetics, wishes).unwrap().to_string();
        assert_eq!(said, "kinetics: 9 frames 5 apart, 3 views at 30 fps, short side 192, centre square");
    }

    #[test]
    fn wishes_without_effect_are_refused() {
        let views = Wishes { views: Some(3), ..Wishes::default() };
        let start = Wishes { start: Some(3), ..Wishes::default() };
        let nothing = Wishes { frames: Some(0), ..Wishes::default() };
        for (sampling, wishes) in [
            (Sampling::Tutorial, views),
            (Sampling::Kinetics, start),
            (Sampling::Kinetics, nothing),
            (Sampling::Letterbox, nothing),
        ] {
            assert!(matches!(rule(sampling, wishes), Err(MediaError::Wish { .. })), "{sampling} {wishes:?}");
        }
        let unknown = Rule::new(Sampling::Model, None, Evaluation::of_size(172), Wishes::default());
        assert!(matches!(unknown, Err(MediaError::NoRate)));
    }
}
