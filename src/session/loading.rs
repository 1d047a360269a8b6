//! From a builder to a session: models are found, libraries are loaded, as far as they are needed, while the models are
//! hashed, and both of a pair are loaded side by side.

use std::sync::Arc;
use std::thread;

use super::builder::{Networks, SessionBuilder, Wanted};
use super::finding::Models;
use super::form_loader::{self, Loaded};
use super::found::{Found, FoundModels};
use super::libraries::tensorflow;
use super::model_loader::ModelLoader;
use super::sampling::Told;
use super::{EngineChoice, Ready, Session, SessionError, other_engines};
use crate::cache::Origin;
use crate::catalog::{EngineLibrary, Variation};
use crate::compare::ModelInfo;
#[cfg(feature = "demo")]
use crate::engine::EngineError;
use crate::engine::{Engine, Form, fake};
#[cfg(feature = "demo")]
use crate::models::ModelError;
use crate::models::{LabelSource, LocatedModel};
use crate::predict::Labels;

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
    other_engines::check_engine(&models, builder.engine)?;
    // Where other libraries may run the models, it is only known once these are hashed whether TensorFlow is needed.
    let may_need_none =
        |model: &LocatedModel, library| model.is_tflite() || other_engines::takes_form(builder.engine, library);
    let is_needed = models.base.iter().any(|base| !may_need_none(base, EngineLibrary::OpenVino))
        || models.stream.iter().any(|stream| !may_need_none(stream, EngineLibrary::LiteRt));
    // TensorFlow is loaded while the models' content is hashed, and while what others run is loaded.
    let (early, base, stream) = thread::scope(|scope| {
        let base = models.base.map(|model| scope.spawn(|| form_loader::base(model, builder, size)));
        let stream = models.stream.map(|model| scope.spawn(|| form_loader::stream(model, builder, size)));
        let early = is_needed.then(|| tensorflow(builder)).transpose();
        (early, base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let (base, stream) = (base?, stream?);
    let is_left = matches!(base, Some(Loaded::Left(_))) || matches!(stream, Some(Loaded::Left(_)));
    let tensorflow = match early? {
        None if is_left => Some(tensorflow(builder)?),
        early => early,
    };
    let (runtime, tensorflow_held) = tensorflow.unzip();
    let loader = || match &runtime {
        Some(runtime) => Ok(ModelLoader { builder, runtime }),
        None => Err(SessionError::NoLoader),
    };
    let load_base = |base| match base {
        Loaded::Elsewhere(base, library) => Ok((base, library)),
        Loaded::Left(hashed) => Ok((loader()?.base(hashed)?, None)),
    };
    let load_stream = |stream| match stream {
        Loaded::Elsewhere(stream, library) => Ok((stream, library)),
        Loaded::Left(hashed) => Ok((loader()?.stream(hashed)?, None)),
    };
    let (base, stream): (Result<_, SessionError>, Result<_, SessionError>) = match (base, stream) {
        (Some(base), Some(stream)) => thread::scope(|scope| {
            let base = scope.spawn(|| load_base(base));
            let stream = load_stream(stream);
            (joined(base).map(Some), stream.map(Some))
        }),
        // One alone is loaded in this thread, whose freed memory it can use.
        (base, stream) => (base.map(load_base).transpose(), stream.map(load_stream).transpose()),
    };
    let ((base, base_held), (stream, stream_held)) = (base?.unzip(), stream?.unzip());
    Ok(Session {
        base,
        stream,
        labels,
        size,
        sampling: builder.sampling,
        told,
        top_k: builder.top_k,
        tensorflow: runtime.as_ref().map(|runtime| runtime.version().to_owned()),
        progress: Arc::clone(&builder.finder.progress),
        _held: [tensorflow_held, base_held, stream_held].map(|held| held.flatten().map(Arc::new)),
    })
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
