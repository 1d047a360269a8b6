//! Convolutions with the bias and the activation behind them in one operation, computed by oneDNN where that is faster.
//!
//! Pointwise convolutions alone are left to Eigen, and so are those of averages over all positions, products of a
//! vector and a matrix, in any case: it is faster there.

use std::collections::HashMap;

use super::graph::Graph;
use super::kernels::mark;
use super::proto::{FLOAT, ListValue, NodeDef, Value};

/// Fuses what can be fused; gives the number of convolutions.
pub(super) fn fuse(graph: &mut Graph) -> usize {
    let users = Users::of(graph);
    let mut replaced = HashMap::new();
    let mut fusions = 0;
    for at in 0..graph.nodes.len() {
        let Some(chain) = Chain::of(graph, at, &users) else { continue };
        if chain.kind != Kind::Pointwise || chain.bias.is_some() {
            let (tensors, node) = (chain.tensors.clone(), chain.fused(graph, at));
            let fused = graph.add(node);
            fusions += 1;
            replaced.extend(tensors.into_iter().map(|tensor| (tensor, fused.clone())));
        }
    }
    graph.replace(&replaced);
    fusions
}

/// The nodes that use the values of each tensor, not its shape alone; an output of the graph counts as a use without a
/// node.
struct Users(HashMap<String, Vec<Option<usize>>>);

impl Users {
    fn of(graph: &Graph) -> Self {
        let mut users: HashMap<String, Vec<Option<usize>>> = HashMap::new();
        for (at, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.op != "Shape") {
            node.inputs.iter().for_each(|input| users.entry(input.clone()).or_default().push(Some(at)));
        }
        graph.outputs.iter().for_each(|output| users.entry(output.clone()).or_default().push(None));
        Self(users)
    }

    /// The nodes that use `tensor`, if they are `count`.
    fn exactly<'g>(&self, graph: &'g Graph, tensor: &str, count: usize) -> Option<Vec<&'g NodeDef>> {
        let users = self.0.get(tensor).filter(|users| users.len() == count)?;
        users.iter().map(|user| user.map(|at| &graph.nodes[at])).collect()
    }

    fn only<'g>(&self, graph: &'g Graph, tensor: &str, op: &str) -> Option<&'g NodeDef> {
        self.exactly(graph, tensor, 1)?.pop().filter(|user| user.op == op)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Depthwise,
    Spatial,
    Pointwise,
}

/// A convolution and what follows it.
struct Chain {
    kind: Kind,
    bias: Option<String>,
    /// By oneDNN's name for it.
    activation: Option<&'static str>,
    /// All tensors of the chain. They have one shape, and beyond the chain the last one's values alone are used.
    tensors: Vec<String>,
}

impl Chain {
    fn of(graph: &Graph, at: usize, users: &Users) -> Option<Self> {
        let node = &graph.nodes[at];
        let depthwise = match node.op.as_str() {
            "Conv2D" => false,
            "DepthwiseConv2dNative" => true,
            _ => return None,
        };
        let plain = node.text("data_format").is_none_or(|format| format == b"NHWC")
            && node.ints("dilations").is_none_or(|dilations| dilations.iter().all(|&dilation| dilation == 1))
            && matches!(node.text("padding"), Some(b"SAME" | b"VALID"))
            && node.attribute("T") == Some(&Value::Type(FLOAT));
        let filter = graph.shape(&node.inputs[1]).filter(|_| plain)?;
        let pointwise = filter.iter().take(2).all(|&side| side == 1) && node.ints("strides")?.iter().all(|&s| s == 1);
        let kind = match (depthwise, pointwise) {
            (true, _) => Kind::Depthwise,
            (false, true) => Kind::Pointwise,
            (false, false) => Kind::Spatial,
        };
        let unfused = Self { kind, bias: None, activation: None, tensors: vec![node.name.clone()] };
        let Some(biased) = users.only(graph, &node.name, "BiasAdd") else { return Some(unfused) };
        if graph.shape(&biased.inputs[1]).is_none() {
            return Some(unfused);
        }
        let (activation, activated) = match kind {
            Kind::Pointwise if is_pooled(graph, &node.inputs[0]) => None,
            // oneDNN's depthwise convolution has no swish.
            Kind::Depthwise => hard_swish(graph, &biased.name, users),
            _ => hard_swish(graph, &biased.name, users).or_else(|| swish(graph, &biased.name, users)),
        }
        .unzip();
        Some(Self {
            bias: Some(biased.inputs[1].clone()),
            activation,
            tensors: [node.name.clone(), biased.name.clone()]
                .into_iter()
                .chain(activated.into_iter().flatten())
                .collect(),
            kind,
        })
    }

