//! How clips are shown to the models: what was asked for, and what the models themselves tell.

use std::time::Duration;

use super::{Session, SessionError};
use crate::catalog::{Evaluation, Family};
use crate::media::{FrameRate, FrameSource, MediaError, Rule, Sampled, Sampling, Wishes};

/// How clips are to be shown to the models, as far as it is said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Showing {
    /// The rule; where none is named, the one that the models' cards name, else [`Sampling::Tutorial`].
    pub sampling: Option<Sampling>,
    /// What is shown before is left out, since the clip's first frame.
    pub from: Option<Duration>,
    /// And what is shown from there on.
    pub to: Option<Duration>,
    /// The rate, instead of the rule's.
    pub rate: Option<Rate>,
    /// Views of [`Sampling::Kinetics`]: parts of the clip that are looked at alone, and whose probabilities are averaged.
    pub views: Option<usize>,
    /// Frames of a view, or of [`Sampling::Letterbox`].
    pub frames: Option<usize>,
    /// How far they are apart.
    pub step: Option<usize>,
    /// The first frame of [`Sampling::Letterbox`].
    pub start: Option<usize>,
}

/// A rate, or where to find it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Rate {
    /// This one.
    Fixed(FrameRate),
    /// What the models were trained on.
    Model,
}

/// What the models' cards tell of how clips are shown to them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub fps: Option<f64>,
    pub sampling: Option<Sampling>,
}

impl Showing {
    /// The rule for models that tell this, one of which is built like a member of the `family`, of frames of `size`.
    pub(super) fn rule(&self, told: Told, family: Option<&Family>, size: usize) -> Result<Rule, SessionError> {
        let Self { sampling, from, to, rate, views, frames, step, start } = *self;
        let fps = told.fps.or(family.map(|family| family.fps));
        let rate = match rate {
            None => None,
            Some(Rate::Fixed(rate)) => Some(rate),
            Some(Rate::Model) => Some(FrameRate::per_second(fps.ok_or(MediaError::NoRate)?)?),
        };
        let sampling = sampling.or(told.sampling).unwrap_or_default();
        let wishes = Wishes { from, to, rate, views, frames, step, start };
        Ok(Rule::new(sampling, fps, Evaluation::of_size(size), wishes)?)
    }
}

impl Session {
    /// The rule by which clips are shown to the models.
    ///
    /// # Errors
    /// [`SessionError::Media`] where it cannot be followed: [`MediaError::NoRate`] when it needs a rate that nobody tells,
    /// [`MediaError::Wish`] when something is asked for that it has no use for.
    pub fn rule(&self) -> Result<Rule, SessionError> {
        let family = self.stream.as_ref().and_then(|stream| stream.network.family());
        self.showing.rule(self.told, family, self.size()?)
    }

    /// `error`; where a clip has no frames, by which rule there are none, if that may be the reason.
    pub(super) fn nothing_left(&self, error: SessionError) -> SessionError {
        match (error, self.rule()) {
            (SessionError::NoFrames { path }, Ok(rule)) if rule.leaves_out() => {
                SessionError::NothingLeft { path, rule: rule.to_string() }
            }
            (error, _) => error,
        }
    }

    /// `source` as the models are shown it.
    ///
    /// # Errors
    /// Those of [`Session::rule`], and what the source says.
    pub fn sampled<S: FrameSource>(&self, source: S) -> Result<Sampled<S>, SessionError> {
        Ok(Sampled::new(source, &self.rule()?, self.size()?)?)
    }
}
