//! Telling from signatures which of a SavedModel's functions are a MoViNet's.

use std::collections::{BTreeMap, HashMap};

use super::{DType, Signature, TensorSpec};

/// The clip or the frames go in under this name.
pub(crate) const IMAGE: &str = "image";
const CLIP_RANK: usize = 5;
const LOGITS_RANK: usize = 2;

/// The base network's signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BaseSignature {
    pub name: String,
    pub logits: String,
}

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

/// The signature with `image` as its only input and one output of logits; `serving_default` before others.
pub(crate) fn base(signatures: &BTreeMap<String, Signature>) -> Option<BaseSignature> {
    let mut found: Vec<_> = signatures
        .values()
        .filter(|signature| signature.inputs.len() == 1 && takes_image(signature))
        .filter_map(|signature| {
            let [output] = signature.outputs.as_slice() else { return None };
            is_logits(output).then(|| BaseSignature { name: signature.name.clone(), logits: output.name.clone() })
        })
        .collect();
    found.sort_by_key(|signature| signature.name != "serving_default");
    found.into_iter().next()
}

/// The signature that takes `image` and states and gives logits and the same states, and the one that makes states.
///
/// # Errors
/// Says which condition the most likely signature fails.
pub(crate) fn stream(signatures: &BTreeMap<String, Signature>) -> Result<StreamSignatures, String> {
    let mut reason = "no signature takes 'image' and states".to_owned();
    let mut candidates: Vec<_> = signatures.values().filter(|s| s.inputs.len() > 1 && takes_image(s)).collect();
    candidates.sort_by_key(|signature| signature.input(IMAGE).map(TensorSpec::varying_dims));
    let mut steps: Vec<StepSignature> = Vec::new();
    for signature in candidates {
        match step(signature) {
            Ok(step) if steps.first().is_none_or(|first| step.has_the_states_of(first)) => steps.push(step),
            Ok(_) => {}
            Err(fault) => reason = fault,
        }
    }
    let first = steps.first().ok_or(reason)?;
    let init = signatures.values().find_map(|candidate| init(candidate, &first.states));
    Ok(StreamSignatures { steps, init })
}

impl StepSignature {
    fn has_the_states_of(&self, other: &Self) -> bool {
        let plain_names = |step: &Self| step.states.iter().map(|(input, _)| plain(input)).collect::<Vec<_>>();
        plain_names(self) == plain_names(other)
    }
}

fn takes_image(signature: &Signature) -> bool {
    signature
        .input(IMAGE)
        .is_some_and(|image| image.dtype == DType::Float32 && image.rank().is_none_or(|rank| rank == CLIP_RANK))
}

fn is_logits(output: &TensorSpec) -> bool {
    output.dtype == DType::Float32 && output.rank().is_none_or(|rank| rank == LOGITS_RANK)
}

/// A step signature's logits and pairs of states.
fn step(signature: &Signature) -> Result<StepSignature, String> {
    let mut outputs = by_plain_name(&signature.outputs);
    let mut states = Vec::new();
    for input in signature.inputs.iter().filter(|input| input.name != IMAGE) {
        let output = outputs.remove(&plain(&input.name)).ok_or_else(|| {
            format!("state '{}' of signature '{}' has no output to go on with", input.name, signature.name)
        })?;
        if matches!(input.dtype, DType::Other(_)) || input.dtype != output.dtype {
            return Err(format!("state '{}' goes in as {} and comes out as {}", input.name, input, output));
        }
        states.push((input.name.clone(), output.name.clone()));
    }
    let mut rest = outputs.into_values();
    match (rest.next(), rest.next()) {
        (Some(logits), None) if is_logits(logits) => {
            Ok(StepSignature { name: signature.name.clone(), logits: logits.name.clone(), states })
        }
        _ => Err(format!("signature '{}' has no single output of logits beside its states", signature.name)),
    }
}

fn init(signature: &Signature, states: &[(String, String)]) -> Option<InitSignature> {
    let [shape] = signature.inputs.as_slice() else { return None };
    if !shape.accepts(DType::Int32, &[CLIP_RANK as u64]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use DType::{Float32, Int32};

    fn signature(name: &str, inputs: &[(&str, DType, usize)], outputs: &[(&str, DType, usize)]) -> Signature {
        let specs = |list: &[(&str, DType, usize)]| {
            list.iter().map(|(name, dtype, rank)| TensorSpec::for_tests(name, *dtype, *rank)).collect()
        };
        Signature { name: name.into(), inputs: specs(inputs), outputs: specs(outputs) }
    }

    fn model(list: Vec<Signature>) -> BTreeMap<String, Signature> {
        list.into_iter().map(|signature| (signature.name.clone(), signature)).collect()
    }

    fn stream_model(step_name: &str, input: &str, output: &str) -> BTreeMap<String, Signature> {
        model(vec![
            signature(
                step_name,
                &[("image", Float32, 5), (input, Int32, 1)],
                &[(output, Int32, 1), ("logits", Float32, 2)],
            ),
            signature("init_states", &[("input_shape", Int32, 1)], &[(output, Int32, 1)]),
        ])
    }

    #[test]
    fn a_base_model_is_one_image_to_logits() {
        let head = [("classifier_head", Float32, 2)];
        let signatures = model(vec![
            signature("other", &[("image", Float32, 5)], &head),
            signature("serving_default", &[("image", Float32, 5)], &head),
        ]);
        let found = base(&signatures).unwrap();
        assert_eq!((found.name.as_str(), found.logits.as_str()), ("serving_default", "classifier_head"));
        assert!(stream(&signatures).is_err());
    }

    #[test]
    fn states_pair_whatever_their_separator_and_the_signatures_name() {
        for (step_name, input, output) in [
            ("call", "state/b0/l0/pool_frame_count", "state/b0/l0/pool_frame_count"),
            ("serving_default", "state_b0_l0_pool_frame_count", "state/b0/l0/pool_frame_count"),
        ] {
            let signatures = stream_model(step_name, input, output);
            let found = stream(&signatures).unwrap();
            let [step] = found.steps.as_slice() else { panic!("{found:?}") };
            assert_eq!((step.name.as_str(), step.logits.as_str()), (step_name, "logits"));
            assert_eq!(step.states, [(input.to_owned(), output.to_owned())]);
            assert_eq!(found.init.unwrap().outputs, [output]);
            assert_eq!(base(&signatures), None);
        }
    }

    #[test]
    fn a_step_for_fewer_shapes_comes_first() {
        let mut signatures = stream_model("call", "state/a", "state/a");
        let mut fixed = signatures["call"].clone();
        fixed.name = "call_172x172".into();
        fixed.inputs[0].shape = Some([1, 1, 172, 172, 3].map(Some).to_vec());
        let mut stranger = fixed.clone();
        (stranger.name, stranger.inputs[1].name, stranger.outputs[0].name) =
            ("other".into(), "state/b".into(), "state/b".into());
        signatures.extend([(fixed.name.clone(), fixed), (stranger.name.clone(), stranger)]);
        let names: Vec<_> = stream(&signatures).unwrap().steps.into_iter().map(|step| step.name).collect();
        assert_eq!(names, ["call_172x172", "call"]);
    }

    #[test]
    fn a_state_without_its_output_is_told() {
        let fault = stream(&stream_model("call", "state/a", "state/b")).unwrap_err();
        assert!(fault.contains("state/a"), "{fault}");
    }
}
