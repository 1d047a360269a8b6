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
use crate::causes::causes;
use crate::compare::ModelInfo;
use crate::engine::litert::{self, LiteRtStreamModel};
use crate::engine::tensorflow::{BaseModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, Form, StreamNetwork, fake};
#[cfg(feature = "demo")]
use crate::models::ModelError;
use crate::models::{LabelSource, LocatedModel, fingerprint};
use crate::predict::Labels;
use crate::prepare::{self, TfLiteForm};
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
    check_engine(&models, builder.engine)?;
    let needs_tensorflow = |model: &Option<LocatedModel>| model.as_ref().is_some_and(|model| !model.is_tflite());
    // Where a stream model alone has a TF Lite form, TensorFlow isn't needed.
    let may_need_none = !needs_tensorflow(&models.base) && takes_tflite(builder.engine);
    let is_needed = needs_tensorflow(&models.base) || (needs_tensorflow(&models.stream) && !may_need_none);
    // The models' content is hashed while TensorFlow is loaded.
    let (early, base, stream) = thread::scope(|scope| {
        let base = models.base.map(|model| scope.spawn(|| hashed(model, BaseModel::check, cache, progress)));
        let stream = models.stream.map(|model| {
            scope.spawn(|| -> Result<_, SessionError> {
                let hashed = hashed(model, StreamModel::check, cache, progress)?;
                let form = tflite_form(&hashed, builder, size)?;
                Ok((hashed, form))
            })
        });
        let early = is_needed.then(|| tensorflow(builder)).transpose();
        (early, base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let (base, (stream, form)) = (base?, stream?.unzip());
    let mut form = form.flatten();
    let is_tflite = stream.as_ref().is_some_and(|hashed| hashed.model.is_tflite());
    let litert = match (is_tflite || form.is_some()).then(|| litert(builder)).transpose() {
        Err(error) if form.is_some() && builder.engine == EngineChoice::Auto => {
            progress.warning(&format!("the TF Lite form is left aside: {}", causes(&error)));
            form = None;
            None
        }
        litert => litert?,
    };
    let is_left = stream.is_some() && !is_tflite && form.is_none();
    let tensorflow = match early? {
        None if is_left => Some(tensorflow(builder)?),
        early => early,
    };
    let ((runtime, tensorflow_held), (library, litert_held)) = (tensorflow.unzip(), litert.unzip());
    let loader = ModelLoader { builder, runtime: runtime.as_ref(), library: library.as_ref() };
    let (base, stream) = match (base, stream) {
        (Some(base), Some(stream)) => thread::scope(|scope| {
            let base = scope.spawn(|| loader.base(base));
            let stream = loader.stream(stream, form);
            (joined(base).map(Some), stream.map(Some))
        }),
        // One alone is loaded in this thread, whose freed memory it can use.
        (base, stream) => (
            base.map(|base| loader.base(base)).transpose(),
            stream.map(|stream| loader.stream(stream, form)).transpose(),
        ),
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

/// Whether `choice` can be had of the kinds of files that `models` are.
fn check_engine(models: &Models, choice: EngineChoice) -> Result<(), SessionError> {
    let (tflite, saved): (Vec<_>, Vec<_>) =
        models.base.iter().chain(&models.stream).partition(|model| model.is_tflite());
    match (choice, tflite.first(), saved.first()) {
        (EngineChoice::LiteRt, _, Some(base)) if models.stream.is_none() => {
            Err(SessionError::NotOfLiteRt { model: base.path.clone() })
        }
        (EngineChoice::TensorFlow | EngineChoice::Prepared | EngineChoice::Reference, Some(file), None) => {
            Err(SessionError::NotOfTensorFlow { model: file.path.clone() })
        }
        _ => Ok(()),
    }
}

/// Whether `choice` is also of a SavedModel's TF Lite form.
fn takes_tflite(choice: EngineChoice) -> bool {
    matches!(choice, EngineChoice::Auto | EngineChoice::LiteRt)
}

/// The TF Lite form of a stream model for frames of `size` pixels, where it is to run.
fn tflite_form(
    Hashed { model, sha256, .. }: &Hashed,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Option<TfLiteForm>, SessionError> {
    let choice = builder.engine;
    if model.is_tflite() || !takes_tflite(choice) {
        return Ok(None);
    }
    let size = size.or_else(|| prepare::own_size(&model.path));
    let fits = |form: &TfLiteForm| size.is_none_or(|size| size == form.record.size);
    match prepare::find_tflite(&builder.finder.cache, sha256).filter(fits) {
        None if choice == EngineChoice::LiteRt => Err(SessionError::NotOfLiteRt { model: model.path.clone() }),
        form => Ok(form.filter(|form| choice == EngineChoice::LiteRt || form.record.is_fastest())),
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
    /// Where a SavedModel is to run.
    runtime: Option<&'a Runtime>,
    /// Where a TF Lite file is to run.
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

    /// The stream model, in its TF Lite `form` where there is one.
    fn stream(&self, hashed: Hashed, form: Option<TfLiteForm>) -> Result<Ready<dyn StreamNetwork>, SessionError> {
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
    if matches!(choice, EngineChoice::Auto | EngineChoice::TensorFlow) && !unprepared.is_empty() {
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
