//! How clips are shown to the models: by what was asked for, and by what the models themselves tell.

use std::time::Duration;

use super::{Session, SessionError};
use crate::catalog::{Evaluation, Family};
use crate::media::{FrameSource, Rule, Sampled, Sampling, SamplingOptions};

/// What the models' cards tell of how clips are shown to them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub fps: Option<f64>,
    pub sampling: Option<Sampling>,
    /// The rule where neither they nor anyone else names one.
    pub default: Sampling,
}

impl Told {
    /// The rule of `options` for models that tell this, one of which is built like a member of the `family`, of frames of
    /// `size`. Where no rule is named, it is the one that the models' cards name.
    pub(super) fn rule(
        self,
        options: &SamplingOptions,
        family: Option<&Family>,
        size: usize,
    ) -> Result<Rule, SessionError> {
        let fps = self.fps.or(family.map(|family| family.fps));
        // A rule that nobody asked for and that cannot be followed is none.
        let has_rate = fps.is_some() || options.rate.is_some();
        let default = if self.default == Sampling::Model && !has_rate { Sampling::default() } else { self.default };
        let options = SamplingOptions { sampling: options.sampling.or(self.sampling).or(Some(default)), ..*options };
        Ok(Rule::new(&options, fps, Evaluation::of_size(size))?)
    }
}

impl Session {
    /// What was asked for.
    pub fn sampling_options(&self) -> &SamplingOptions {
        &self.sampling
    }

    /// The same models, which look at clips from `from` to `to`, each since the clip's first frame.
    pub fn part(&self, from: Option<Duration>, to: Option<Duration>) -> Self {
        Self { sampling: SamplingOptions { from, to, ..self.sampling }, ..self.clone() }
    }

    /// The rule by which clips are shown to the models.
    ///
    /// # Errors
    /// [`SessionError::Media`] where it cannot be followed:
    /// [`MediaError::NoRate`](crate::media::MediaError::NoRate) when it needs a rate that nobody tells,
    /// [`MediaError::Wish`](crate::media::MediaError::Wish) when something is asked for that it has no use for.
    pub fn rule(&self) -> Result<Rule, SessionError> {
        let family = self.stream.as_ref().and_then(|stream| stream.network.family());
        self.told.rule(&self.sampling, family, self.size()?)
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
