//! Models that were found, hashed and loaded.

use std::path::Path;
use std::sync::Arc;

use super::form::Chosen;
use super::{Ready, SessionBuilder, SessionError};
use crate::cache::{Cache, Locked};
use crate::engine::tensorflow::{BaseModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, EngineError, StreamNetwork};
use crate::models::{LocatedModel, fingerprint};
use crate::progress::Progress;
use crate::runtime::Runtime;
use crate::saved_model::was_changed;

/// A model and the fingerprint of its content.
#[derive(Debug)]
pub(super) struct Hashed {
    pub model: LocatedModel,
    pub sha256: String,
    /// Its folder is in use from here on.
    pub held: Option<Locked>,
}

/// Hashes `model` once `check` has seen that it is what it is to be.
pub(super) fn hashed(
    model: LocatedModel,
    check: impl Fn(&Path) -> Result<(), EngineError>,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Hashed, EngineError> {
    let held = cache.use_path(&model.path);
    if !model.is_tflite() {
        check(&model.path)?;
    }
    if let Some(file) = was_changed(&model.path) {
        progress.warning(&format!(
            "{}: its {file} is not what was saved, by the checksum in its fingerprint.pb",
            model.name
        ));
    }
    let sha256 = fingerprint(&model.path).map_err(EngineError::Read)?;
    if model.sha256.as_ref().is_some_and(|recorded| *recorded != sha256) {
        let reason = "its content was changed since it was put there".into();
        return Err(EngineError::Damaged { path: model.path, reason });
    }
    Ok(Hashed { model, sha256, held })
}

/// Loads models that TensorFlow runs, as a builder says.
pub(super) struct ModelLoader<'a> {
    pub builder: &'a SessionBuilder,
    pub runtime: &'a Runtime,
}

impl ModelLoader<'_> {
    pub fn base(&self, hashed: Hashed) -> Result<Ready<dyn BaseNetwork>, SessionError> {
        let load = |path: &Path, prepared: bool| {
            let SessionBuilder { threads, prepared_threads, .. } = self.builder;
            let config = SessionConfig { threads: threads.or(prepared_threads.filter(|_| prepared)) };
            BaseModel::load(self.runtime, path, config)
        };
        Ok(self.chosen(hashed, load)?.map(|network| network as Arc<_>))
    }

    pub fn stream(&self, hashed: Hashed) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        let load = |path: &Path, prepared: bool| {
            // Without XLA a step is many small operations: handing them to other threads costs more than they take.
            let config = SessionConfig { threads: self.builder.threads.or(prepared.then_some(1)) };
            StreamModel::load(self.runtime, path, config)
        };
        Ok(self.chosen(hashed, load)?.map(|network| network as Arc<_>))
    }

    /// Loads the form that is wanted; `load` is told its folder and whether it is prepared.
    fn chosen<N>(
        &self,
        Hashed { model, sha256, held }: Hashed,
        load: impl Fn(&Path, bool) -> Result<N, EngineError>,
    ) -> Result<Ready<N>, SessionError> {
        let SessionBuilder { finder, engine, .. } = self.builder;
        let reading = model.card.output;
        let chosen = Chosen::new(model, sha256, *engine, self.runtime, &finder.cache, &*finder.progress)?;
        let held = chosen.hold(&finder.cache).or(held).map(Arc::new);
        let (network, info, loading) =
            chosen.load(*engine, &*finder.progress, |form| load(&form.path, form.proof.is_some()))?;
        Ok(Ready { network: Arc::new(network), info, loading, reading, told: Arc::default(), held })
    }
}
