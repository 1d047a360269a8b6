//! The stream network: frame by frame, with states that carry what was seen.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use ndarray::{Array1, ArrayView, ArrayView3, ArrayView4, Axis, Dimension};

use super::recognise::{self, IMAGE, StepSignature};
use super::{MovinetError, StateName};
use crate::runtime::Runtime;
use crate::saved_model::{Function, SavedModel, SessionConfig, Tensor};

/// A loaded stream model.
#[derive(Debug)]
pub struct StreamModel {
    model: SavedModel,
    /// Those for fewer shapes of input first, the one for most of all last.
    steps: Vec<Function>,
    init: Option<Function>,
    /// Names of the states as the last step's signature has them.
    state_inputs: Vec<String>,
    step_signature: String,
}

/// The recurrent states between two steps, in the model's own order: float32 buffers and int32 counters.
#[derive(Debug)]
pub struct States {
    tensors: Vec<Tensor>,
}

/// Dimensions of a step's inputs, and values of tensors, each by name.
pub(crate) type Observation = (HashMap<String, Vec<u64>>, HashMap<String, Tensor>);

impl States {
    /// Number of states: 43 for a0, 73 for a2.
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// The states' tensors, in the order of [`StreamModel::state_names`].
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Whether the model has no states.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }
}

impl StreamModel {
    /// Loads the stream model in `folder`.
    ///
    /// # Errors
    /// [`MovinetError`] when the SavedModel cannot be loaded or isn't a stream MoViNet.
    pub fn load(runtime: &Runtime, folder: &Path, config: SessionConfig) -> Result<Self, MovinetError> {
        Self::of(SavedModel::load(runtime, folder, config)?)
    }

