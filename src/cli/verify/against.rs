//! What `--against` names: a recorded reference, or another model, which is run on the same frames.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use movinet_tf::catalog::{Official, Variation};
use movinet_tf::models::{PairName, demo, is_tflite};
use movinet_tf::session::{Session, SessionBuilder};
use movinet_tf::verify::{Reference, ReferenceError, Tolerances, Verdict};

use super::engine_for;
use crate::cli::clip::Clip;
use crate::cli::exit::usage;
use crate::cli::models::ModelArguments;

/// What the outputs of a run are compared with.
pub enum Against {
    /// What was recorded.
    Recorded(Reference),
    /// What another model says: a folder, a file or a name.
    Model(PathBuf),
}

impl Against {
    /// What `named` means: by its content, or where there is nothing of that name, by the name.
    ///
    /// # Errors
    /// [`ReferenceError`] when it is a reference that cannot be used.
    pub fn read(named: &Path) -> Result<Self, ReferenceError> {
        let is_model = match named {
            path if path.is_dir() => true,
            path if path.exists() && is_archive(path) => false,
            path if path.is_file() && !is_tflite(path) => {
                let reason = "it is no NPZ file, and no model either: no TF Lite file, no folder".to_owned();
                return Err(ReferenceError::Format { path: path.to_owned(), reason });
            }
            path if path.exists() => is_tflite(path),
            path if is_tflite(path) => true,
            name => name.components().count() == 1 && name.extension().is_none_or(|ending| ending != "npz"),
        };
        match is_model {
            true => Ok(Self::Model(named.to_owned())),
            false => Reference::read(named).map(Self::Recorded),
        }
    }
}

/// The sessions of the models that `models` names and `session` has, and of the model `named`, as far as they are compared.
///
/// # Errors
/// Usage, where that leaves open which of a pair is meant.
pub fn sessions(named: &Path, models: &ModelArguments, session: SessionBuilder) -> anyhow::Result<[SessionBuilder; 2]> {
    let name = named.to_str().filter(|_| !named.exists());
    let pair = name.and_then(|name| name.parse::<PairName>().ok());
    let alone = match (models.names_base(), models.names_stream(), pair) {
        (true, true, Some(_)) => None,
        (true, true, None) => Some(variation_of(named).ok_or_else(|| {
            let shown = named.display();
            usage(format!("'{shown}' is one model: say which is compared with it, --base MODEL or --stream MODEL"))
        })?),
        (true, false, _) => Some(Variation::Base),
        (false, ..) => Some(Variation::Stream),
    };
    let reference = session.clone();
    let reference = match (pair, alone) {
        (Some(pair), _) => reference.pair(pair),
        (None, Some(Variation::Base)) => reference.base(named),
        (None, _) => reference.stream(named),
    };
    let reference = reference.engine(engine_for(named));
    Ok(match alone {
        Some(variation) => [models.only(session, variation), reference.only(variation)],
        None => [session, reference],
    })
}

/// How far what `session` says of `source` is from what `reference` says of the same frames.
///
/// # Errors
/// What the sessions say.
pub fn verdict([session, reference]: [&Session; 2], source: Clip, tolerances: &Tolerances) -> anyhow::Result<Verdict> {
    let [own, others] = session.outputs_beside(reference, source)?;
    let labels = if own.labels.names().is_some() { &own.labels } else { &others.labels };
    let verdict = Reference::of(&others.observed()).verify(&own.observed(), tolerances, labels);
    let infos = |session: &Session| [session.base_info().cloned(), session.stream_info().cloned()];
    let mut verdict = verdict.between(infos(session), infos(reference));
    if own.labels.names().zip(others.labels.names()).is_some_and(|(own, others)| own != others) {
        verdict.hints.push("the two models have other names for their classes".to_owned());
    }
    Ok(verdict)
}

/// Which of a pair a model is, as far as its name or its format tells.
fn variation_of(named: &Path) -> Option<Variation> {
    if is_tflite(named) {
        return Some(Variation::Stream);
    }
    let name = named.to_str().filter(|_| !named.exists())?;
    let of_demo = || demo::NAMES.iter().position(|known| *known == name);
    match (name.parse(), of_demo()) {
        (Ok(Official::SavedModel(model)), _) => Some(model.variation),
        (Ok(Official::TfLite(_)), _) | (_, Some(1)) => Some(Variation::Stream),
        (_, Some(_)) => Some(Variation::Base),
        _ => None,
    }
}

/// Whether there is a ZIP archive at `path`, which NumPy's NPZ files are.
fn is_archive(path: &Path) -> bool {
    let head = || -> io::Result<[u8; 2]> {
        let mut head = [0; 2];
        fs_err::File::open(path)?.read_exact(&mut head)?;
        Ok(head)
    };
    path.is_file() && head().is_ok_and(|head| head == *b"PK")
}
