//! Where TF Lite files come in: models that are some, and the form of a stream model that is one.

use super::finding::Models;
use super::model_loader::Hashed;
use super::{EngineChoice, SessionBuilder, SessionError};
use crate::engine::{EngineError, litert};
use crate::models::LocatedModel;
use crate::prepare::{self, TfLiteForm};

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
pub(super) fn takes_form(choice: EngineChoice) -> bool {
    matches!(choice, EngineChoice::Auto | EngineChoice::LiteRt)
}

/// The TF Lite form of a stream model for frames of `size` pixels, where it is to run.
pub(super) fn form(
    Hashed { model, sha256, .. }: &Hashed,
    builder: &SessionBuilder,
    size: Option<usize>,
) -> Result<Option<TfLiteForm>, SessionError> {
    let choice = builder.engine;
    if model.is_tflite() || !takes_form(choice) {
        return Ok(None);
    }
    let size = size.or_else(|| prepare::own_size(&model.path));
    let fits = |form: &TfLiteForm| size.is_none_or(|size| size == form.record.size);
    let found = prepare::find_tflite(&builder.finder.cache, sha256).unwrap_or_else(|damage| {
        let shown = model.path.display();
        let warning = format!("{}: its TF Lite form is damaged ({damage}): movinet-tf prepare {shown}", model.name);
        builder.finder.progress.warning(&warning);
        None
    });
    match found.filter(fits) {
        None if choice == EngineChoice::LiteRt => Err(SessionError::NotOfLiteRt { model: model.path.clone() }),
        form => Ok(form.filter(|form| choice == EngineChoice::LiteRt || form.record.is_fastest())),
    }
}