    /// The one operation for all, beside the convolution at `at`.
    fn fused(self, graph: &mut Graph, at: usize) -> NodeDef {
        let mut node = graph.nodes[at].clone();
        node.name = graph.fresh(&node.name, "fused");
        let by_onednn = self.kind != Kind::Pointwise || self.activation.is_some();
        if by_onednn {
            mark(&mut node);
            // Its order in memory is chosen once.
            node.attributes.insert("is_filter_const".to_owned(), Value::Bool(true).into());
        }
        if self.bias.is_some() {
            let mut set = |key: &str, value: Value| node.attributes.insert(key.to_owned(), value.into());
            let mut operations = vec![b"BiasAdd".to_vec()];
            operations.extend(self.activation.map(|name| name.as_bytes().to_vec()));
            set("fused_ops", ListValue { bytes: operations, ..ListValue::default() }.into());
            set("num_args", Value::Int(1));
            set("epsilon", Value::Float(0.0));
            if self.kind != Kind::Depthwise {
                set("TArgs", ListValue { types: vec![FLOAT], ..ListValue::default() }.into());
            }
        }
        node.op = match (by_onednn, self.kind, &self.bias) {
            (false, ..) => "_FusedConv2D",
            (true, Kind::Depthwise, None) => "_MklNativeDepthwiseConv2dNative",
            (true, Kind::Depthwise, Some(_)) => "_MklNativeFusedDepthwiseConv2dNative",
            (true, _, None) => "_MklNativeConv2D",
            (true, _, Some(_)) => "_MklNativeFusedConv2D",
        }
        .to_owned();
        node.inputs.extend(self.bias);
        node
    }
}

/// Whether `tensor` holds averages over all positions, one for each channel; a stream's are running ones.
fn is_pooled(graph: &Graph, tensor: &str) -> bool {
    graph.producer(tensor).is_some_and(|node| match node.op.as_str() {
        "Sum" | "Mean" => true,
        "Reshape" | "Cumsum" | "RealDiv" => is_pooled(graph, &node.inputs[0]),
        "AddV2" | "ConcatV2" => node.inputs.iter().any(|input| is_pooled(graph, input)),
        _ => false,
    })
}

/// An activation by oneDNN's name, and the tensors on the way through it.
type Activation = (&'static str, Vec<String>);

/// `x * sigmoid(x)`, if that is all that `x` is used for.
fn swish(graph: &Graph, x: &str, users: &Users) -> Option<Activation> {
    users.only(graph, x, "_MklSwish").map(|node| ("_MklSwish", vec![node.name.clone()]))
}

/// `x * relu6(x + 3) * (1 / 6)`, if that is all that `x` is used for.
fn hard_swish(graph: &Graph, x: &str, users: &Users) -> Option<Activation> {
    let is_constant =
        |tensor: &str, wanted: f32| graph.single(tensor).is_some_and(|value| (value - wanted).abs() < 1e-6);
    let other_input = |node: &NodeDef, one: &str| node.inputs.iter().find(|input| *input != one).cloned();
    let uses = users.exactly(graph, x, 2)?;
    let shifted = uses.iter().find(|node| matches!(node.op.as_str(), "AddV2" | "Add"))?;
    let gated = uses.iter().find(|node| node.op == "Mul")?;
    let clipped = users.only(graph, &shifted.name, "Relu6")?;
    let scaled = users.only(graph, &gated.name, "Mul")?;
    let matches = is_constant(&other_input(shifted, x)?, 3.0)
        && other_input(gated, x)? == clipped.name
        && users.exactly(graph, &clipped.name, 1).is_some()
        && is_constant(&other_input(scaled, &gated.name)?, 1.0 / 6.0);
    matches.then(|| ("_FusedHardSwish", [shifted, clipped, gated, scaled].map(|node| node.name.clone()).into()))
}
