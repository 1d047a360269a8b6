//! From a builder to a session: models are found, TensorFlow and LiteRT are loaded, as far as they are needed, while the
//! models are hashed, and both of a pair are loaded side by side.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::builder::{Networks, SessionBuilder, Wanted};
use super::finding::Models;
use super::form::Chosen;
use super::found::{Found, FoundModels};
use super::sampling::Told;
use super::{EngineChoice, Ready, Session, SessionError};
use crate::cache::{Cache, Locked, Origin};
use crate::catalog::Variation;
use crate::compare::ModelInfo;
use crate::engine::litert::{self, LiteRtStreamModel};
use crate::engine::tensorflow::{BaseModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, Form, StreamNetwork, fake};
#[cfg(feature = "demo")]
use crate::models::ModelError;
use crate::models::{LabelSource, LocatedModel, fingerprint};
use crate::predict::Labels;
use crate::progress::Progress;
#[cfg(feature = "fetch")]
use crate::runtime;
use crate::runtime::{Library, Located, LocatedLiteRt, Places, Runtime, RuntimeError, obtain_litert};
use crate::saved_model::was_changed;

impl SessionBuilder {
    /// Finds the models and loads them, both of a pair side by side.
    ///
    /// # Errors
    /// [`SessionError`] when something is not here, contradicts itself or cannot be loaded.
    pub fn build(self) -> Result<Session, SessionError> {
        self.find_models()?.load()
    }

    /// Finds the models, or fetches them. [`FoundModels::load`] is the rest of [`build`](Self::build).
    ///
    /// # Errors
    /// [`SessionError`] when something is not here or contradicts itself.
    pub fn find_models(self) -> Result<FoundModels, SessionError> {
        let models = match self.find()? {
            Some(models) => {
                check_tflite(&models)?;
                Found::Files(Box::new(models))
            }
            None => Found::Loaded(Box::new(with_networks(self.clone()))),
        };
        Ok(FoundModels { builder: self, models })
    }
}

impl FoundModels {
    /// Loads the models, both of a pair side by side.
    ///
    /// # Errors
    /// [`SessionError`] when one cannot be loaded.
    pub fn load(self) -> Result<Session, SessionError> {
        let Self { builder, models } = self;
        let session = match models {
            Found::Files(models) => builder.load(*models)?,
            Found::Loaded(session) => *session,
        };
        session.check_labels()?;
        advise(&session, builder.engine);
        detail(&session, builder.threads);
        Ok(session)
    }
}

impl SessionBuilder {
    /// Loads `models`. The demo is unpacked anew where its content was changed.
    #[cfg(feature = "demo")]
    fn load(&self, models: Models) -> Result<Session, SessionError> {
        let is_demo = models.is_demo();
        match load(self, models) {
            Err(SessionError::Engine(EngineError::Damaged { path, reason })) if is_demo => {
                let shown = path.display();
                self.finder.progress.warning(&format!("'{shown}' is unpacked anew: {reason}"));
                crate::models::demo::mend(&self.finder.cache).map_err(ModelError::from)?;
                load(self, self.find()?.ok_or(SessionError::NoModel)?)
            }
            outcome => outcome,
        }
    }

    /// Loads `models`.
    #[cfg(not(feature = "demo"))]
    fn load(&self, models: Models) -> Result<Session, SessionError> {
        load(self, models)
    }
}

