//! From a builder to a session: models are found, libraries are loaded, as far as they are needed, while the models are
//! hashed, and both of a pair are loaded side by side.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::builder::{Networks, SessionBuilder, Wanted};
use super::finding::Models;
use super::found::{Found, FoundModels};
use super::libraries::{litert, openvino, tensorflow};
use super::model_loader::{Hashed, ModelLoader, hashed};
use super::sampling::Told;
use super::{EngineChoice, Ready, Session, SessionError, other_engines};
use crate::cache::{Locked, Origin};
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
    other_engines::check_engine(&models, builder.engine)?;
    // Where other libraries may run the models, it is only known once these are hashed whether TensorFlow is needed.
    let may_need_none =
        |model: &LocatedModel, library| model.is_tflite() || other_engines::takes_form(builder.engine, library);
    let is_needed = models.base.iter().any(|base| !may_need_none(base, EngineLibrary::OpenVino))
        || models.stream.iter().any(|stream| !may_need_none(stream, EngineLibrary::LiteRt));
    // The models' content is hashed, and the libraries of their forms are loaded, while TensorFlow is.
    let (early, base, stream) = thread::scope(|scope| {
        let base = models.base.map(|model| {
            scope.spawn(|| beside(model, BaseModel::check, EngineLibrary::OpenVino, openvino, builder, size))
        });
        let stream = models.stream.map(|model| {
            scope.spawn(|| beside(model, StreamModel::check, EngineLibrary::LiteRt, litert, builder, size))
        });
        let early = is_needed.then(|| tensorflow(builder)).transpose();
        (early, base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let (mut base, mut stream) = (base?, stream?);
    let is_left = base.as_ref().is_some_and(|base| base.library.is_none())
        || stream.as_ref().is_some_and(|stream| stream.library.is_none());
    let tensorflow = match early? {
        None if is_left => Some(tensorflow(builder)?),
        early => early,
    };
    let (runtime, tensorflow_held) = tensorflow.unzip();
    let (openvino, openvino_held) = base.as_mut().and_then(|base| base.library.take()).unzip();
    let (litert, litert_held) = stream.as_mut().and_then(|stream| stream.library.take()).unzip();
    let loader =
        ModelLoader { builder, runtime: runtime.as_ref(), litert: litert.as_ref(), openvino: openvino.as_ref() };
    let (base, stream) = match (base, stream) {
        (Some(base), Some(stream)) => thread::scope(|scope| {
            let base = scope.spawn(|| loader.base(base.hashed, base.form));
            let stream = loader.stream(stream.hashed, stream.form);
            (joined(base).map(Some), stream.map(Some))
        }),
        // One alone is loaded in this thread, whose freed memory it can use.
        (base, stream) => (
            base.map(|base| loader.base(base.hashed, base.form)).transpose(),
            stream.map(|stream| loader.stream(stream.hashed, stream.form)).transpose(),
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

/// A model, the form of it that another library than TensorFlow is to run, and that library. A TF Lite file has no form, and
/// needs the library; without the latter TensorFlow runs the model.
struct Beside<L> {
    hashed: Hashed,
    form: Option<ProvedForm>,
    library: Option<Kept<L>>,
}

/// A library, and the lock that keeps it from removal.
type Kept<L> = (Arc<L>, Option<Locked>);

/// Hashes `model` and finds the form of it that `which` is to run, which `load` then brings. Where it cannot, the model runs
/// as TensorFlow runs it, unless the builder insists.
fn beside<L>(
    model: LocatedModel,
    check: fn(&Path) -> Result<(), EngineError>,
    which: EngineLibrary,
    load: fn(&SessionBuilder) -> Result<Kept<L>, SessionError>,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Beside<L>, SessionError> {
    let progress = &*builder.finder.progress;
    let hashed = hashed(model, check, &builder.finder.cache, progress)?;
    let mut form = other_engines::form(&hashed, which, builder, size)?;
    let is_needed = hashed.model.is_tflite() || form.is_some();
    let library = match is_needed.then(|| load(builder)).transpose() {
        Err(error) if form.is_some() && builder.engine == EngineChoice::Auto => {
            progress.warning(&format!("a faster form is left aside: {}", causes(&error)));
            form = None;
            None
        }
        library => library?,
    };
    Ok(Beside { hashed, form, library })
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
