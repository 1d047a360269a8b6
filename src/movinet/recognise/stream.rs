//! The stream network's signatures: a frame and states in, an answer and the same states out; and the making of states.

use std::collections::HashMap;

use super::answer::answer;
use super::{Nearness, Signatures, Unfit};
use crate::movinet::signature::listed;
use crate::movinet::{DType, Signature, TensorSpec, clip_input};

/// The input of frames in the official files.
const IMAGE: &str = "image";
/// Numbers in the shape of a clip.
const CLIP_RANK: u64 = 5;

/// The stream network's signatures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StreamSignatures {
    /// Steps that take the same states; those for fewer shapes of input come first.
    pub steps: Vec<StepSignature>,
    /// Absent where the model has none, which it needs only for inputs of varying shape.
    pub init: Option<InitSignature>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StepSignature {
    pub name: String,
    /// The input that takes the frames.
    pub image: String,
    /// The output `(1, classes)`.
    pub logits: String,
    /// Name among the step's inputs and name among its outputs, for each state.
    pub states: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InitSignature {
    pub name: String,
    pub shape_input: String,
    /// Names of the outputs, in the order of [`StepSignature::states`].
    pub outputs: Vec<String>,
}

impl StreamSignatures {
    /// The step that takes inputs of most shapes.
    pub fn general(&self) -> &StepSignature {
        self.steps.last().unwrap_or_else(|| unreachable!("a stream network has a step"))
    }
}

/// The signatures that take frames and states and give an answer and the same states, and the one that makes states.
///
/// # Errors
/// Why the nearest one isn't it.
pub(crate) fn stream(signatures: &Signatures) -> Result<StreamSignatures, Unfit> {
    let mut candidates: Vec<_> = signatures.values().map(|signature| (signature, step(signature))).collect();
    candidates.sort_by_key(|(signature, step)| {
        step.as_ref().ok().and_then(|step| signature.input(&step.image)).map(TensorSpec::varying_dims)
    });
    let mut steps: Vec<StepSignature> = Vec::new();
    let mut unfit = Vec::new();
    for (_, candidate) in candidates {
        match candidate {
            Ok(step) if steps.first().is_none_or(|first| step.has_the_states_of(first)) => steps.push(step),
            Ok(_) => {}
            Err(fault) => unfit.push(fault),
        }
    }
    let Some(first) = steps.first() else { return Err(Unfit::nearest(unfit)) };
    let init = signatures.values().find_map(|candidate| init(candidate, &first.states));
    Ok(StreamSignatures { steps, init })
}

impl StepSignature {
    fn has_the_states_of(&self, other: &Self) -> bool {
        let plain_names = |step: &Self| step.states.iter().map(|(input, _)| plain(input)).collect::<Vec<_>>();
        plain_names(self) == plain_names(other)
    }
}

/// A step signature's input of frames, its answer and its pairs of states.
fn step(signature: &Signature) -> Result<StepSignature, Unfit> {
    let unfit = |nearness, reason: &str| Unfit::new(nearness, signature, reason);
    if signature.inputs.len() < 2 {
        return Err(unfit(Nearness::Stranger, "no signature takes frames and states"));
    }
    let mut outputs = by_plain_name(&signature.outputs);
    let image = frames(signature, &outputs)?;
    let mut states = Vec::new();
    for input in signature.inputs.iter().filter(|input| input.name != image.name) {
        let output = outputs
            .remove(&plain(&input.name))
            .ok_or_else(|| unfit(Nearness::States, &format!("no output has the name of the state '{}'", input.name)))?;
        let is_state = |spec: &TensorSpec| matches!(spec.dtype, DType::Float32 | DType::Int32) || spec.is_quantised();
        if !is_state(input) || !is_state(output) || input.dtype != output.dtype {
            let reason = format!("state '{}' goes in as {input} and comes out as {output}", input.name);
            return Err(unfit(Nearness::States, &reason));
        }
        states.push((input.name.clone(), output.name.clone()));
    }
    let rest: Vec<_> = signature.outputs.iter().filter(|output| outputs.contains_key(&plain(&output.name))).collect();
    let logits = answer(&rest).map_err(|fault| unfit(Nearness::States, &fault))?;
    let (name, image, logits) = (signature.name.clone(), image.name.clone(), logits.name.clone());
    Ok(StepSignature { name, image, logits, states })
}

/// The input of frames: `image`, or the only one in the form of a clip that doesn't come out again.
fn frames<'s>(signature: &'s Signature, outputs: &HashMap<String, &TensorSpec>) -> Result<&'s TensorSpec, Unfit> {
    let unfit = |nearness, reason: &str| Unfit::new(nearness, signature, reason);
    let alone = || signature.inputs.iter().filter(|input| !outputs.contains_key(&plain(&input.name)));
    let named = signature.input(IMAGE);
    let clips: Vec<_> = match named {
        Some(image) => vec![image],
        None => alone().filter(|input| clip_input::is_clip(input)).collect(),
    };
    match clips.as_slice() {
        [image] => match clip_input::fault(image) {
            None => Ok(image),
            Some(fault) => Err(unfit(Nearness::Clips, &fault)),
        },
        [] => match alone().find(|input| clip_input::looks_like_pictures(input)) {
            Some(input) => Err(unfit(Nearness::Pictures, &clip_input::fault(input).unwrap_or_default())),
            None => Err(unfit(Nearness::Stranger, "none of its inputs takes frames")),
        },
        several => {
            let names = listed(several.iter().copied());
            let reason = format!("which of these are frames and which are states? No output has their names: {names}");
            Err(unfit(Nearness::States, &reason))
        }
    }
}

fn init(signature: &Signature, states: &[(String, String)]) -> Option<InitSignature> {
    let [shape] = signature.inputs.as_slice() else { return None };
    if !shape.accepts(DType::Int32, &[CLIP_RANK]) {
        return None;
    }
    let outputs = by_plain_name(&signature.outputs);
    let outputs: Option<Vec<_>> =
        states.iter().map(|(input, _)| outputs.get(&plain(input)).map(|spec| spec.name.clone())).collect();
    Some(InitSignature { name: signature.name.clone(), shape_input: shape.name.clone(), outputs: outputs? })
}

fn by_plain_name(specs: &[TensorSpec]) -> HashMap<String, &TensorSpec> {
    specs.iter().map(|spec| (plain(&spec.name), spec)).collect()
}

/// The official files name states `state/b0/l0/pool_buffer`; newer exports use `_`, and loaders turn one into the
/// other.
fn plain(name: &str) -> String {
    name.replace('/', "_")
}
