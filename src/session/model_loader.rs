//! Models that were found, hashed and loaded.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::form::Chosen;
use super::{Ready, SessionBuilder, SessionError};
use crate::cache::{Cache, Locked};
use crate::compare::ModelInfo;
use crate::engine::litert::LiteRtStreamModel;
use crate::engine::tensorflow::{BaseModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, StreamNetwork};
use crate::models::{LocatedModel, fingerprint};
use crate::prepare::TfLiteForm;
use crate::progress::Progress;
use crate::runtime::{Library, Runtime};
use crate::saved_model::was_changed;

/// A model and the fingerprint of its content.
#[derive(Debug)]
pub(super) struct Hashed {
    pub model: LocatedModel,
    pub sha256: String,
    /// Its folder is in use from here on.
    held: Option<Locked>,
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

/// Loads models as a builder says.
pub(super) struct ModelLoader<'a> {
    pub builder: &'a SessionBuilder,
    /// Where a SavedModel is to run.
    pub runtime: Option<&'a Runtime>,
    /// Where a TF Lite file is to run.
    pub library: Option<&'a Arc<Library>>,
}

impl ModelLoader<'_> {
    pub fn base(&self, hashed: Hashed) -> Result<Ready<dyn BaseNetwork>, SessionError> {
        let runtime = self.runtime.ok_or(SessionError::NoLoader)?;
        let load = |path: &Path, prepared: bool| {
            let SessionBuilder { threads, prepared_threads, .. } = self.builder;
            let config = SessionConfig { threads: threads.or(prepared_threads.filter(|_| prepared)) };
            BaseModel::load(runtime, path, config)
        };
        Ok(self.chosen(hashed, runtime, load)?.map(|network| network as Arc<_>))
    }

    /// The stream model, in its TF Lite `form` where there is one.
    pub fn stream(&self, hashed: Hashed, form: Option<TfLiteForm>) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        if let Some(library) = self.library.filter(|_| hashed.model.is_tflite() || form.is_some()) {
            return self.tflite(hashed, form, library);
        }
        let runtime = self.runtime.ok_or(SessionError::NoLoader)?;
        let load = |path: &Path, prepared: bool| {
            // Without XLA a step is many small operations: handing them to other threads costs more than they take.
            let config = SessionConfig { threads: self.builder.threads.or(prepared.then_some(1)) };
            StreamModel::load(runtime, path, config)
        };
        Ok(self.chosen(hashed, runtime, load)?.map(|network| network as Arc<_>))
    }

    fn tflite(
        &self,
        Hashed { model, sha256, held }: Hashed,
        form: Option<TfLiteForm>,
        library: &Arc<Library>,
    ) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        let began = Instant::now();
        let (path, proof) = form.map_or((model.path.clone(), None), |form| (form.path, Some(form.record.proof)));
        let held = self.builder.finder.cache.use_path(&path).or(held).map(Arc::new);
        let network = LiteRtStreamModel::load(library, &path, self.builder.threads)?;
        let info = ModelInfo {
            name: model.name,
            path: model.path,
            source: model.origin,
            engine: Engine::LiteRt,
            output: None,
            proof,
            sha256: Some(sha256),
        };
        let (reading, loading) = (model.card.output, began.elapsed());
        Ok(Ready { network: Arc::new(network), info, loading, reading, told: Arc::default(), held })
    }

    /// Loads the form that is wanted; `load` is told its folder and whether it is prepared.
    fn chosen<N>(
        &self,
        Hashed { model, sha256, held }: Hashed,
        runtime: &Runtime,
        load: impl Fn(&Path, bool) -> Result<N, EngineError>,
    ) -> Result<Ready<N>, SessionError> {
        let SessionBuilder { finder, engine, .. } = self.builder;
        let reading = model.card.output;
        let chosen = Chosen::new(model, sha256, *engine, runtime, &finder.cache, &*finder.progress)?;
        let held = chosen.hold(&finder.cache).or(held).map(Arc::new);
        let (network, info, loading) =
            chosen.load(*engine, &*finder.progress, |form| load(&form.path, form.proof.is_some()))?;
        Ok(Ready { network: Arc::new(network), info, loading, reading, told: Arc::default(), held })
    }
}
