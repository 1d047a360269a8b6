//! What a builder's words mean: which models, and the names of their classes.

use std::path::PathBuf;

use super::SessionError;
use super::builder::{SessionBuilder, Wanted};
use super::sampling::Told;
use crate::cache::Origin;
use crate::catalog::Variation;
use crate::media::Sampling;
use crate::models::{CardError, LabelSource, LocatedModel, ModelError, is_tflite, signatures};
use crate::movinet;
#[cfg(feature = "demo")]
use crate::predict::Labels;

/// The models of a session, at least one.
#[derive(Debug, Clone)]
pub(super) struct Models {
    pub base: Option<LocatedModel>,
    pub stream: Option<LocatedModel>,
    /// A stream model that is named and not to be loaded: it tells of the base model what that doesn't by itself.
    pub beside: Option<LocatedModel>,
}

impl Models {
    /// Height and width in pixels of the frames, where a name, a card or a model beside tells them.
    ///
    /// # Errors
    /// [`CardError::Differ`] where two cards tell differently.
    pub fn size(&self) -> Result<Option<usize>, SessionError> {
        let beside = || movinet::own_size(&signatures(&self.beside.as_ref()?.path).ok()?);
        Ok(self.agreed("size", |model| Ok(model.card.size))?.or_else(beside))
    }

    /// Whether all of them take frames of `size`, as far as their files tell that.
    ///
    /// # Errors
    /// [`SessionError::OtherSize`].
    fn check_size(&self, size: usize) -> Result<(), SessionError> {
        let fixed = |model: &LocatedModel| movinet::fixed_shape(&signatures(&model.path).ok()?).ok()?.size;
        self.base.iter().chain(&self.stream).try_for_each(|model| match fixed(model) {
            Some(takes) if takes != size => Err(SessionError::OtherSize { model: model.path.clone(), takes, size }),
            _ => Ok(()),
        })
    }

    /// What the models' cards, and a model beside, tell of how clips are shown to them.
    ///
    /// # Errors
    /// [`CardError::Differ`] where two tell differently.
    pub fn told(&self, default: Sampling) -> Result<Told, SessionError> {
        let beside = || Some(movinet::family(&signatures(&self.beside.as_ref()?.path).ok()?)?.fps);
        let fps = self.agreed("fps", |model| Ok(model.card.fps))?.or_else(beside);
        Ok(Told { fps, sampling: self.agreed("sampling", |model| Ok(model.card.sampling))?, default })
    }

    /// What `of` knows of the models, where it knows the same of all that it knows something of.
    fn agreed<T: PartialEq>(
        &self,
        what: &'static str,
        of: impl Fn(&LocatedModel) -> Result<Option<T>, SessionError>,
    ) -> Result<Option<T>, SessionError> {
        let mut agreed: Option<(T, &LocatedModel)> = None;
        for model in self.each() {
            match (of(model)?, &agreed) {
                (Some(value), Some((known, other))) if value != *known => {
                    let (left, right) = (other.path.clone(), model.path.clone());
                    return Err(ModelError::from(CardError::Differ { what, left, right }).into());
                }
                (Some(value), None) => agreed = Some((value, model)),
                _ => {}
            }
        }
        Ok(agreed.map(|(value, _)| value))
    }

    /// Whether the bundled demo is among them.
    #[cfg(feature = "demo")]
    pub fn is_demo(&self) -> bool {
        self.each().any(|model| model.origin == Origin::Bundled)
    }

    fn each(&self) -> impl Iterator<Item = &LocatedModel> {
        self.base.iter().chain(&self.stream).chain(&self.beside)
    }
}

impl SessionBuilder {
    /// Whether the model of this variation is to be loaded.
    pub(super) fn loads(&self, variation: Variation) -> bool {
        self.only.is_none_or(|only| only == variation)
    }

    /// Finds the models, or fetches them; `None` where networks are there that have no files.
    pub(super) fn find(&self) -> Result<Option<Models>, SessionError> {
        let models = match &self.wanted {
            Wanted::Nothing => return Err(SessionError::NoModel),
            Wanted::Networks(_) => return Ok(None),
            Wanted::Each { base, stream } => {
                let one = |named: &Option<_>, variation| {
                    let named = named.as_ref().filter(|_| self.loads(variation));
                    named.map(|named| self.finder.one(named, variation)).transpose()
                };
                // What is not a folder would be fetched, and tells by its name.
                let is_beside =
                    |path: &&PathBuf| self.only == Some(Variation::Base) && (path.is_dir() || is_tflite(path));
                let beside = stream.as_ref().filter(is_beside);
                Models {
                    base: one(base, Variation::Base)?,
                    stream: one(stream, Variation::Stream)?,
                    beside: beside.map(|path| self.finder.one(path, Variation::Stream)).transpose()?,
                }
            }
            Wanted::Pair(name) => {
                let Some([base, stream]) = self.finder.pair(*name)? else { return Ok(None) };
                let (stream, beside) = match self.loads(Variation::Stream) {
                    true => (Some(stream), None),
                    false => (None, Some(stream)),
                };
                Models { base: Some(base).filter(|_| self.loads(Variation::Base)), stream, beside }
            }
        };
        if models.base.is_none() && models.stream.is_none() {
            return Err(SessionError::NoModel);
        }
        Ok(Some(models))
    }

    /// Height and width in pixels of the frames that `models` are to be shown, where the builder, a name or a card tells them.
    ///
    /// # Errors
    /// [`SessionError::OtherSize`], [`SessionError::SizesDiffer`] where one of them doesn't take those, and as
    /// [`Models::size`].
    pub(super) fn size_for(&self, models: &Models) -> Result<Option<usize>, SessionError> {
        let size = self.size.map_or_else(|| models.size(), |size| Ok(Some(size)))?;
        let check = size.map_or(Ok(()), |size| models.check_size(size));
        check.map_err(|error| match error {
            // Nobody asked for that size: the other model told it.
            SessionError::OtherSize { model, takes, size } if self.size.is_none() => {
                SessionError::SizesDiffer { model, takes, size }
            }
            error => error,
        })?;
        Ok(size)
    }

    /// The names of the classes of `models`, as far as they are known before a model gives logits.
    pub(super) fn label_source(&self, models: &Models) -> Result<LabelSource, SessionError> {
        if let Some(labels) = &self.labels {
            return Ok(labels.clone());
        }
        let of_card =
            |model: &LocatedModel| Ok(model.card.labels(&model.path)?.map(|(labels, path)| (labels, Said(path))));
        if let Some((labels, Said(path))) = models.agreed("labels", of_card)? {
            return Ok(LabelSource::Given(labels, path));
        }
        #[cfg(feature = "demo")]
        if models.each().all(|model| model.origin == Origin::Bundled) {
            let labels = Labels::parse(crate::models::demo::labels());
            return Ok(LabelSource::Given(labels, "the demo's labels".into()));
        }
        let is_official = |model: &LocatedModel| !matches!(model.origin, Origin::Bundled | Origin::Folder);
        Ok(self.finder.kinetics_labels(models.each().any(is_official))?)
    }
}

/// Where something was said, which makes no difference to what was said.
struct Said(PathBuf);

impl PartialEq for Said {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
