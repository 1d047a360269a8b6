//! What the streams of a TF Lite model share: its compiled signature, and what its tensors are.

use std::path::{Path, PathBuf};

use super::buffer::Buffer;
use super::compiled::{CompiledSignature, Port};
use super::rail::Rail;
use super::state::State;
use crate::catalog::Family;
use crate::engine::EngineError;
use crate::movinet::recognise::StepSignature;
use crate::movinet::{DType, StateName, TensorSpec, family, fixed_frames, integers, own_size};
use crate::tflite::{Role, TfLiteFile};

/// What the streams of a model share.
#[derive(Debug)]
pub(super) struct Loaded {
    pub path: PathBuf,
    pub compiled: CompiledSignature,
    /// The frames, and their place among the inputs.
    pub image: (TensorSpec, usize),
    /// The answer, and its place among the outputs.
    pub logits: (TensorSpec, usize),
    pub states: Vec<State>,
    pub signature: String,
    pub size: Option<usize>,
    pub family: Option<&'static Family>,
}

/// Buffers, and which of them serves as each input and as each output.
type Assigned = (Vec<Buffer>, Vec<usize>, Vec<usize>);

impl Loaded {
    /// The network in `file` whose step is `step`, compiled.
    pub fn new(
        compiled: CompiledSignature,
        file: &TfLiteFile,
        step: &StepSignature,
        path: &Path,
    ) -> Result<Self, EngineError> {
        let missing = |role, wanted: &str, present: &[Port]| EngineError::NoTensor {
            path: path.to_owned(),
            signature: step.name.clone(),
            role,
            wanted: wanted.to_owned(),
            present: present.iter().map(|port| port.name.clone()).collect(),
        };
        let signature = file.signatures.get(&step.name);
        let input = |name: &str| -> Result<(TensorSpec, usize), EngineError> {
            let place = compiled.inputs.iter().position(|port| port.name == name);
            let spec = signature.and_then(|signature| signature.input(name)).cloned();
            spec.zip(place).ok_or_else(|| missing("input", name, &compiled.inputs))
        };
        let output = |name: &str| -> Result<(TensorSpec, usize), EngineError> {
            let place = compiled.outputs.iter().position(|port| port.name == name);
            let spec = signature.and_then(|signature| signature.output(name)).cloned();
            spec.zip(place).ok_or_else(|| missing("output", name, &compiled.outputs))
        };
        let state = |(taken, given): &(String, String)| {
            let ((from, in_place), (to, out_place)) = (input(taken)?, output(given)?);
            let tensor = |role, name: &String| file.tensors.get(&(step.name.clone(), role, name.clone()));
            Ok(State {
                name: StateName::parse(taken),
                dims: dims(&from),
                dtype: from.dtype,
                places: (in_place, out_place),
                quantisation: from.quantisation.zip(to.quantisation).filter(|_| from.is_quantised()),
                passes: tensor(Role::Input, taken) == tensor(Role::Output, given),
                rail: rail(file, step, [(Role::Input, &from), (Role::Output, &to)]),
            })
        };
        let states = step.states.iter().map(state).collect::<Result<_, EngineError>>()?;
        let (image, logits) = (input(&step.image)?, output(&step.logits)?);
        let (signature, path) = (step.name.clone(), path.to_owned());
        let (size, family) = (own_size(&file.signatures), family(&file.signatures));
        Ok(Self { path, image, logits, states, compiled, signature, size, family })
    }

    pub fn frames_per_step(&self) -> usize {
        fixed_frames(&self.image.0).unwrap_or(1).max(1)
    }

    /// Buffers for all that goes in and comes out.
    pub fn buffers(&self) -> Result<Assigned, EngineError> {
        let (inputs, outputs) = (&self.compiled.inputs, &self.compiled.outputs);
        let mut buffers = Vec::new();
        let (mut taken, mut given) = (vec![usize::MAX; inputs.len()], vec![usize::MAX; outputs.len()]);
        let mut add = |ports: &[_], bytes| -> Result<usize, EngineError> {
            buffers.push(self.compiled.buffer(ports, bytes, &self.path)?);
            Ok(buffers.len() - 1)
        };
        let (image, logits) = (&self.image, &self.logits);
        taken[image.1] = add(&[&inputs[image.1]], bytes(image.0.dtype, &dims(&image.0)))?;
        given[logits.1] = add(&[&outputs[logits.1]], bytes(logits.0.dtype, &dims(&logits.0)))?;
        for State { dtype, dims, places, passes, .. } in &self.states {
            // They take each other's place.
            let (ports, bytes) = ([&inputs[places.0], &outputs[places.1]], bytes(*dtype, dims));
            taken[places.0] = add(&ports, bytes)?;
            given[places.1] = if *passes { taken[places.0] } else { add(&ports, bytes)? };
        }
        Ok((buffers, taken, given))
    }
}

/// What a pool's running sum cannot go beyond, neither where it goes in nor where it comes out: of integers, their ends; of
/// numbers, those that the integers inside stand for.
fn rail(file: &TfLiteFile, step: &StepSignature, ends: [(Role, &TensorSpec); 2]) -> Option<Rail> {
    const SUM: &str = "pool_buffer";
    if ends.iter().any(|(_, spec)| StateName::parse(&spec.name).kind() != SUM) {
        return None;
    }
    let reach = |(role, spec): (Role, &TensorSpec)| {
        let inside = file.rails.get(&(step.name.clone(), role, spec.name.clone())).copied();
        inside.or_else(|| {
            let ((least, greatest), quantisation) = (integers(spec.dtype)?, spec.quantisation?);
            Some((quantisation.number(least), quantisation.number(greatest)))
        })
    };
    let both = ends.into_iter().filter_map(reach).reduce(|one, other| (one.0.max(other.0), one.1.min(other.1)));
    both.map(Rail::new)
}

/// The dimensions of a tensor whose shape is fixed.
fn dims(spec: &TensorSpec) -> Vec<u64> {
    spec.shape.iter().flatten().map(|dim| dim.unwrap_or(1)).collect()
}

/// Bytes of a tensor.
fn bytes(dtype: DType, dims: &[u64]) -> usize {
    let element = if integers(dtype).is_some() { 1 } else { 4 };
    let elements = dims.iter().fold(1u64, |product, dim| product.saturating_mul(*dim));
    usize::try_from(elements.saturating_mul(element)).unwrap_or(usize::MAX)
}
