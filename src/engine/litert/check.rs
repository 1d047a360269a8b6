//! Whether a TF Lite file is a stream network that can run here, by its content and without LiteRT.

use std::path::Path;

use crate::engine::EngineError;
use crate::movinet::recognise::{self, Network, StepSignature};
use crate::movinet::{Signature, TensorSpec};
use crate::tflite::{self, Role, TfLiteFault, TfLiteFile};

/// What the names of states begin with.
const STATE: &str = "state";
/// Dimensions of a state's buffer; those of another graph have one less.
const RANK: usize = 5;

/// A stream network in a TF Lite file.
pub(super) struct Checked {
    /// The content of the file.
    pub bytes: Vec<u8>,
    pub file: TfLiteFile,
    pub step: StepSignature,
}

/// Whether the TF Lite file at `path` is a stream network that can run here.
///
/// # Errors
/// [`EngineError`] where it isn't, or cannot be read.
pub(crate) fn check(path: &Path) -> Result<(), EngineError> {
    checked(path).map(drop)
}

/// What is wrong with the TF Lite file at `path`, as an engine says it.
pub(crate) fn faulty(path: &Path, fault: TfLiteFault) -> EngineError {
    let path = path.to_owned();
    match fault {
        TfLiteFault::Read(error) => EngineError::Read(error),
        TfLiteFault::NoFile | TfLiteFault::Large(_) => EngineError::NotAMovinet { path, reason: fault.to_string() },
        fault => EngineError::Damaged { path, reason: fault.to_string() },
    }
}

/// The stream network in the TF Lite file at `path`.
pub(super) fn checked(path: &Path) -> Result<Checked, EngineError> {
    if !path.exists() {
        return Err(EngineError::NoFile { path: path.to_owned() });
    }
    let damaged = |fault| faulty(path, fault);
    let bytes = tflite::content(path).map_err(damaged)?;
    let file = tflite::read(&bytes).map_err(damaged)?;
    let unfit = |reason: String| EngineError::NotAMovinet { path: path.to_owned(), reason };
    if let Some(reason) = file.signatures.values().find_map(four_dimensional) {
        return Err(unfit(reason));
    }
    let found = recognise::stream(&file.signatures).map_err(|_| match recognise::network(&file.signatures) {
        Ok(Network::Base(_)) => unfit(
            "it is a base model, and of TF Lite files stream models alone run here; give the SavedModel that it was made of"
                .into(),
        ),
        Ok(Network::Stream(_)) => unreachable!("it was not recognised"),
        Err(reason) => unfit(reason),
    })?;
    let step = found.steps.into_iter().next_back();
    let step = step.unwrap_or_else(|| unreachable!("a stream network has a step"));
    if let Some(reason) = fault(&file, &step) {
        return Err(unfit(reason));
    }
    tflite::sound(&bytes).map_err(damaged)?;
    Ok(Checked { bytes, file, step })
}

/// Why a signature is that of another graph, whose states have no dimension of frames.
fn four_dimensional(signature: &Signature) -> Option<String> {
    let state = signature.inputs.iter().find(|input| {
        input.name.starts_with(STATE) && input.name.ends_with("buffer") && input.rank() == Some(RANK - 1)
    })?;
    Some(format!(
        "its states are four-dimensional ('{}' is {state}), those of another graph; take one with a dimension of frames in \
         its states, as the official files have",
        state.name
    ))
}

/// What of a recognised step cannot run here.
fn fault(file: &TfLiteFile, step: &StepSignature) -> Option<String> {
    let signature = file.signatures.get(&step.name)?;
    let image = signature.input(&step.image)?;
    let varies = |spec: &TensorSpec| spec.shape.as_ref().is_none_or(|dims| dims.iter().any(Option::is_none));
    if varies(image) {
        return Some(format!("'{}' is {image}: it has to be exported for frames of one size", image.name));
    }
    let mut owners: Vec<(usize, &str)> = Vec::new();
    let given = step.states.iter().map(|(_, output)| output.as_str()).chain([step.logits.as_str()]);
    for output in given {
        let tensor = *file.tensors.get(&(step.name.clone(), Role::Output, output.to_owned()))?;
        if let Some((_, other)) = owners.iter().find(|(owned, _)| *owned == tensor) {
            return Some(format!("its outputs '{other}' and '{output}' are one tensor"));
        }
        owners.push((tensor, output));
    }
    step.states.iter().find_map(|(input, output)| {
        let (input, output) = (signature.input(input)?, signature.output(output)?);
        let differ = input.shape != output.shape;
        let what = if differ { format!("goes in as {input} and comes out as {output}") } else { format!("is {input}") };
        (differ || varies(input)).then(|| format!("state '{}' {what}: it has to be of one shape", input.name))
    })
}
