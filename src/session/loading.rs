//! From a builder to a session: models are found, TensorFlow is loaded while they are hashed, and both of a pair are
//! loaded side by side.

use std::sync::Arc;
use std::thread;

use super::builder::{SessionBuilder, Wanted};
use super::form::Chosen;
use super::{EngineChoice, Ready, Session, SessionError};
use crate::cache::{Locked, Origin};
use crate::catalog::Variation;
use crate::compare::ModelInfo;
use crate::engine::tensorflow::{BaseModel, SavedModel, SessionConfig, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, StreamNetwork, fake};
use crate::models::{LabelSource, LocatedModel, PairName};
use crate::predict::Labels;
#[cfg(feature = "fetch")]
use crate::runtime;
use crate::runtime::{Located, Places, Runtime, RuntimeError};
use crate::saved_model::fingerprint;

impl SessionBuilder {
    /// Finds the models and loads them, both of a pair side by side.
    ///
    /// # Errors
    /// [`SessionError`] when something is not here, contradicts itself or cannot be loaded.
    pub fn build(self) -> Result<Session, SessionError> {
        load(self)
    }
}

fn load(builder: SessionBuilder) -> Result<Session, SessionError> {
    let is_wanted = |variation| builder.only.is_none_or(|only| only == variation);
    let (base, stream) = match builder.wanted.clone() {
        Wanted::Nothing => return Err(SessionError::NoModel),
        Wanted::Networks { engine, base, stream } => return Ok(with_networks(builder, engine, base, stream)),
        Wanted::Each { base, stream } => {
            let find = |named: Option<_>, variation| {
                named
                    .filter(|_| is_wanted(variation))
                    .map(|named: std::path::PathBuf| builder.finder.one(&named, variation))
            };
            (find(base, Variation::Base).transpose()?, find(stream, Variation::Stream).transpose()?)
        }
        Wanted::Pair(name) => match builder.finder.pair(name)? {
            Some([base, stream]) => (
                Some(base).filter(|_| is_wanted(Variation::Base)),
                Some(stream).filter(|_| is_wanted(Variation::Stream)),
            ),
            None => {
                let (base, stream): (Arc<dyn BaseNetwork>, Arc<dyn StreamNetwork>) =
                    (Arc::new(fake::FakeBase), Arc::new(fake::FakeStream::default()));
                return Ok(with_networks(builder, Engine::Fake, Some(base), Some(stream)));
            }
        },
    };
    if base.is_none() && stream.is_none() {
        return Err(SessionError::NoModel);
    }
    let labels = labels(&builder)?;
    let named_size = base.as_ref().or(stream.as_ref()).and_then(|model| model.size);
    let SessionBuilder { finder, engine, threads, .. } = &builder;
    let (cache, progress) = (&finder.cache, &*finder.progress);
    let print = |model: LocatedModel| -> Result<_, EngineError> {
        SavedModel::check(&model.path)?;
        let sha256 = fingerprint(&model.path).map_err(EngineError::Read)?;
        Ok((model, sha256))
    };
    let (tensorflow, base, stream) = thread::scope(|scope| {
        let base = base.map(|model| scope.spawn(|| print(model)));
        let stream = stream.map(|model| scope.spawn(|| print(model)));
        (tensorflow(&builder), base.map(joined).transpose(), stream.map(joined).transpose())
    });
    let (base, stream) = (base?, stream?);
    let (runtime, library) = tensorflow?;
    let choose = |(model, sha256)| -> Result<_, SessionError> {
        let chosen = Chosen::new(model, sha256, *engine, &runtime, cache, progress)?;
        let held = chosen.hold(cache);
        Ok((chosen, held))
    };
    let load_base = |printed| {
        let (chosen, held) = choose(printed)?;
        let config = SessionConfig { threads: *threads };
        let (network, info, loading) =
            chosen.load(*engine, progress, |form| BaseModel::load(&runtime, &form.path, config))?;
        let network: Arc<dyn BaseNetwork> = Arc::new(network);
        Ok::<_, SessionError>((Ready { network, info, loading }, held))
    };
    let load_stream = |printed| {
        let (chosen, held) = choose(printed)?;
        let (network, info, loading) = chosen.load(*engine, progress, |form| {
            // Without XLA a step is many small operations: handing them to other threads costs more than they take.
            let one_if_prepared = form.proof.map(|_| 1);
            let config = SessionConfig { threads: threads.or(one_if_prepared) };
            StreamModel::load(&runtime, &form.path, config)
        })?;
        let network: Arc<dyn StreamNetwork> = Arc::new(network);
        Ok::<_, SessionError>((Ready { network, info, loading }, held))
    };
    let (base, stream) = thread::scope(|scope| {
        let base = base.map(|printed| scope.spawn(|| load_base(printed)));
        let stream = stream.map(load_stream).transpose();
        (base.map(joined).transpose(), stream)
    });
    let (base, stream) = (base?, stream?);
    let (base, base_held) = base.unzip();
    let (stream, stream_held) = stream.unzip();
    let session = Session {
        base,
        stream,
        labels,
        size: builder.size.or(named_size),
        top_k: builder.top_k,
        tensorflow: Some(runtime.version().to_owned()),
        progress: Arc::clone(&finder.progress),
        _held: [base_held.flatten(), stream_held.flatten(), library].into_iter().flatten().collect(),
    };
    advise(&session, *engine);
    detail(&session, *threads);
    Ok(session)
}

