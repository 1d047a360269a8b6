//! A stream network in a TF Lite file, loaded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::buffer::Buffer;
use super::check::{Checked, checked};
use super::compiled::CompiledSignature;
use super::handle::{OwnedCompiledModel, OwnedModel};
use super::rail::Rail;
use super::state::State;
use super::stream::Streaming;
use crate::catalog::Family;
use crate::engine::{EngineError, Stream, StreamNetwork};
use crate::movinet::recognise::StepSignature;
use crate::movinet::{DType, StateName, TensorSpec, family, fixed_frames, integers, own_size};
use crate::runtime::Library;
use crate::tflite::{Role, TfLiteFile};

/// A loaded stream network. It runs on one thread where nothing else is said: more make it slower.
#[derive(Debug, Clone)]
pub struct LiteRtStreamModel {
    inner: Arc<Inner>,
}

/// What the streams of a model share.
#[derive(Debug)]
pub(super) struct Inner {
    pub path: PathBuf,
    pub compiled: CompiledSignature,
    /// The frames, and their place among the inputs.
    pub image: (TensorSpec, usize),
    /// The answer, and its place among the outputs.
    pub logits: (TensorSpec, usize),
    pub states: Vec<State>,
    signature: String,
    size: Option<usize>,
    family: Option<&'static Family>,
}

/// Buffers, and which of them serves as each input and as each output.
type Assigned = (Vec<Buffer>, Vec<usize>, Vec<usize>);

impl LiteRtStreamModel {
    /// Loads the stream network in the TF Lite file at `path`, which is to run on so many threads.
    ///
    /// # Errors
    /// [`EngineError`] when the file cannot be read, is no stream network that can run here, or LiteRT refuses it.
    pub fn load(library: &Arc<Library>, path: impl AsRef<Path>, threads: Option<u16>) -> Result<Self, EngineError> {
        let path = path.as_ref();
        let Checked { bytes, file, step } = checked(path)?;
        let model = OwnedModel::new(Arc::clone(library), bytes, path)?;
        let compiled = OwnedCompiledModel::new(model, threads.unwrap_or(1), path)?;
        let compiled = CompiledSignature::new(compiled, &step.name, path)?;
        Ok(Self { inner: Arc::new(Inner::new(compiled, &file, &step, path)?) })
    }
}

impl Inner {
    fn new(
        compiled: CompiledSignature,
        file: &TfLiteFile,
        step: &StepSignature,
        path: &Path,
    ) -> Result<Self, EngineError> {
        let missing = |role, wanted: &str, present: &[super::compiled::Port]| EngineError::NoTensor {
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

impl StreamNetwork for LiteRtStreamModel {
    fn own_size(&self) -> Option<usize> {
        self.inner.size
    }

    fn family(&self) -> Option<&'static Family> {
        self.inner.family
    }

    fn frames_per_step(&self) -> usize {
        self.inner.frames_per_step()
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let (spec, _) = &self.inner.image;
        let got = [1, self.inner.frames_per_step() as u64, height as u64, width as u64, 3];
        if !spec.accepts(spec.dtype, &got) {
            return Err(EngineError::Mismatch {
                signature: self.inner.signature.clone(),
                tensor: spec.name.clone(),
                expected: spec.to_string(),
                got: format!("{} ({})", spec.dtype, got.map(|dim| dim.to_string()).join(", ")),
            });
        }
        Ok(Box::new(Streaming::new(Arc::clone(&self.inner), height * width * 3)?))
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
