//! From TensorFlow's operations to TF Lite's, one by one.
//!
//! A value is its numbers in their order: the tensor that holds them may have another shape than TensorFlow's, and is
//! reshaped only where an operator's result depends on it. A single frame's `(1, 1, height, width, channels)` so becomes a
//! picture of four dimensions, and most reshapes between the two are nothing.

mod arithmetic;
mod convolution;
mod movement;
mod parts;
mod reduction;
mod values;

use std::collections::HashMap;

use super::model::{Activation, Content, Element, Kind, Model, Port};
use crate::movinet::StateName;
use crate::prepare::{FLOAT, INT32, NodeDef, StepGraph, split};
use values::{Lowering, Value};

/// The step as operators of TF Lite, by the official files' names.
///
/// # Errors
/// Names the operation that cannot be expressed, or says what else stands against it.
pub(super) fn lower(step: &StepGraph) -> Result<Model, String> {
    let mut lowering = Lowering::of(&step.graph);
    let names = &step.names;
    let mut states: Vec<_> =
        names.states.iter().map(|(input, output)| (StateName::parse(input), input, output)).collect();
    states.sort();
    let fed = states.iter().map(|(name, input, _)| (name.official(), *input));
    for (name, input) in std::iter::once((IMAGE.to_owned(), &names.image)).chain(fed) {
        let info = step.signature.inputs.get(input).ok_or_else(|| format!("it has no input '{input}'"))?;
        let dims = step.dims(input).ok_or_else(|| format!("the shape of '{input}' is not known"))?;
        if name == IMAGE && !dims.starts_with(&[1, 1]) {
            return Err(format!("it takes more than a single frame of a single clip: '{input}' is {dims:?}"));
        }
        let element = match info.dtype {
            FLOAT => Element::Float32,
            INT32 => Element::Int32,
            _ => return Err(format!("its input '{input}' is neither float32 nor int32")),
        };
        let tensor = lowering.model.tensor(&dims, Content::Computed(element));
        lowering.model.inputs.push(Port { name, tensor });
        lowering.values.insert(split(&info.name).0.to_owned(), Value { tensor, dims });
    }
    let given = states.iter().map(|(name, _, output)| (name.official(), *output));
    for (name, output) in std::iter::once((LOGITS.to_owned(), &names.logits)).chain(given) {
        let info = step.signature.outputs.get(output).ok_or_else(|| format!("it has no output '{output}'"))?;
        lowering.reach(&info.name)?;
        let tensor = lowering.output(&info.name)?;
        lowering.model.outputs.push(Port { name, tensor });
    }
    Ok(lowering.model)
}

/// The frame's name in the official files.
const IMAGE: &str = "image";
/// The answer's name in the official files.
const LOGITS: &str = "logits";

impl Lowering<'_> {
    /// Lowers all that `tensor` needs.
    fn reach(&mut self, tensor: &str) -> Result<(), String> {
        let mut open = vec![split(tensor).0.to_owned()];
        while let Some(name) = open.last() {
            let node = self.graph.node(name).ok_or_else(|| format!("its graph has no node '{name}'"))?;
            let missing: Vec<_> = match self.values.contains_key(name) || node.op == "Const" {
                true => Vec::new(),
                false => node.inputs.iter().map(|input| split(input).0).filter(|name| !self.is_there(name)).collect(),
            };
            if !missing.is_empty() {
                open.extend(missing.into_iter().map(str::to_owned));
                continue;
            }
            if !self.is_there(&node.name) {
                let value = self.node(node).map_err(|reason| format!("{} '{}' {reason}", node.op, node.name))?;
                self.values.insert(node.name.clone(), value);
            }
            open.pop();
        }
        Ok(())
    }

    fn is_there(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.graph.node(name).is_some_and(|node| node.op == "Const")
    }

    /// What `node` gives. An error goes on from the operation's name.
    fn node(&mut self, node: &NodeDef) -> Result<Value, String> {
        const LINEAR: Activation = Activation::Linear;
        match node.op.as_str() {
            "Identity" | "StopGradient" => self.value(&node.inputs[0]),
            "AddV2" | "Add" => self.binary(node, Kind::Add(LINEAR)),
            "BiasAdd" => self.bias(node),
            "Sub" => self.binary(node, Kind::Sub(LINEAR)),
            "Mul" => self.binary(node, Kind::Mul(LINEAR)),
            "RealDiv" | "Div" => self.binary(node, Kind::Div(LINEAR)),
            "Maximum" => self.binary(node, Kind::Maximum),
            "Minimum" => self.binary(node, Kind::Minimum),
            "Relu" => self.unary(node, Kind::Relu),
            "Relu6" => self.unary(node, Kind::Relu6),
            "Sigmoid" => self.unary(node, Kind::Logistic),
            "Sin" => self.unary(node, Kind::Sin),
            "Cos" => self.unary(node, Kind::Cos),
            "Softmax" => self.softmax(node),
            "Cast" => self.cast(node),
            "Conv2D" => self.convolution(node),
            "DepthwiseConv2dNative" => self.depthwise_convolution(node),
            "MatMul" => self.product(node),
            "AvgPool" => self.pool(node, Kind::AveragePool2D),
            "MaxPool" => self.pool(node, Kind::MaxPool2D),
            "Mean" => self.reduction(node, Kind::Mean),
            "Sum" => self.reduction(node, Kind::Sum),
            "Cumsum" => self.running_sum(node),
            "Reshape" => self.reshape(node),
            "Squeeze" => self.squeeze(node),
            "ExpandDims" => self.expand(node),
            "Transpose" => self.transpose(node),
            "ConcatV2" => self.concatenation(node),
            "StridedSlice" => self.strided_slice(node),
            "Slice" => self.slice(node),
            "Range" => self.range(node),
            "Pad" => self.pad(node),
            _ => Err("has no counterpart in TF Lite that is known here".into()),
        }
    }
}

impl<'g> Lowering<'g> {
    fn of(graph: &'g crate::prepare::Graph) -> Self {
        Self { graph, model: Model::default(), values: HashMap::new(), shaped: HashMap::new() }
    }
}
