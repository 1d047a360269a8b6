//! Frames on their way through a TF Lite model.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array1;

use super::buffer::Buffer;
use super::loaded::Loaded;
use super::rail::Rail;
use crate::engine::{EngineError, StateView, Stream};
use crate::movinet::{DType, Quantisation, TensorSpec, integers};

/// Frames going through a model, with its states.
#[derive(Debug)]
pub(super) struct Streaming {
    inner: Arc<Loaded>,
    /// Everything that goes in or comes out.
    buffers: Vec<Buffer>,
    /// Which buffer serves as which input and output; a step's outputs are the next one's inputs.
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    /// What is filled where the model takes integers; else that is its input itself.
    numbers: Vec<f32>,
    /// Values of a frame.
    length: usize,
    /// Frames that were shown since the last step.
    filled: usize,
    /// Steps since the beginning of the clip.
    steps: usize,
    broken: bool,
    /// Those of the states that are watched.
    rails: Vec<Option<Rail>>,
    warning: Option<String>,
    /// Of several sums, the first is told.
    warned: bool,
    time_inside: Duration,
}

impl Streaming {
    /// A stream of frames of `length` values, of which nothing was seen yet.
    pub fn new(inner: Arc<Loaded>, length: usize) -> Result<Self, EngineError> {
        let (buffers, inputs, outputs) = inner.buffers()?;
        let numbers = match inner.image.0.dtype {
            DType::Float32 => Vec::new(),
            _ => vec![0.0; length * inner.frames_per_step()],
        };
        let rails = inner.states.iter().map(|state| state.rail.clone()).collect();
        let (filled, steps, broken, warning, time_inside) = (0, 0, false, None, Duration::ZERO);
        let mut stream = Self {
            inner,
            buffers,
            inputs,
            outputs,
            numbers,
            length,
            filled,
            steps,
            broken,
            rails,
            warning,
            warned: false,
            time_inside,
        };
        stream.begin();
        Ok(stream)
    }

    fn begin(&mut self) {
        for state in &self.inner.states {
            state.begin(&mut self.buffers[self.inputs[state.places.0]]);
        }
    }

    /// The integers that the model takes for the numbers that were filled.
    fn quantise(&mut self) {
        let (spec, place) = &self.inner.image;
        let buffer = &mut self.buffers[self.inputs[*place]];
        // Bytes without a scale are those of pictures.
        let quantisation = spec.quantisation.unwrap_or(Quantisation { scale: 1.0 / 255.0, zero_point: 0 });
        let range = integers(spec.dtype).unwrap_or_default();
        let integer = |number: &f32| quantisation.integer(*number, range);
        match spec.dtype {
            DType::Int8 => {
                buffer.values_mut::<i8>().iter_mut().zip(&self.numbers).for_each(|(to, n)| *to = integer(n) as i8)
            }
            DType::UInt8 => {
                buffer.values_mut::<u8>().iter_mut().zip(&self.numbers).for_each(|(to, n)| *to = integer(n) as u8);
            }
            _ => {}
        }
    }

    /// Makes the states that came out those that go in next. Nothing is copied.
    fn hand_on(&mut self) {
        for state in self.inner.states.iter().filter(|state| !state.passes) {
            std::mem::swap(&mut self.inputs[state.places.0], &mut self.outputs[state.places.1]);
        }
    }

    /// Looks at the running sums as they came out, before they are requantised.
    fn watch(&mut self) {
        if self.warned {
            return;
        }
        for (state, rail) in self.inner.states.iter().zip(&mut self.rails) {
            let Some(rail) = rail else { continue };
            let buffer = &self.buffers[self.inputs[state.places.0]];
            let out = state.quantisation.map(|(_, out)| out);
            let seen = match (state.dtype, out) {
                (DType::Int8, Some(out)) => {
                    rail.seen(self.steps, buffer.values::<i8>().iter().map(|v| out.number((*v).into())))
                }
                (DType::UInt8, Some(out)) => {
                    rail.seen(self.steps, buffer.values::<u8>().iter().map(|v| out.number((*v).into())))
                }
                _ => rail.seen(self.steps, buffer.values::<f32>().iter().copied()),
            };
            if let (Some((since, percent)), None) = (seen, &self.warning) {
                self.warned = true;
                self.warning = Some(format!(
                    "{percent} % of the running sum '{}' stand at the end of its range since frame {since}: the model is \
                     quantised for shorter clips, and what it says fades from there on",
                    state.name
                ));
            }
        }
    }
}

impl Stream for Streaming {
    fn input(&mut self) -> &mut [f32] {
        let at = self.filled * self.length..(self.filled + 1) * self.length;
        let (spec, place) = &self.inner.image;
        let numbers = match spec.dtype {
            DType::Float32 => self.buffers[self.inputs[*place]].values_mut(),
            _ => &mut self.numbers[..],
        };
        &mut numbers[at]
    }

    fn step(&mut self) -> Result<Option<Array1<f32>>, EngineError> {
        if self.broken {
            return Err(EngineError::Broken { path: self.inner.path.clone() });
        }
        if self.filled + 1 < self.inner.frames_per_step() {
            self.filled += 1;
            return Ok(None);
        }
        self.filled = 0;
        self.quantise();
        let began = Instant::now();
        let inner = Arc::clone(&self.inner);
        let Loaded { compiled, path, .. } = &*inner;
        let outcome = compiled.run(&mut self.buffers, &self.inputs, &self.outputs, path);
        self.time_inside += began.elapsed();
        self.broken = outcome.is_err();
        outcome?;
        self.hand_on();
        self.watch();
        for state in &inner.states {
            state.requantise(&mut self.buffers[self.inputs[state.places.0]]);
        }
        self.steps += 1;
        let (spec, place) = &inner.logits;
        logits(spec, &self.buffers[self.outputs[*place]], path).map(Some)
    }

    fn reset(&mut self) -> Result<(), EngineError> {
        (self.filled, self.steps, self.broken) = (0, 0, false);
        self.rails.iter_mut().flatten().for_each(Rail::reset);
        self.begin();
        Ok(())
    }

    fn states(&self) -> Vec<StateView<'_>> {
        self.inner.states.iter().filter_map(|state| state.view(&self.buffers[self.inputs[state.places.0]])).collect()
    }

    fn warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    fn time_inside(&self) -> Duration {
        self.time_inside
    }
}

/// The logits `(classes)` in an output `(1, classes)`.
fn logits(spec: &TensorSpec, buffer: &Buffer, path: &Path) -> Result<Array1<f32>, EngineError> {
    let refused = || EngineError::Logits {
        path: path.to_owned(),
        got: spec.shape.iter().flatten().map(|dim| dim.unwrap_or(0)).collect(),
    };
    if !matches!(spec.shape.as_deref(), Some([Some(1), Some(_)])) {
        return Err(refused());
    }
    match (spec.dtype, spec.quantisation) {
        (DType::Float32, _) => Ok(Array1::from(buffer.values::<f32>().to_vec())),
        (DType::Int8, Some(of)) => Ok(buffer.values::<i8>().iter().map(|value| of.number((*value).into())).collect()),
        (DType::UInt8, Some(of)) => Ok(buffer.values::<u8>().iter().map(|value| of.number((*value).into())).collect()),
        _ => Err(refused()),
    }
}
