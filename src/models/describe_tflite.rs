//! What a TF Lite file is, by itself: nothing has to be loaded for that.

use super::describe::{
    ModelDescription, ModelKind, SCHEMA, StateDescription, StatesDescription, WeightsDescription, signature,
};
use super::{LocatedModel, fingerprint};
use crate::engine::{EngineError, litert};
use crate::movinet::recognise::{self, Network, StepSignature};
use crate::movinet::{Signature, StateName, integers, own_size};
use crate::prepare::Parameters;
use crate::tflite::{self, TfLiteFile};

/// Describes the TF Lite file `model`.
///
/// # Errors
/// [`EngineError`] when it cannot be read or is damaged.
pub fn describe_tflite(model: LocatedModel) -> Result<ModelDescription, EngineError> {
    let unfit = litert::check(&model.path).err();
    let (why, runs) = match unfit {
        None => (None, true),
        Some(EngineError::NotAMovinet { reason, .. }) => (Some(reason), false),
        Some(other) => return Err(other),
    };
    let damaged = |fault| litert::faulty(&model.path, fault);
    let bytes = tflite::content(&model.path).map_err(damaged)?;
    let TfLiteFile { signatures, weights, .. } = tflite::read(&bytes).map_err(damaged)?;
    let (kind, states) = match recognise::network(&signatures) {
        Ok(Network::Stream(stream)) if runs => {
            let (step, size) = (stream.general(), own_size(&signatures).unwrap_or_default());
            (ModelKind::Stream, signatures.get(&step.name).map(|signature| states(signature, step, size)))
        }
        Ok(Network::Base(_)) => (ModelKind::Base, None),
        _ => (ModelKind::Other, None),
    };
    let weights: Vec<_> =
        weights.into_iter().map(|(dtype, (numbers, tensors))| WeightsDescription { dtype, numbers, tensors }).collect();
    let numbers: u64 = weights.iter().map(|kind| kind.numbers).fold(0, u64::saturating_add);
    let parameters = Parameters {
        numbers: usize::try_from(numbers).unwrap_or(usize::MAX),
        variables: weights.iter().map(|kind| kind.tensors).sum(),
    };
    Ok(ModelDescription {
        schema: SCHEMA,
        name: model.name,
        kind,
        why: why.unwrap_or_else(|| recognise::explained(&signatures)),
        card: model.card,
        source: model.origin,
        sha256: fingerprint(&model.path).map_err(EngineError::Read)?,
        bytes: bytes.len() as u64,
        parameters,
        weights: Some(weights),
        prepared: None,
        tflite: None,
        openvino: None,
        tensorflow: None,
        signatures: signatures.values().map(signature).collect(),
        states,
        path: model.path,
    })
}

/// The states that `step` takes, for frames of `size`.
fn states(signature: &Signature, step: &StepSignature, size: usize) -> StatesDescription {
    let state = |(input, _): &(String, String)| {
        let spec = signature.input(input)?;
        let shape: Vec<u64> = spec.shape.iter().flatten().map(|dim| dim.unwrap_or(1)).collect();
        let element = if integers(spec.dtype).is_some() { 1 } else { 4 };
        let bytes = shape.iter().fold(element, |bytes: u64, dim| bytes.saturating_mul(*dim));
        Some(StateDescription { name: StateName::parse(input), dtype: spec.dtype.to_string(), shape, bytes })
    };
    let mut states: Vec<_> = step.states.iter().filter_map(state).collect();
    states.sort_by(|a, b| a.name.cmp(&b.name));
    let bytes = states.iter().map(|state| state.bytes).fold(0, u64::saturating_add);
    StatesDescription { size, bytes, states }
}
