//! The stream network: frame by frame, with states that carry what was seen.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ndarray::Array1;

use super::frames::Frames;
use super::{Function, SavedModel, SessionConfig, Tensor, output};
use crate::catalog::Family;
use crate::engine::{EngineError, StateValues, StateView, Stream, StreamNetwork};
use crate::movinet::recognise::{self, Network, Signatures, StepSignature, StreamSignatures};
use crate::movinet::{DType, StateName, TensorSpec, family, fixed_frames, own_size};
use crate::runtime::Runtime;

/// A loaded stream model.
#[derive(Debug, Clone)]
pub struct StreamModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    model: Arc<SavedModel>,
    /// Those for fewer shapes of input first, the one for most of all last.
    steps: Vec<Function>,
    init: Option<Function>,
    /// Names of the states as the last step's signature has them.
    state_inputs: Vec<String>,
    /// Name of the last step's signature.
    step_signature: String,
    /// Name of the frames in it.
    image_input: String,
}

/// Dimensions of a step's inputs, and values of tensors, each by name.
type Observation = (HashMap<String, Vec<u64>>, HashMap<String, Tensor>);

impl StreamModel {
    /// Loads the stream model in `folder`.
    ///
    /// # Errors
    /// [`EngineError`] when the SavedModel cannot be loaded or isn't a stream MoViNet.
    pub fn load(runtime: &Runtime, folder: impl AsRef<Path>, config: SessionConfig) -> Result<Self, EngineError> {
        Self::of(SavedModel::load(runtime, folder, config)?)
    }

    /// `model` as a stream model, if it is one.
    pub(super) fn of(model: SavedModel) -> Result<Self, EngineError> {
        let found = recognised(model.signatures(), model.path())?;
        let step = |step: &StepSignature| {
            let states = step.states.iter();
            let frames = std::iter::once(step.image.as_str());
            let inputs: Vec<_> = frames.chain(states.clone().map(|(input, _)| input.as_str())).collect();
            let outputs: Vec<_> =
                std::iter::once(step.logits.as_str()).chain(states.map(|(_, output)| output.as_str())).collect();
            model.function(&step.name, &inputs, &outputs).map(Function::in_calling_thread)
        };
        let steps = found.steps.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        let init = found
            .init
            .map(|init| {
                let outputs: Vec<_> = init.outputs.iter().map(String::as_str).collect();
                model.function(&init.name, &[&init.shape_input], &outputs)
            })
            .transpose()?;
        let general = found.steps.into_iter().next_back();
        let general = general.unwrap_or_else(|| unreachable!("a stream network has a step"));
        let state_inputs = general.states.into_iter().map(|(input, _)| input).collect();
        let (step_signature, image_input) = (general.name, general.image);
        let model = Arc::new(model);
        Ok(Self { inner: Arc::new(Inner { model, steps, init, state_inputs, step_signature, image_input }) })
    }

    /// Whether the SavedModel in `folder` is a stream model, without loading it.
    ///
    /// # Errors
    /// [`EngineError`] where it isn't, or cannot be read.
    pub fn check(folder: &Path) -> Result<(), EngineError> {
        recognised(&SavedModel::signatures_in(folder)?, folder).map(drop)
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> Arc<SavedModel> {
        Arc::clone(&self.inner.model)
    }

    /// Whether it takes frames of this height and width.
    pub(super) fn accepts(&self, height: usize, width: usize) -> bool {
        let dims = self.inner.dims(height, width);
        self.inner.steps.iter().any(|step| step.accepts(0, &dims))
    }

    /// Name of the signature that takes frames of most shapes.
    pub(crate) fn step_signature(&self) -> &str {
        &self.inner.step_signature
    }

    /// Name of the frames among its inputs.
    pub(crate) fn image_input(&self) -> &str {
        &self.inner.image_input
    }

    /// What `tensors` of the graph are while the model sees the first frame of a clip, `size` pixels high and wide and
    /// black. Beside them, the dimensions of the step's inputs by name.
    pub(crate) fn observe(&self, size: usize, tensors: &[String]) -> Result<Observation, EngineError> {
        let Inner { model, state_inputs, step_signature, image_input, .. } = &*self.inner;
        let inputs: Vec<_> =
            std::iter::once(image_input.as_str()).chain(state_inputs.iter().map(String::as_str)).collect();
        let (probe, names) = model.probe(step_signature, &inputs, tensors)?;
        let (states, _) = self.inner.init_states(size, size)?;
        let frame = self.inner.frames(size, size)?;
        let frame = frame.feed()?;
        let feeds: Vec<_> = std::iter::once(&*frame).chain(&states).collect();
        // TensorFlow runs nothing where nothing is asked for.
        let values = if names.is_empty() { Vec::new() } else { probe.run(feeds.iter().copied())?.0 };
        let inputs = inputs.into_iter().map(str::to_owned).zip(feeds.iter().map(|feed| feed.dims().to_vec()));
        Ok((inputs.collect(), names.into_iter().zip(values).collect()))
    }
}

impl StreamNetwork for StreamModel {
    fn own_size(&self) -> Option<usize> {
        own_size(self.inner.model.signatures())
    }

    fn outputs(&self) -> Option<usize> {
        self.inner.steps.last()?.gives(0)
    }

    fn family(&self) -> Option<&'static Family> {
        family(self.inner.model.signatures())
    }

    fn frames_per_step(&self) -> usize {
        self.inner.frames_per_step()
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let (states, time_inside) = self.inner.init_states(height, width)?;
        let image = self.inner.frames(height, width)?;
        let names = self.inner.state_inputs.iter().map(|name| StateName::parse(name)).collect();
        let inner = Arc::clone(&self.inner);
        Ok(Box::new(Streaming {
            inner,
            size: (height, width),
            image,
            filled: 0,
            states: Some(states),
            names,
            time_inside,
        }))
    }
}

