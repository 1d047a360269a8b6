//! Which form of a model runs: prepared, or the files as they are.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{EngineChoice, SessionError};
use crate::cache::{Cache, Locked, Origin};
use crate::causes::causes;
use crate::compare::ModelInfo;
use crate::engine::{Engine, EngineError, Form};
use crate::models::LocatedModel;
use crate::prepare::{self, Kept, Prepared, Proof};
use crate::progress::Progress;
use crate::runtime::Runtime;

/// The form in which a model is to run.
#[derive(Debug)]
pub(super) struct Chosen {
    model: LocatedModel,
    sha256: String,
    /// The folder that is loaded.
    pub path: PathBuf,
    /// How equal the prepared form is; `None` for the files as they are.
    pub proof: Option<Proof>,
}

impl Chosen {
    /// The form of `model`, whose fingerprint is `sha256`, that `choice` wants, as far as it is there.
    pub fn new(
        model: LocatedModel,
        sha256: String,
        choice: EngineChoice,
        runtime: &Runtime,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<Self, SessionError> {
        let found = match choice {
            EngineChoice::Reference => None,
            // The one of a pair that the library doesn't run is as TensorFlow runs it.
            EngineChoice::Auto
            | EngineChoice::TensorFlow
            | EngineChoice::Prepared
            | EngineChoice::LiteRt
            | EngineChoice::OpenVino => {
                match prepare::find(cache, runtime, &sha256) {
                    Kept::Whole(prepared) => Some(prepared),
                    Kept::Damaged { size } => {
                        let reason = "its prepared form is damaged, and made anew";
                        made(&model, size.or(model.card.size), reason, runtime, cache, progress)
                    }
                    // The demo isn't shipped prepared, since a proof holds for the processor on which it was made.
                    _ if model.origin == Origin::Bundled => {
                        made(&model, model.card.size, "preparing it for this machine, once", runtime, cache, progress)
                    }
                    _ => None,
                }
            }
        };
        match found {
            Some(Prepared { path, record, .. }) => Ok(Self { model, sha256, path, proof: Some(record.proof) }),
            None if choice == EngineChoice::Prepared => Err(SessionError::NotPrepared { model: model.path }),
            None => Ok(Self { path: model.path.clone(), model, sha256, proof: None }),
        }
    }

    /// Keeps the folder from being removed.
    pub fn hold(&self, cache: &Cache) -> Option<Locked> {
        cache.use_path(&self.path)
    }

    /// Loads it, describes it, and times the loading. A prepared form that doesn't load (TensorFlow was built without
    /// the kernels that it names) gives way to the files as they are, unless `choice` insists.
    pub fn load<N>(
        mut self,
        choice: EngineChoice,
        progress: &dyn Progress,
        load: impl Fn(&Self) -> Result<N, EngineError>,
    ) -> Result<(N, ModelInfo, Duration), SessionError> {
        let began = Instant::now();
        let mut network = load(&self);
        let insists = matches!(choice, EngineChoice::Prepared | EngineChoice::Reference);
        if let (Err(error), Some(_), false) = (&network, self.proof, insists) {
            progress.warning(&format!("the prepared form is left aside: {}", causes(error)));
            (self.path, self.proof) = (self.model.path.clone(), None);
            network = load(&self);
        }
        let form = if self.proof.is_some() { Form::Prepared } else { Form::Reference };
        let info = ModelInfo {
            name: self.model.name,
            path: self.model.path,
            source: self.model.origin,
            engine: Engine::TensorFlow(form),
            output: None,
            proof: self.proof,
            sha256: Some(self.sha256),
        };
        Ok((network?, info, began.elapsed()))
    }
}

/// The prepared form of `model` for frames of `size`, made now. The bundled clip is part of its proof.
#[cfg(feature = "demo")]
fn made(
    model: &LocatedModel,
    size: Option<usize>,
    reason: &str,
    runtime: &Runtime,
    cache: &Cache,
    progress: &dyn Progress,
) -> Option<Prepared> {
    use crate::models::demo;
    use crate::prepare::Original;
    progress.note(&format!("{}: {reason}", model.name));
    let wanted = prepare::Wanted { size, ..prepare::Wanted::default() };
    let prepared = Original::new(runtime, cache, &model.path, wanted, &demo::video)
        .and_then(|original| prepare::prepare(&original));
    match prepared {
        Ok(prepared) => Some(prepared),
        Err(error) => {
            progress.warning(&format!("{} runs as it is: {}", model.name, causes(&error)));
            None
        }
    }
}

#[cfg(not(feature = "demo"))]
fn made(
    model: &LocatedModel,
    _: Option<usize>,
    reason: &str,
    _: &Runtime,
    _: &Cache,
    progress: &dyn Progress,
) -> Option<Prepared> {
    progress.warning(&format!("{}: {reason} by the program: movinet-tf prepare", model.name));
    None
}