fn load(builder: &SessionBuilder, models: Models) -> Result<Session, SessionError> {
    let labels = builder.label_source(&models)?;
    let size = builder.size.map_or_else(|| models.size(), |size| Ok(Some(size)))?;
    let told = models.told(builder.default_sampling)?;
    let (cache, progress) = (&builder.finder.cache, &*builder.finder.progress);
    let (has_saved_model, has_tflite) = engines(&models, builder.engine)?;
    // The models' content is hashed while the engines are loaded.
    let (tensorflow, litert, base, stream) = thread::scope(|scope| {
        let base = models.base.map(|model| scope.spawn(|| hashed(model, BaseModel::check, cache, progress)));
        let stream = models.stream.map(|model| scope.spawn(|| hashed(model, StreamModel::check, cache, progress)));
        let litert = has_tflite.then(|| scope.spawn(|| litert(builder)));
        let tensorflow = has_saved_model.then(|| tensorflow(builder)).transpose();
        (tensorflow, litert.map(joined).transpose(), base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let (base, stream) = (base?, stream?);
    let ((runtime, tensorflow_held), (library, litert_held)) = (tensorflow?.unzip(), litert?.unzip());
    let loader = ModelLoader { builder, runtime: runtime.as_ref(), library: library.as_ref() };
    let (base, stream) = match (base, stream) {
        (Some(base), Some(stream)) => thread::scope(|scope| {
            let base = scope.spawn(|| loader.base(base));
            let stream = loader.stream(stream);
            (joined(base).map(Some), stream.map(Some))
        }),
        // One alone is loaded in this thread, whose freed memory it can use.
        (base, stream) => {
            (base.map(|base| loader.base(base)).transpose(), stream.map(|s| loader.stream(s)).transpose())
        }
    };
    Ok(Session {
        base: base?,
        stream: stream?,
        labels,
        size,
        sampling: builder.sampling,
        told,
        top_k: builder.top_k,
        tensorflow: runtime.as_ref().map(|runtime| runtime.version().to_owned()),
        progress: Arc::clone(&builder.finder.progress),
        _held: [tensorflow_held, litert_held].map(|held| held.flatten().map(Arc::new)),
    })
}

/// Whether the TF Lite files among `models` are stream models that can run here.
fn check_tflite(models: &Models) -> Result<(), EngineError> {
    let is_tflite = |model: &&LocatedModel| model.is_tflite();
    models.stream.iter().filter(is_tflite).try_for_each(|model| litert::check(&model.path))?;
    models.base.iter().filter(is_tflite).try_for_each(|model| {
        litert::check(&model.path)?;
        Err(EngineError::StreamGivenAsBase { path: model.path.clone() })
    })
}

/// Whether there is a SavedModel among `models`, and whether a TF Lite file, as far as `choice` allows them.
fn engines(models: &Models, choice: EngineChoice) -> Result<(bool, bool), SessionError> {
    let (tflite, saved): (Vec<_>, Vec<_>) =
        models.base.iter().chain(&models.stream).partition(|model| model.is_tflite());
    match (choice, tflite.first(), saved.first()) {
        (EngineChoice::LiteRt, _, Some(other)) => Err(SessionError::NotOfLiteRt { model: other.path.clone() }),
        (EngineChoice::Prepared | EngineChoice::Reference, Some(file), None) => {
            Err(SessionError::NotOfTensorFlow { model: file.path.clone() })
        }
        _ => Ok((!saved.is_empty(), !tflite.is_empty())),
    }
}

/// A model and the fingerprint of its content.
#[derive(Debug)]
struct Hashed {
    model: LocatedModel,
    sha256: String,
    /// Its folder is in use from here on.
    held: Option<Locked>,
}

/// Hashes `model` once `check` has seen that it is what it is to be.
fn hashed(
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
struct ModelLoader<'a> {
    builder: &'a SessionBuilder,
    /// Where there is a SavedModel.
    runtime: Option<&'a Runtime>,
    /// Where there is a TF Lite file.
    library: Option<&'a Arc<Library>>,
}

impl ModelLoader<'_> {
    fn base(&self, hashed: Hashed) -> Result<Ready<dyn BaseNetwork>, SessionError> {
        let runtime = self.runtime.ok_or(SessionError::NoLoader)?;
        let load = |path: &Path, prepared: bool| {
            let SessionBuilder { threads, prepared_threads, .. } = self.builder;
            let config = SessionConfig { threads: threads.or(prepared_threads.filter(|_| prepared)) };
            BaseModel::load(runtime, path, config)
        };
        Ok(self.chosen(hashed, runtime, load)?.map(|network| network as Arc<_>))
    }

    fn stream(&self, hashed: Hashed) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        if let Some(library) = self.library.filter(|_| hashed.model.is_tflite()) {
            return self.tflite(hashed, library);
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
        library: &Arc<Library>,
    ) -> Result<Ready<dyn StreamNetwork>, SessionError> {
        let began = Instant::now();
        let network = LiteRtStreamModel::load(library, &model.path, self.builder.threads)?;
        let info = ModelInfo {
            name: model.name,
            path: model.path,
            source: model.origin,
            engine: Engine::LiteRt,
            output: None,
            proof: None,
            sha256: Some(sha256),
        };
        let (reading, held) = (model.card.output, held.map(Arc::new));
        Ok(Ready { network: Arc::new(network), info, loading: began.elapsed(), reading, told: Arc::default(), held })
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

/// A session of networks that are there: the builder's own, or else the fake ones.
fn with_networks(builder: SessionBuilder) -> Session {
    let Networks { engine, base, stream } = match &builder.wanted {
        Wanted::Networks(networks) => networks.clone(),
        _ => Networks {
            engine: Engine::Fake,
            base: Some(Arc::new(fake::FakeBase)),
            stream: Some(Arc::new(fake::FakeStream::default())),
        },
    };
    let info = |variation| ModelInfo {
        name: format!("{engine}-{variation}"),
        path: engine.to_string().into(),
        source: Origin::Bundled,
        engine,
        output: None,
        proof: None,
        sha256: None,
    };
    let known = match engine {
        Engine::Fake => LabelSource::Given(Labels::parse(&fake::labels()), "the fake engine's labels".into()),
        Engine::TensorFlow(_) | Engine::LiteRt | Engine::Other(_) => LabelSource::Unknown,
    };
    let (base, stream) =
        (base.filter(|_| builder.loads(Variation::Base)), stream.filter(|_| builder.loads(Variation::Stream)));
    Session {
        base: base.map(|network| Ready::of(network, info(Variation::Base))),
        stream: stream.map(|network| Ready::of(network, info(Variation::Stream))),
        labels: builder.labels.unwrap_or(known),
        size: builder.size,
        sampling: builder.sampling,
        told: Told { default: builder.default_sampling, ..Told::default() },
        top_k: builder.top_k,
        tensorflow: None,
        progress: builder.finder.progress,
        _held: [None, None],
    }
}

/// TensorFlow, installed first where it isn't here and may be fetched, and kept from removal.
fn tensorflow(builder: &SessionBuilder) -> Result<(Runtime, Option<Locked>), SessionError> {
    let loader = builder.loader.as_ref().ok_or(SessionError::NoLoader)?;
    let places = Places {
        named: builder.library.clone(),
        library_path: builder.library_path.clone(),
        cache: builder.finder.cache.clone(),
    };
    let (runtime, held) = loader.obtain(&places, || installed(builder, &places))?;
    for other in runtime.passed_over() {
        builder.finder.progress.warning(&format!("passed over: {other}"));
    }
    Ok((runtime, held))
}

/// LiteRT, installed first where it isn't here and may be fetched, and kept from removal.
fn litert(builder: &SessionBuilder) -> Result<(Arc<Library>, Option<Locked>), SessionError> {
    let places = Places {
        named: builder.litert_library.clone(),
        library_path: builder.library_path.clone(),
        cache: builder.finder.cache.clone(),
    };
    Ok(obtain_litert(&places, || installed_litert(builder, &places), &*builder.finder.progress)?)
}

#[cfg(feature = "fetch")]
fn installed_litert(builder: &SessionBuilder, places: &Places) -> Result<LocatedLiteRt, RuntimeError> {
    let downloads = builder.finder.downloads.as_ref().ok_or(RuntimeError::LiteRtNotHere)?;
    runtime::install_litert(places, downloads, &*builder.finder.progress)
}

#[cfg(not(feature = "fetch"))]
fn installed_litert(_: &SessionBuilder, _: &Places) -> Result<LocatedLiteRt, RuntimeError> {
    Err(RuntimeError::LiteRtNotHere)
}

#[cfg(feature = "fetch")]
fn installed(builder: &SessionBuilder, places: &Places) -> Result<Located, RuntimeError> {
    let downloads = builder.finder.downloads.as_ref().ok_or(RuntimeError::NotHere)?;
    runtime::installed(places, downloads, &*builder.finder.progress)
}

#[cfg(not(feature = "fetch"))]
fn installed(_: &SessionBuilder, _: &Places) -> Result<Located, RuntimeError> {
    Err(RuntimeError::NotHere)
}

/// Says what preparing would gain, where a model runs as it is although nobody asked for that.
fn advise(session: &Session, choice: EngineChoice) {
    let unprepared: Vec<_> = [session.base_info(), session.stream_info()]
        .into_iter()
        .flatten()
        .filter(|model| model.engine == Engine::TensorFlow(Form::Reference))
        // The demo would have been prepared if it could be, and networks of one's own have no files.
        .filter(|model| model.source != Origin::Bundled)
        .map(|model| model.path.display().to_string())
        .collect();
    if choice == EngineChoice::Auto && !unprepared.is_empty() {
        session.progress.note(&format!(
            "Many times faster, and proved equal, once it is prepared: movinet-tf prepare {}",
            unprepared.join(" ")
        ));
    }
}

/// Tells what was loaded.
fn detail(session: &Session, threads: Option<u16>) {
    let (base, stream) = session.loading();
    let threads = threads.map_or(String::new(), |threads| format!(", {threads} threads"));
    for (info, took) in [(session.base_info(), base), (session.stream_info(), stream)] {
        if let Some(ModelInfo { name, engine, .. }) = info {
            session.progress.detail(&format!("{name}: {engine}{threads}, loaded in {:.3} s", took.as_secs_f64()));
        }
    }
}

/// What a thread gave; its panic goes on here.
pub(super) fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