impl Inner {
    fn image(&self) -> Option<&TensorSpec> {
        self.model.signatures().get(&self.step_signature)?.input(&self.image_input)
    }

    /// What one step is fed, black.
    fn frames(&self, height: usize, width: usize) -> Result<Frames, EngineError> {
        let dtype = self.steps.last().map_or(DType::Float32, |step| step.takes(0));
        Frames::new(dtype, &self.dims(height, width))
    }

    fn frames_per_step(&self) -> usize {
        self.image().and_then(fixed_frames).unwrap_or(1).max(1)
    }

    /// Dimensions of what one step takes.
    fn dims(&self, height: usize, width: usize) -> [u64; 5] {
        [1, self.frames_per_step() as u64, height as u64, width as u64, 3]
    }

    /// States for a clip of which nothing was seen yet, in the order of `state_inputs`, and how long TensorFlow took.
    fn init_states(&self, height: usize, width: usize) -> Result<(Vec<Tensor>, Duration), EngineError> {
        match &self.init {
            Some(init) => init.run([&Tensor::int32(&self.dims(height, width).map(|dim| dim as i32))]),
            None => {
                let zeros = self.state_inputs.iter().map(|name| self.zeros(name)).collect::<Result<_, _>>()?;
                Ok((zeros, Duration::ZERO))
            }
        }
    }

    /// Zeros in the shape that the step signature fixes; a model exported for one input shape needs no more.
    fn zeros(&self, state: &String) -> Result<Tensor, EngineError> {
        let spec = || {
            let spec = self.model.signatures().get(&self.step_signature)?.input(state)?;
            let dims: Option<Vec<u64>> = spec.shape.as_ref()?.iter().copied().collect();
            Some((spec.dtype, dims?))
        };
        let zeros =
            spec().map(|(dtype, dims)| Tensor::zeros(&format!("state '{state}'"), dtype, &dims)).transpose()?.flatten();
        zeros.ok_or_else(|| EngineError::NotAMovinet {
            path: self.model.path().to_owned(),
            reason: format!("it has no signature that makes states, and state '{state}' varies in shape"),
        })
    }
}

/// Frames on their way through the model.
#[derive(Debug)]
struct Streaming {
    inner: Arc<Inner>,
    /// Height and width of the frames.
    size: (usize, usize),
    /// What the next step is fed, reused for each as long as no output shares its memory.
    image: Frames,
    /// Frames of `image` that were shown since the last step.
    filled: usize,
    /// Absent after a failure. No state is copied: what one step fetched, the next one feeds.
    states: Option<Vec<Tensor>>,
    names: Vec<StateName>,
    time_inside: Duration,
}

impl Stream for Streaming {
    fn input(&mut self) -> &mut [f32] {
        let length = self.size.0 * self.size.1 * 3;
        &mut self.image.pixels_mut()[self.filled * length..(self.filled + 1) * length]
    }

    fn step(&mut self) -> Result<Option<Array1<f32>>, EngineError> {
        let path = self.inner.model.path();
        let states = self.states.take().ok_or_else(|| EngineError::Broken { path: path.to_owned() })?;
        if self.filled + 1 < self.inner.frames_per_step() {
            self.filled += 1;
            self.states = Some(states);
            return Ok(None);
        }
        self.filled = 0;
        // A step for just this shape has less to do; the last takes all shapes, or says why it doesn't.
        let steps = &self.inner.steps;
        let fed = self.image.feed()?;
        let fits = |step: &&Function| step.fits(std::iter::once(&*fed).chain(&states));
        let step = steps.iter().find(fits).or(steps.last());
        let step = step.unwrap_or_else(|| unreachable!("a stream model has a step"));
        let (mut outputs, inside) = step.run(std::iter::once(&*fed).chain(&states))?;
        drop(fed);
        self.image.let_go_of_shared(&outputs)?;
        self.time_inside += inside;
        self.states = Some(outputs.split_off(1));
        output::logits(outputs.first(), path).map(Some)
    }

    fn reset(&mut self) -> Result<(), EngineError> {
        let (states, inside) = self.inner.init_states(self.size.0, self.size.1)?;
        (self.filled, self.states) = (0, Some(states));
        self.time_inside += inside;
        Ok(())
    }

    fn states(&self) -> Vec<StateView<'_>> {
        self.names.iter().zip(self.states.iter().flatten()).filter_map(|(name, tensor)| view(name, tensor)).collect()
    }

    fn time_inside(&self) -> Duration {
        self.time_inside
    }
}

/// A state to look at; no state is of another type than these.
fn view<'a>(name: &StateName, tensor: &'a Tensor) -> Option<StateView<'a>> {
    let values = match tensor {
        Tensor::Float32(values) => StateValues::Float32(values),
        Tensor::Int32(values) => StateValues::Int32(values),
        Tensor::UInt8(_) => return None,
    };
    Some(StateView { name: name.clone(), dims: tensor.dims(), values })
}

/// The stream network's signatures among those of the model in `path`.
fn recognised(signatures: &Signatures, path: &Path) -> Result<StreamSignatures, EngineError> {
    let path = || path.to_owned();
    recognise::stream(signatures).map_err(|_| match recognise::network(signatures) {
        Ok(Network::Base(_)) => EngineError::BaseGivenAsStream { path: path() },
        Ok(Network::Stream(_)) => unreachable!("it was not recognised"),
        Err(reason) => EngineError::NotAMovinet { path: path(), reason },
    })
}
