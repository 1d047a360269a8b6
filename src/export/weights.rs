//! Weights of fewer bits.
//!
//! What is written is what Google's converter writes: half precision is widened again by an operator of its own, which
//! interpreters run once; int8 filters have a scale for each output channel, and interpreters that compute in int8
//! bring activations to it by themselves.

use half::f16;

use super::model::{Content, Kind, Model, Operator, TensorId};

/// What a model's weights are stored as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Weights {
    /// As they are.
    #[default]
    Float32,
    /// In half precision, at half the size.
    Float16,
    /// Filters as 8-bit integers at a quarter of the size; all else as it is ("dynamic range").
    Int8,
}

impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Float32 => "float32",
            Self::Float16 => "float16",
            Self::Int8 => "int8",
        })
    }
}

/// Filters of fewer values stay as they are, as in Google's converter: they would gain nothing.
const FEWEST: usize = 1024;

/// Stores the weights of `model` as `weights`.
pub(super) fn store(model: &mut Model, weights: Weights) {
    match weights {
        Weights::Float32 => {}
        Weights::Float16 => halve(model),
        Weights::Int8 => quantise(model),
    }
}

/// Weights and biases in half precision.
fn halve(model: &mut Model) {
    let mut widened = Vec::new();
    for at in 0..model.operators.len() {
        if !matches!(model.operators[at].kind, Kind::Conv2D(_) | Kind::DepthwiseConv2D(_)) {
            continue;
        }
        for place in 1..model.operators[at].inputs.len() {
            let constant = model.operators[at].inputs[place];
            let Some(halves) = halves(model, constant) else { continue };
            let shape = model.tensors[constant].shape.clone();
            let stored = model.tensor(&shape, Content::Float16(halves));
            let output = model.tensor(&shape, Content::Computed(super::model::Element::Float32));
            widened.push(Operator { kind: Kind::Dequantize, inputs: vec![stored], output });
            model.operators[at].inputs[place] = output;
        }
    }
    model.operators.splice(0..0, widened);
}

/// The constant `tensor` in half precision, unless it holds what that has no number for.
fn halves(model: &Model, tensor: TensorId) -> Option<Vec<u16>> {
    let Content::Float32(values) = &model.tensors[tensor].content else { return None };
    let halves: Vec<_> = values.iter().map(|&value| f16::from_f32(value)).collect();
    halves.iter().all(|half| half.is_finite()).then(|| halves.into_iter().map(f16::to_bits).collect())
}

/// Filters as 8-bit integers.
fn quantise(model: &mut Model) {
    for at in 0..model.operators.len() {
        let axis = match model.operators[at].kind {
            Kind::Conv2D(_) => 0,
            Kind::DepthwiseConv2D(_) => 3,
            _ => continue,
        };
        let filter = &model.tensors[model.operators[at].inputs[1]];
        let Content::Float32(weights) = &filter.content else { continue };
        if weights.len() < FEWEST {
            continue;
        }
        let (shape, channels) = (filter.shape.clone(), filter.shape[axis]);
        let each = weights.len() / channels;
        let channel = |place: usize| if axis == 0 { place / each } else { place % channels };
        let mut largest = vec![0_f32; channels];
        for (place, weight) in weights.iter().enumerate() {
            largest[channel(place)] = largest[channel(place)].max(weight.abs());
        }
        // A channel of zeros has any scale.
        let scales: Vec<_> =
            largest.iter().map(|&largest| if largest > 0.0 { largest / f32::from(i8::MAX) } else { 1.0 }).collect();
        let values = weights.iter().enumerate().map(|(place, weight)| (weight / scales[channel(place)]).round() as i8);
        let content = Content::Int8 { values: values.collect(), scales, axis };
        model.operators[at].inputs[1] = model.tensor(&shape, content);
    }
}
