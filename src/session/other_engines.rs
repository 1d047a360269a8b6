//! Models that other engines than TensorFlow run: TF Lite files, and the proved forms of SavedModels.

use super::finding::Models;
use super::model_loader::Hashed;
use super::{EngineChoice, SessionBuilder, SessionError};
use crate::catalog::EngineLibrary;
use crate::engine::{EngineError, litert};
use crate::models::LocatedModel;
use crate::prepare::{self, ProvedForm};

/// Whether the TF Lite files among `models` are stream models that can run here.
pub(super) fn check_files(models: &Models) -> Result<(), EngineError> {
    let is_tflite = |model: &&LocatedModel| model.is_tflite();
    models.stream.iter().filter(is_tflite).try_for_each(|model| litert::check(&model.path))?;
    models.base.iter().filter(is_tflite).try_for_each(|model| {
        litert::check(&model.path)?;
        Err(EngineError::StreamGivenAsBase { path: model.path.clone() })
    })
}

/// Whether `choice` can be had of the kinds of files that `models` are.
pub(super) fn check_engine(models: &Models, choice: EngineChoice) -> Result<(), SessionError> {
    let (tflite, saved): (Vec<_>, Vec<_>) =
        models.base.iter().chain(&models.stream).partition(|model| model.is_tflite());
    let is_of_tensorflow =
        matches!(choice, EngineChoice::TensorFlow | EngineChoice::Prepared | EngineChoice::Reference);
    match (choice, tflite.first(), saved.first()) {
        (EngineChoice::LiteRt, _, Some(base)) if models.stream.is_none() => {
            Err(SessionError::BaseOfLiteRt { model: base.path.clone() })
        }
        (EngineChoice::OpenVino, Some(stream), _) | (EngineChoice::OpenVino, None, Some(stream))
            if models.base.is_none() =>
        {
            Err(SessionError::StreamOfOpenVino { model: stream.path.clone() })
        }
        (_, Some(file), None) if is_of_tensorflow => Err(SessionError::NotOfTensorFlow { model: file.path.clone() }),
        _ => Ok(()),
    }
}

/// Whether `choice` is also of the form of a SavedModel that `library` runs.
pub(super) fn takes_form(choice: EngineChoice, library: EngineLibrary) -> bool {
    choice == EngineChoice::Auto || insists_on(choice, library)
}

/// Whether `choice` is of nothing else.
fn insists_on(choice: EngineChoice, library: EngineLibrary) -> bool {
    match library {
        EngineLibrary::LiteRt => choice == EngineChoice::LiteRt,
        EngineLibrary::OpenVino => choice == EngineChoice::OpenVino,
    }
}

/// The form of a model for frames of `size` pixels that `library` runs, where it is to run.
pub(super) fn form(
    Hashed { model, sha256, .. }: &Hashed,
    library: EngineLibrary,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Option<ProvedForm>, SessionError> {
    let choice = builder.engine;
    if model.is_tflite() || !takes_form(choice, library) {
        return Ok(None);
    }
    // A TF Lite file takes frames of one size.
    let size = size.or_else(|| prepare::own_size(&model.path)).filter(|_| library == EngineLibrary::LiteRt);
    let fits = |form: &ProvedForm| size.is_none_or(|size| size == form.record.size);
    let found = prepare::find_form(&builder.finder.cache, library, sha256).unwrap_or_else(|damage| {
        let shown = model.path.display();
        let warning =
            format!("{}: its form for {library} is damaged ({damage}): movinet-tf prepare {shown}", model.name);
        builder.finder.progress.warning(&warning);
        None
    });
    match (found.filter(fits), library) {
        (None, _) if !insists_on(choice, library) => Ok(None),
        (None, EngineLibrary::LiteRt) => Err(SessionError::NotOfLiteRt { model: model.path.clone() }),
        (None, EngineLibrary::OpenVino) => Err(SessionError::NotOfOpenVino { model: model.path.clone() }),
        (form, _) => Ok(form.filter(|form| insists_on(choice, library) || form.record.is_fastest())),
    }
}
