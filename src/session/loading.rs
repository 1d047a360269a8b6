//! From a builder to a session: models are found, libraries are loaded, as far as they are needed, while the models are
//! hashed, and both of a pair are loaded side by side.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::builder::{Networks, SessionBuilder, Wanted};
use super::finding::Models;
use super::found::{Found, FoundModels};
use super::libraries::{litert, openvino, tensorflow};
use super::model_loader::{ModelLoader, hashed};
use super::sampling::Told;
use super::{EngineChoice, Ready, Session, SessionError, other_engines};
use crate::cache::Origin;
use crate::catalog::{EngineLibrary, Variation};
use crate::causes::causes;
use crate::compare::ModelInfo;
use crate::engine::EngineError;
use crate::engine::tensorflow::{BaseModel, StreamModel};
use crate::engine::{Engine, Form, fake};
#[cfg(feature = "demo")]
use crate::models::ModelError;
use crate::models::{LabelSource, LocatedModel};
use crate::predict::Labels;
use crate::prepare::ProvedForm;

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
                other_engines::check_files(&models)?;
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
    let size = builder.size_for(&models)?;
    let told = models.told(builder.default_sampling)?;
    let (cache, progress) = (&builder.finder.cache, &*builder.finder.progress);
    other_engines::check_engine(&models, builder.engine)?;
    // Where other libraries may run the models, it is only known once these are hashed whether TensorFlow is needed.
    let may_need_none =
        |model: &LocatedModel, library| model.is_tflite() || other_engines::takes_form(builder.engine, library);
    let is_needed = models.base.iter().any(|base| !may_need_none(base, EngineLibrary::OpenVino))
        || models.stream.iter().any(|stream| !may_need_none(stream, EngineLibrary::LiteRt));
    let hashed_with_form = |model, check: fn(&Path) -> Result<(), EngineError>, library| -> Result<_, SessionError> {
        let hashed = hashed(model, check, cache, progress)?;
        let form = other_engines::form(&hashed, library, builder, size)?;
        Ok((hashed, form))
    };
    // The models' content is hashed while TensorFlow is loaded.
    let (early, base, stream) = thread::scope(|scope| {
        let hash = |model: Option<LocatedModel>, check, library| {
            model.map(|model| scope.spawn(move || hashed_with_form(model, check, library)))
        };
        let base = hash(models.base, BaseModel::check, EngineLibrary::OpenVino);
        let stream = hash(models.stream, StreamModel::check, EngineLibrary::LiteRt);
        let early = is_needed.then(|| tensorflow(builder)).transpose();
        (early, base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let ((base, base_form), (stream, stream_form)) = (base?.unzip(), stream?.unzip());
    let (mut base_form, mut stream_form) = (base_form.flatten(), stream_form.flatten());
    let is_tflite = stream.as_ref().is_some_and(|hashed| hashed.model.is_tflite());
    let litert_library = match is_tflite {
        true => Some(litert(builder)?),
        false => of_form(builder, &mut stream_form, litert)?,
    };
    let openvino_library = of_form(builder, &mut base_form, openvino)?;
    let is_left = (base.is_some() && base_form.is_none()) || (stream.is_some() && !is_tflite && stream_form.is_none());
    let tensorflow = match early? {
        None if is_left => Some(tensorflow(builder)?),
        early => early,
    };
    let (runtime, tensorflow_held) = tensorflow.unzip();
    let ((litert, litert_held), (openvino, openvino_held)) = (litert_library.unzip(), openvino_library.unzip());
    let loader =
        ModelLoader { builder, runtime: runtime.as_ref(), litert: litert.as_ref(), openvino: openvino.as_ref() };
    let (base, stream) = match (base, stream) {
        (Some(base), Some(stream)) => thread::scope(|scope| {
            let base = scope.spawn(|| loader.base(base, base_form));
            let stream = loader.stream(stream, stream_form);
            (joined(base).map(Some), stream.map(Some))
        }),
        // One alone is loaded in this thread, whose freed memory it can use.
        (base, stream) => (
            base.map(|base| loader.base(base, base_form)).transpose(),
            stream.map(|stream| loader.stream(stream, stream_form)).transpose(),
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
        _held: [tensorflow_held, litert_held, openvino_held].map(|held| held.flatten().map(Arc::new)),
    })
}

/// What `library` brings to run `form`, where there is one. Without it the model runs as TensorFlow runs it, unless the
/// builder insists; the form is then let go of.
fn of_form<L>(
    builder: &SessionBuilder,
    form: &mut Option<ProvedForm>,
    library: fn(&SessionBuilder) -> Result<L, SessionError>,
) -> Result<Option<L>, SessionError> {
    match form.as_ref().map(|_| library(builder)).transpose() {
        Err(error) if builder.engine == EngineChoice::Auto => {
            builder.finder.progress.warning(&format!("a faster form is left aside: {}", causes(&error)));
            *form = None;
            Ok(None)
        }
        library => library,
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
        Engine::TensorFlow(_) | Engine::LiteRt | Engine::OpenVino | Engine::Other(_) => LabelSource::Unknown,
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
        _held: [None, None, None],
    }
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