/// A session of networks that are there.
fn with_networks(
    builder: SessionBuilder,
    engine: Engine,
    base: Option<Arc<dyn BaseNetwork>>,
    stream: Option<Arc<dyn StreamNetwork>>,
) -> Session {
    let is_wanted = |variation| builder.only.is_none_or(|only| only == variation);
    let info = |variation| ModelInfo {
        name: format!("{engine}-{variation}"),
        path: engine.to_string().into(),
        source: Origin::Bundled,
        engine,
        proof: None,
        sha256: None,
    };
    let loading = std::time::Duration::ZERO;
    let known = || match engine {
        Engine::Fake => LabelSource::Given(Labels::parse(&fake::labels()), "the fake engine's labels".into()),
        Engine::TensorFlow(_) => LabelSource::Unknown,
    };
    let session = Session {
        base: base.filter(|_| is_wanted(Variation::Base)).map(|network| {
            let info = info(Variation::Base);
            Ready { network, info, loading }
        }),
        stream: stream.filter(|_| is_wanted(Variation::Stream)).map(|network| {
            let info = info(Variation::Stream);
            Ready { network, info, loading }
        }),
        labels: builder.labels.unwrap_or_else(known),
        size: builder.size,
        top_k: builder.top_k,
        tensorflow: None,
        progress: builder.finder.progress,
        _held: Vec::new(),
    };
    detail(&session, builder.threads);
    session
}

/// The names of the classes, as far as they are told or known before a model gives logits.
fn labels(builder: &SessionBuilder) -> Result<LabelSource, SessionError> {
    if let Some(labels) = &builder.labels {
        return Ok(labels.clone());
    }
    match builder.wanted {
        #[cfg(feature = "demo")]
        Wanted::Pair(PairName::Demo) => {
            let labels = Labels::parse(crate::models::demo::labels());
            Ok(LabelSource::Given(labels, "the demo's labels".into()))
        }
        Wanted::Pair(PairName::Family(_)) => Ok(builder.finder.kinetics_labels(true)?),
        _ => Ok(builder.finder.kinetics_labels(false)?),
    }
}

/// TensorFlow, installed first where it isn't here and may be fetched, and kept from removal.
fn tensorflow(builder: &SessionBuilder) -> Result<(Runtime, Option<Locked>), SessionError> {
    let (loader, places) = builder.tensorflow.as_ref().ok_or(SessionError::NoLoader)?;
    let cache = &builder.finder.cache;
    let places =
        Places { named: places.named.clone(), library_path: places.library_path.clone(), cache: cache.clone() };
    Ok(loader.obtain(&places, || installed(builder, &places))?)
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
    use crate::engine::Form;
    let unprepared: Vec<_> = [session.base_info(), session.stream_info()]
        .into_iter()
        .flatten()
        .filter(|model| model.engine == Engine::TensorFlow(Form::Reference))
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
