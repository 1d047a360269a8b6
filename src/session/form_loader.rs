//! Models that other libraries than TensorFlow run, loaded: TF Lite files, and the proved forms of SavedModels.
//!
//! `model -> hashed -> form -> library -> network`, or what is left for TensorFlow

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::libraries::{litert, openvino};
use super::model_loader::{Hashed, hashed};
use super::{EngineChoice, Ready, SessionBuilder, SessionError, other_engines};
use crate::cache::Locked;
use crate::catalog::EngineLibrary;
use crate::causes::causes;
use crate::compare::ModelInfo;
use crate::engine::litert::LiteRtStreamModel;
use crate::engine::openvino::{Interface, OpenVinoBaseModel};
use crate::engine::tensorflow::{BaseModel, SavedModel, StreamModel};
use crate::engine::{BaseNetwork, Engine, EngineError, StreamNetwork};
use crate::models::LocatedModel;

/// What became of a model.
pub(super) enum Loaded<N: ?Sized> {
    /// Another library runs it; the lock keeps that from removal.
    Elsewhere(Ready<N>, Option<Locked>),
    /// TensorFlow is to run it.
    Left(Hashed),
}

/// The base model in the form that was compiled for OpenVINO, where that is to run.
pub(super) fn base(
    model: LocatedModel,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Loaded<dyn BaseNetwork>, SessionError> {
    loaded(model, BaseModel::check, EngineLibrary::OpenVino, builder, size, |model, path| {
        let (library, held) = openvino(builder)?;
        let interface = Interface::of(&SavedModel::signatures_in(&model.path)?);
        let interface = interface.ok_or_else(|| SessionError::NotOfOpenVino { model: model.path.clone() })?;
        let threads = builder.threads.or(builder.prepared_threads);
        let network = OpenVinoBaseModel::load(&library, path, interface, threads)?;
        Ok((Arc::new(network) as Arc<_>, held))
    })
}

/// The stream model that is a TF Lite file, or in such a form, where that is to run.
pub(super) fn stream(
    model: LocatedModel,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Loaded<dyn StreamNetwork>, SessionError> {
    loaded(model, StreamModel::check, EngineLibrary::LiteRt, builder, size, |_, path| {
        let (library, held) = litert(builder)?;
        Ok((Arc::new(LiteRtStreamModel::load(&library, path, builder.threads)?) as Arc<_>, held))
    })
}

/// Hashes `model` and finds what `library` is to run of it, which `load` then loads from its file. A form that cannot be
/// loaded is left aside with a word, unless the builder insists on it.
fn loaded<N: ?Sized>(
    model: LocatedModel,
    check: fn(&Path) -> Result<(), EngineError>,
    library: EngineLibrary,
    builder: &SessionBuilder,
    size: Option<usize>,
    load: impl FnOnce(&LocatedModel, &Path) -> Result<(Arc<N>, Option<Locked>), SessionError>,
) -> Result<Loaded<N>, SessionError> {
    let (cache, progress) = (&builder.finder.cache, &*builder.finder.progress);
    let hashed = hashed(model, check, cache, progress)?;
    let form = other_engines::form(&hashed, library, builder, size)?;
    if form.is_none() && !hashed.model.is_tflite() {
        return Ok(Loaded::Left(hashed));
    }
    let began = Instant::now();
    let (path, proof) = form.map_or((hashed.model.path.clone(), None), |form| (form.path, Some(form.record.proof)));
    let held = cache.use_path(&path);
    let (network, library_held) = match load(&hashed.model, &path) {
        Err(error) if proof.is_some() && builder.engine == EngineChoice::Auto => {
            progress.warning(&format!("{}: its faster form is left aside: {}", hashed.model.name, causes(&error)));
            return Ok(Loaded::Left(hashed));
        }
        loaded => loaded?,
    };
    let Hashed { model, sha256, held: model_held } = hashed;
    let reading = model.card.output;
    let info = ModelInfo {
        name: model.name,
        path: model.path,
        source: model.origin,
        engine: match library {
            EngineLibrary::LiteRt => Engine::LiteRt,
            EngineLibrary::OpenVino => Engine::OpenVino,
        },
        output: None,
        proof,
        sha256: Some(sha256),
    };
    let held = held.or(model_held).map(Arc::new);
    let ready = Ready { network, info, loading: began.elapsed(), reading, told: Arc::default(), held };
    Ok(Loaded::Elsewhere(ready, library_held))
}