    /// `model` as a stream model, if it is one.
    pub(super) fn of(model: SavedModel) -> Result<Self, MovinetError> {
        let path = model.path().to_owned();
        let found =
            recognise::stream(model.signatures()).map_err(|reason| match recognise::base(model.signatures()) {
                Some(_) => MovinetError::BaseGivenAsStream { path },
                None => MovinetError::NotAMovinet { path, reason },
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
        Ok(Self { model, steps, init, state_inputs, step_signature })
    }

    /// The SavedModel underneath.
    pub fn saved_model(&self) -> &SavedModel {
        &self.model
    }

    /// Number of states.
    pub fn state_count(&self) -> usize {
        self.state_inputs.len()
    }

    /// Height and width of its frames in pixels, where it was exported for frames of one size and as high as wide.
    pub fn fixed_size(&self) -> Option<usize> {
        let image = self.model.signatures()[&self.step_signature].input(IMAGE)?;
        match image.shape.as_deref()? {
            &[_, _, Some(height), Some(width), _] if height == width => usize::try_from(height).ok(),
            _ => None,
        }
    }

    /// Names of the states, in the model's own order, as its signature has them.
    pub fn state_names(&self) -> Vec<StateName> {
        self.state_inputs.iter().map(|name| StateName::parse(name)).collect()
    }

    /// States for a clip of which nothing was seen yet; `frames` is how many go into one step, usually 1.
    ///
    /// # Errors
    /// [`MovinetError`] when TensorFlow fails, or when the model has no `init_states` and its states vary in shape.
    pub fn init_states(&self, frames: usize, height: usize, width: usize) -> Result<States, MovinetError> {
        let tensors = match &self.init {
            Some(init) => {
                let shape = [1, frames as i32, height as i32, width as i32, 3];
                init.run([&Tensor::int32(&shape)])?
            }
            None => self.zeros()?,
        };
        Ok(States { tensors })
    }

    /// Zeros in the shapes that the step signature fixes; a model exported for one input shape needs no more.
    fn zeros(&self) -> Result<Vec<Tensor>, MovinetError> {
        let signature = &self.model.signatures()[&self.step_signature];
        let zero = |name: &String| {
            let spec = signature.input(name)?;
            let dims: Option<Vec<u64>> = spec.shape.as_ref()?.iter().copied().collect();
            Tensor::zeros(spec.dtype, &dims?)
        };
        self.state_inputs
            .iter()
            .map(|name| {
                zero(name).ok_or_else(|| MovinetError::NotAMovinet {
                    path: self.model.path().to_owned(),
                    reason: format!("it has no signature that makes states, and state '{name}' varies in shape"),
                })
            })
            .collect()
    }

    /// A frame `(height, width, 3)`, float32 in [0, 1], as [`StreamModel::step`] takes it.
    pub fn frame(&self, frame: ArrayView3<f32>) -> Tensor {
        let (height, width, channels) = frame.dim();
        let mut image = Tensor::float32(&[1, 1, height as u64, width as u64, channels as u64]);
        fill(&mut image, frame);
        image
    }

    /// Shows the model the next frames, `(1, frames, height, width, 3)`, and gives the logits `(classes)` after the
    /// last of them, with the states to go on with. No state is copied: what this step fetched, the next one feeds.
    ///
    /// # Errors
    /// [`MovinetError`] when the frames or states don't fit the model or TensorFlow fails.
    pub fn step(&self, frames: &Tensor, states: States) -> Result<(Array1<f32>, States), MovinetError> {
        // A step for just this shape has less to do; the last takes all shapes, or says why it doesn't.
        let fitting = self.steps.iter().find(|step| step.accepts(0, frames)).or(self.steps.last());
        let step = fitting.unwrap_or_else(|| unreachable!("a stream model has a step"));
        let mut outputs = step.run(std::iter::once(frames).chain(&states.tensors))?;
        let tensors = outputs.split_off(1);
        Ok((logits_of(outputs.first(), self.model.path())?, States { tensors }))
    }

    /// Whether it takes frames of this height and width.
    pub(crate) fn accepts(&self, height: usize, width: usize) -> bool {
        let frame = Tensor::float32(&[1, 1, height as u64, width as u64, 3]);
        self.steps.iter().any(|step| step.accepts(0, &frame))
    }

    /// Name of the signature that takes frames of most shapes.
    pub(crate) fn step_signature(&self) -> &str {
        &self.step_signature
    }

    /// What `tensors` of the graph are while the model sees the first frame of a clip, `size` pixels high and wide and
    /// black. Beside them, the dimensions of the step's inputs by name.
    pub(crate) fn observe(&self, size: usize, tensors: &[String]) -> Result<Observation, MovinetError> {
        let inputs: Vec<_> = std::iter::once(IMAGE).chain(self.state_inputs.iter().map(String::as_str)).collect();
        let (probe, names) = self.model.probe(&self.step_signature, &inputs, tensors)?;
        let states = self.init_states(1, size, size)?;
        let frame = Tensor::float32(&[1, 1, size as u64, size as u64, 3]);
        let feeds: Vec<_> = std::iter::once(&frame).chain(&states.tensors).collect();
        let values = probe.run(feeds.iter().copied())?;
        let inputs = inputs.into_iter().map(str::to_owned).zip(feeds.iter().map(|feed| feed.dims().to_vec()));
        Ok((inputs.collect(), names.into_iter().zip(values).collect()))
    }

    /// Time spent so far inside the C library's run call, for states and steps together.
    pub fn time_inside(&self) -> Duration {
        self.steps.iter().map(Function::time_inside).sum::<Duration>()
            + self.init.as_ref().map_or(Duration::ZERO, Function::time_inside)
    }

    /// Shows the model a clip `(frames, height, width, 3)` frame by frame.
    ///
    /// # Errors
    /// As [`StreamModel::init_states`]; the iterator's items as [`StreamModel::step`].
    pub fn stream<'a>(&'a self, clip: ArrayView4<'a, f32>) -> Result<Streaming<'a>, MovinetError> {
        let (_, height, width, channels) = clip.dim();
        let states = self.init_states(1, height, width)?;
        let image = Tensor::float32(&[1, 1, height as u64, width as u64, channels as u64]);
        Ok(Streaming { model: self, clip, next: 0, image, states: Some(states) })
    }
}

/// What one frame gave.
#[derive(Debug)]
pub struct Step {
    /// Logits `(classes)` after this frame.
    pub logits: Array1<f32>,
    /// How long the step took, everything included.
    pub elapsed: Duration,
}

/// A clip going through a stream model; each item is one frame's [`Step`]. It ends at the first error.
#[derive(Debug)]
pub struct Streaming<'a> {
    model: &'a StreamModel,
    clip: ArrayView4<'a, f32>,
    next: usize,
    /// Reused for each frame: no output of a MoViNet shares the memory of its input.
    image: Tensor,
    states: Option<States>,
}

impl Iterator for Streaming<'_> {
    type Item = Result<Step, MovinetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.clip.len_of(Axis(0)) {
            return None;
        }
        let states = self.states.take()?;
        let began = Instant::now();
        fill(&mut self.image, self.clip.index_axis(Axis(0), self.next));
        let (logits, states) = match self.model.step(&self.image, states) {
            Ok(result) => result,
            Err(error) => return Some(Err(error)),
        };
        self.states = Some(states);
        self.next += 1;
        Some(Ok(Step { logits, elapsed: began.elapsed() }))
    }
}

/// Copies `values` into a float32 tensor of as many elements.
pub(super) fn fill<D: Dimension>(tensor: &mut Tensor, values: ArrayView<f32, D>) {
    let Some(to) = tensor.as_float32_mut() else { return };
    match values.as_slice() {
        Some(from) => to.copy_from_slice(from),
        None => to.iter_mut().zip(values.iter()).for_each(|(to, from)| *to = *from),
    }
}

/// The logits `(classes)` in an output `(1, classes)`.
pub(super) fn logits_of(output: Option<&Tensor>, path: &Path) -> Result<Array1<f32>, MovinetError> {
    let dims = output.map_or(&[][..], Tensor::dims);
    match (dims, output.and_then(Tensor::as_float32)) {
        ([1, _], Some(values)) => Ok(Array1::from(values.to_vec())),
        _ => Err(MovinetError::Logits { path: path.to_owned(), got: dims.to_vec() }),
    }
}
