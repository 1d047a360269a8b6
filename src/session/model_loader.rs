//! Models that were found, hashed and loaded.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::form::Chosen;
use super::{Ready, SessionBuilder, SessionError};
use crate::cache::{Cache, Locked};
use crate::compare::ModelInfo;
use crate::engine::litert::LiteRtStreamModel;
use crate::engine::openvino::{Interface, OpenVinoBaseModel};
use crate::engine::tensorflow::{BaseModel, SavedModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, StreamNetwork};
use crate::models::{LocatedModel, fingerprint};
use crate::prepare::{Proof, ProvedForm};
use crate::progress::Progress;
use crate::runtime::{LiteRtLibrary, OpenVinoLibrary, Runtime};
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
    /// Where a TF Lite file, or such a form, is to run.
    pub litert: Option<&'a Arc<LiteRtLibrary>>,
    /// Where a form that was compiled for OpenVINO is to run.
    pub openvino: Option<&'a Arc<OpenVinoLibrary>>,
}

impl ModelLoader<'_> {
    /// The base model, in the `form` that was compiled for OpenVINO where there is one.
    pub fn base(&self, hashed: Hashed, form: Option<ProvedForm>) -> Result<Ready<dyn BaseNetwork>, SessionError> {
        if let (Some(library), Some(form)) = (self.openvino, form) {
            return self.compiled(hashed, form, library);
        }
        let runtime = self.runtime.ok_or(SessionError::NoLoader)?;
        let load = |path: &Path, prepared: bool| {
            let SessionBuilder { threads, prepared_threads, .. } = self.builder;
            let config = SessionConfig { threads: threads.or(prepared_threads.filter(|_| prepared)) };
            BaseModel::load(runtime, path, config)
        };
        Ok(self.chosen(hashed, runtime, load)?.map(|network| network as Arc<_>))
    }

    /// The stream model, in its TF Lite `form` where there is one.
    pub fn stream(&self, hashed: Hashed, form: Option<ProvedForm>) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        if let Some(library) = self.litert.filter(|_| hashed.model.is_tflite() || form.is_some()) {
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
        form: Option<ProvedForm>,
        library: &Arc<LiteRtLibrary>,
    ) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        let began = Instant::now();
        let (path, proof) = form.map_or((model.path.clone(), None), |form| (form.path, Some(form.record.proof)));
        let held = self.builder.finder.cache.use_path(&path).or(held).map(Arc::new);
        let network = LiteRtStreamModel::load(library, &path, self.builder.threads)?;
        let loaded = Loaded { engine: Engine::LiteRt, proof, held, took: began.elapsed() };
        Ok(ready(Arc::new(network), model, sha256, loaded))
    }

    fn compiled(
        &self,
        Hashed { model, sha256, .. }: Hashed,
        ProvedForm { path, record, .. }: ProvedForm,
        library: &Arc<OpenVinoLibrary>,
    ) -> Result<Ready<dyn BaseNetwork>, SessionError> {
        let began = Instant::now();
        let held = self.builder.finder.cache.use_path(&path).map(Arc::new);
        let interface = Interface::of(&SavedModel::signatures_in(&model.path)?);
        let interface = interface.ok_or_else(|| SessionError::NotOfOpenVino { model: model.path.clone() })?;
        let threads = self.builder.threads.or(self.builder.prepared_threads);
        let network = OpenVinoBaseModel::load(library, &path, interface, threads)?;
        let loaded = Loaded { engine: Engine::OpenVino, proof: Some(record.proof), held, took: began.elapsed() };
        Ok(ready(Arc::new(network), model, sha256, loaded))
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

/// How a model was loaded that another library than TensorFlow runs.
struct Loaded {
    engine: Engine,
    proof: Option<Proof>,
    held: Option<Arc<Locked>>,
    took: Duration,
}

fn ready<N: ?Sized>(network: Arc<N>, model: LocatedModel, sha256: String, loaded: Loaded) -> Ready<N> {
    let Loaded { engine, proof, held, took } = loaded;
    let reading = model.card.output;
    let info = ModelInfo {
        name: model.name,
        path: model.path,
        source: model.origin,
        engine,
        output: None,
        proof,
        sha256: Some(sha256),
    };
    Ready { network, info, loading: took, reading, told: Arc::default(), held }
}
