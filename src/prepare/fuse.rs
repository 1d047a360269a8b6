//! Convolutions with the bias and the activation behind them in one operation, computed by oneDNN where that is faster.
//!
//! TensorFlow's x86 builds hold oneDNN's kernels; on processors where it doesn't turn them on by itself it computes
//! depthwise and strided convolutions many times slower. A graph may name these kernels (`_kernel: MklNameChangeOp`)
//! and so has them everywhere. Where a library lacks them the result doesn't load, and the model is prepared without.
//!
//! Pointwise convolutions of one position, which are products of a vector and a matrix, stay: Eigen is faster there.

use std::collections::HashMap;

use super::graph::Graph;
use super::proto::{FLOAT, ListValue, NodeDef, Value, text};

/// Chooses a kernel that was registered for graphs that oneDNN's own pass rewrote.
const KERNEL: (&str, &str) = ("_kernel", "MklNameChangeOp");
/// Below so many positions, a pointwise convolution is left as it is.
const FEW_POSITIONS: u64 = 16;

/// Fuses what can be fused; gives the number of convolutions. `positions` tells for the name of a pointwise
/// convolution over how many positions it goes, where that is known.
pub(super) fn fuse(graph: &mut Graph, positions: impl Fn(&str) -> Option<u64>) -> usize {
    let users = Users::of(graph);
    let mut replaced = HashMap::new();
    let mut fusions = 0;
    for at in 0..graph.nodes.len() {
        let Some(chain) = Chain::of(graph, at, &users) else { continue };
        let name = &graph.nodes[at].name;
        let worthwhile = match chain.kind {
            Kind::Depthwise | Kind::Spatial => true,
            Kind::Pointwise => chain.bias.is_some() && positions(name).is_some_and(|count| count >= FEW_POSITIONS),
        };
        if worthwhile {
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
    hard_swish: bool,
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
        let filter = graph.floats(&node.inputs[1]).filter(|_| plain)?;
        let pointwise =
            filter.shape.iter().take(2).all(|&side| side == 1) && node.ints("strides")?.iter().all(|&s| s == 1);
        let kind = match (depthwise, pointwise) {
            (true, _) => Kind::Depthwise,
            (false, true) => Kind::Pointwise,
            (false, false) => Kind::Spatial,
        };
        let unfused = Self { kind, bias: None, hard_swish: false, tensors: vec![node.name.clone()] };
        let Some(biased) = users.only(graph, &node.name, "BiasAdd") else { return Some(unfused) };
        if graph.floats(&biased.inputs[1]).is_none() {
            return Some(unfused);
        }
        let activated = hard_swish(graph, &biased.name, users);
        Some(Self {
            bias: Some(biased.inputs[1].clone()),
            hard_swish: activated.is_some(),
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
        let onednn = self.kind != Kind::Pointwise || self.hard_swish;
        let mut set = |key: &str, value: Value| node.attributes.insert(key.to_owned(), value.into());
        if onednn {
            set(KERNEL.0, text(KERNEL.1));
            set("is_filter_const", Value::Bool(true)); // its order in memory is chosen once
        }
        if self.bias.is_some() {
            let mut operations = vec![b"BiasAdd".to_vec()];
            operations.extend(self.hard_swish.then(|| b"_FusedHardSwish".to_vec()));
            set("fused_ops", Value::List(ListValue { bytes: operations, ..ListValue::default() }));
            set("num_args", Value::Int(1));
            set("epsilon", Value::Float(0.0));
            if self.kind != Kind::Depthwise {
                set("TArgs", Value::List(ListValue { types: vec![FLOAT], ..ListValue::default() }));
            }
        }
        node.op = match (onednn, self.kind, &self.bias) {
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

/// The tensors on the way from `x` to `x * relu6(x + 3) * (1 / 6)`, if that is all that `x` is used for.
fn hard_swish(graph: &Graph, x: &str, users: &Users) -> Option<[String; 4]> {
    let is_constant = |tensor: &str, wanted: f32| {
        graph
            .floats(tensor)
            .is_some_and(|constant| constant.values.len() == 1 && (constant.values[0] - wanted).abs() < 1e-6)
    };
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
    matches.then(|| [shifted, clipped, gated, scaled].map(|node| node.name.clone()))
}
