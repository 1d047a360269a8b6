//! Batch normalisation folded into the convolution before it: the scale into the weights, the rest into a bias.
//!
//! `scale * (x - mean) / sqrt(variance + epsilon) + offset` is `x * a + b`, and the convolution is linear.

use std::collections::HashMap;

use super::graph::{Floats, Graph};
use super::proto::{FLOAT, NodeDef, Value, text};

const CONVOLUTIONS: [&str; 3] = ["Conv2D", "Conv3D", "DepthwiseConv2dNative"];

/// Folds every batch norm that can be; gives their number.
pub(super) fn fold(graph: &mut Graph) -> usize {
    let uses = graph.uses();
    let mut replaced = HashMap::new();
    for at in 0..graph.nodes.len() {
        let Some(folded) = Folded::of(graph, &graph.nodes[at], &uses) else { continue };
        let (norm, conv) = (graph.nodes[at].name.clone(), folded.convolution);
        let weights = graph.add_floats(&norm, &folded.weights);
        let bias = graph.add_floats(&norm, &folded.bias);
        let mut scaled = conv.clone();
        scaled.name = graph.fresh(&norm, "scaled");
        scaled.inputs[1] = weights;
        let scaled = graph.add(scaled);
        let attributes = [("T", Value::Type(FLOAT)), ("data_format", text("NHWC"))];
        let biased = graph.add_op(&norm, "BiasAdd", &[&scaled, &bias], &attributes);
        replaced.insert(norm, biased);
    }
    graph.replace(&replaced);
    replaced.len()
}

struct Folded {
    convolution: NodeDef,
    weights: Floats,
    bias: Floats,
}

impl Folded {
    /// What the batch norm `node` and the convolution before it become; `None` where the pattern doesn't match.
    fn of(graph: &Graph, node: &NodeDef, uses: &HashMap<String, usize>) -> Option<Self> {
        if node.op != "FusedBatchNormV3" || node.attribute("is_training") != Some(&Value::Bool(false)) {
            return None;
        }
        if (1..6).any(|output| uses.contains_key(&format!("{}:{output}", node.name))) {
            return None;
        }
        let input = &node.inputs[0];
        let convolution = graph.producer(input).filter(|conv| CONVOLUTIONS.contains(&conv.op.as_str()))?;
        if uses.get(input) != Some(&1)
            || convolution.text("data_format").is_some_and(|format| format.starts_with(b"NC"))
        {
            return None;
        }
        let Some(Value::Float(epsilon)) = node.attribute("epsilon") else { return None };
        let [scale, offset, mean, variance] = [1, 2, 3, 4].map(|input| graph.floats(&node.inputs[input]));
        let (scale, offset, mean, variance) = (scale?, offset?, mean?, variance?);
        let mut weights = graph.floats(&convolution.inputs[1])?;
        let channels = scale.values.len();
        // The output channels are the last dimension, or for a depthwise convolution the last two together.
        let last = if convolution.op == "DepthwiseConv2dNative" { 2 } else { 1 };
        let outputs: usize = weights.shape.iter().rev().take(last).product();
        if outputs != channels || [&offset, &mean, &variance].iter().any(|values| values.values.len() != channels) {
            return None;
        }
        let root = |channel: usize| (f64::from(variance.values[channel]) + f64::from(*epsilon)).sqrt();
        let factors: Vec<f64> = (0..channels).map(|c| f64::from(scale.values[c]) / root(c)).collect();
        for (at, weight) in weights.values.iter_mut().enumerate() {
            *weight = (f64::from(*weight) * factors[at % channels]) as f32;
        }
        let bias = |c: usize| (f64::from(offset.values[c]) - f64::from(mean.values[c]) * factors[c]) as f32;
        let bias = Floats { shape: vec![channels], values: (0..channels).map(bias).collect() };
        Some(Self { convolution: convolution.clone(), weights, bias })
    }
}
