//! The stream network: frame by frame, with states that carry what was seen.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ndarray::Array1;

use super::{Function, SavedModel, SessionConfig, Tensor, output};
use crate::engine::{EngineError, StateValues, StateView, Stream, StreamNetwork};
use crate::movinet::recognise::{self, IMAGE, StepSignature};
use crate::movinet::{StateName, TensorSpec, fixed_frames, fixed_size, size_by_states};
use crate::runtime::Runtime;

/// A loaded stream model.
#[derive(Debug, Clone)]
pub struct StreamModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    model: SavedModel,
    /// Those for fewer shapes of input first, the one for most of all last.
    steps: Vec<Function>,
    init: Option<Function>,
    /// Names of the states as the last step's signature has them.
    state_inputs: Vec<String>,
    /// Name of the last step's signature.
    step_signature: String,
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
        let path = model.path().to_owned();
        let found =
            recognise::stream(model.signatures()).map_err(|reason| match recognise::base(model.signatures()) {
                Some(_) => EngineError::BaseGivenAsStream { path },
                None => EngineError::NotAMovinet { path, reason },
            })?;
        let step = |step: &StepSignature| {
            let states = step.states.iter();
            let inputs: Vec<_> =
                std::iter::once(IMAGE).chain(states.clone().map(|(input, _)| input.as_str())).collect();
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
        let (step_signature, states) = general.map(|step| (step.name, step.states)).unwrap_or_default();
        let state_inputs = states.into_iter().map(|(input, _)| input).collect();
        Ok(Self { inner: Arc::new(Inner { model, steps, init, state_inputs, step_signature }) })
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> &SavedModel {
        &self.inner.model
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

    /// What `tensors` of the graph are while the model sees the first frame of a clip, `size` pixels high and wide and
    /// black. Beside them, the dimensions of the step's inputs by name.
    pub(crate) fn observe(&self, size: usize, tensors: &[String]) -> Result<Observation, EngineError> {
        let Inner { model, state_inputs, step_signature, .. } = &*self.inner;
        let inputs: Vec<_> = std::iter::once(IMAGE).chain(state_inputs.iter().map(String::as_str)).collect();
        let (probe, names) = model.probe(step_signature, &inputs, tensors)?;
        let (states, _) = self.inner.init_states(size, size)?;
        let frame = Tensor::float32(&self.inner.dims(size, size))?;
        let feeds: Vec<_> = std::iter::once(&frame).chain(&states).collect();
        let (values, _) = probe.run(feeds.iter().copied())?;
        let inputs = inputs.into_iter().map(str::to_owned).zip(feeds.iter().map(|feed| feed.dims().to_vec()));
        Ok((inputs.collect(), names.into_iter().zip(values).collect()))
    }
}

impl StreamNetwork for StreamModel {
    fn own_size(&self) -> Option<usize> {
        self.inner.image().and_then(fixed_size).or_else(|| size_by_states(self.inner.state_inputs.len()))
    }

    fn frames_per_step(&self) -> usize {
        self.inner.frames_per_step()
    }

    fn begin(&self, height: usize, width: usize) -> Result<Box<dyn Stream>, EngineError> {
        let (states, time_inside) = self.inner.init_states(height, width)?;
        let image = Tensor::float32(&self.inner.dims(height, width))?;
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
        self.model.signatures().get(&self.step_signature)?.input(IMAGE)
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
        let zeros = spec().map(|(dtype, dims)| Tensor::zeros(dtype, &dims)).transpose()?.flatten();
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
    /// What the next step is fed, reused for each: no output of a MoViNet shares the memory of its input.
    image: Tensor,
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
        let frames = self.image.as_float32_mut().unwrap_or_default();
        &mut frames[self.filled * length..(self.filled + 1) * length]
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
        let fitting = steps.iter().find(|step| step.accepts(0, self.image.dims())).or(steps.last());
        let step = fitting.unwrap_or_else(|| unreachable!("a stream model has a step"));
        let (mut outputs, inside) = step.run(std::iter::once(&self.image).chain(&states))?;
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
        self.names.iter().zip(self.states.iter().flatten()).map(|(name, tensor)| view(name, tensor)).collect()
    }

    fn time_inside(&self) -> Duration {
        self.time_inside
    }
}

fn view<'a>(name: &StateName, tensor: &'a Tensor) -> StateView<'a> {
    let values = match tensor {
        Tensor::Float32(values) => StateValues::Float32(values),
        Tensor::Int32(values) => StateValues::Int32(values),
    };
    StateView { name: name.clone(), dims: tensor.dims(), values }
}
