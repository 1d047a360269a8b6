//! Models that were found and are not loaded yet: enough to begin reading a clip.

use super::finding::Models;
use super::{Session, SessionBuilder, SessionError, checked_size};
use crate::catalog::Family;
use crate::engine::EngineError;
use crate::media::{Ahead, Frame, FrameSource, Rule, Sampled};
use crate::models::signatures;
use crate::movinet;

/// Frames that are read ahead while models are loaded take at most so many bytes.
const AHEAD: usize = 64 << 20;

/// Models that were found, or fetched. Reading a clip can begin while they are [loaded](FoundModels::load).
#[derive(Debug)]
pub struct FoundModels {
    pub(super) builder: SessionBuilder,
    pub(super) models: Found,
}

/// What there is.
#[derive(Debug)]
pub(super) enum Found {
    /// Files.
    Files(Box<Models>),
    /// Networks, which need no loading.
    Loaded(Box<Session>),
}

impl FoundModels {
    /// As [`Session::size`], as far as the models' files tell it.
    ///
    /// # Errors
    /// Those of [`Session::size`].
    pub fn size(&self) -> Result<usize, SessionError> {
        let models = match &self.models {
            Found::Loaded(session) => return session.size(),
            Found::Files(models) => models,
        };
        let size = self.builder.size_for(models)?;
        // The stream model's comes first, as when it is loaded.
        let mut own = models
            .stream
            .iter()
            .chain(&models.base)
            .filter_map(|model| movinet::own_size(&signatures(&model.path).ok()?));
        checked_size(size.or_else(|| own.next()))
    }

    /// As [`Session::rule`].
    ///
    /// # Errors
    /// Those of [`Session::rule`].
    pub fn rule(&self) -> Result<Rule, SessionError> {
        let models = match &self.models {
            Found::Loaded(session) => return session.rule(),
            Found::Files(models) => models,
        };
        let family =
            || -> Option<&'static Family> { movinet::family(&signatures(&models.stream.as_ref()?.path).ok()?) };
        models.told(self.builder.default_sampling)?.rule(&self.builder.sampling, family(), self.size()?)
    }

    /// `source` as the models will be shown it, read in a thread from now on. `seen` is shown each frame there.
    ///
    /// # Errors
    /// Those of [`Session::rule`], and what the source says.
    pub fn ahead<S: FrameSource + 'static>(
        &self,
        source: S,
        seen: impl FnMut(Frame<'_>) + Send + 'static,
    ) -> Result<Ahead, SessionError> {
        let sampled = Sampled::new(source, &self.rule()?, self.size()?)?;
        let (height, width) = sampled.shape();
        let frames = AHEAD / (height * width * 3 * size_of::<f32>()).max(1);
        Ahead::start(sampled, frames, seen).map_err(|error| EngineError::Read(error).into())
    }
}
