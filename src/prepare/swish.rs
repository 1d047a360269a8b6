//! `x * sigmoid(x)` in one operation.
//!
//! It comes before a reshape rather than after, so that it can be fused with the convolution whose result is reshaped.

use std::collections::HashMap;

use super::graph::Graph;
use super::proto::{FLOAT, NodeDef, Value};

/// Joins every product of a tensor and its sigmoid.
pub(super) fn join(graph: &mut Graph) {
    let mut replaced = HashMap::new();
    let mut shaped_like = HashMap::new();
    for at in 0..graph.nodes.len() {
        let Some(x) = factor(graph, &graph.nodes[at]).map(str::to_owned) else { continue };
        let name = graph.nodes[at].name.clone();
        let float = ("T", Value::Type(FLOAT));
        let reshaped = graph.producer(&x).filter(|node| node.op == "Reshape").cloned();
        let joined = match reshaped {
            Some(reshape) => {
                let swish = graph.add_op(&name, "_MklSwish", &[&reshape.inputs[0]], &[float]);
                graph.add_like(&name, &reshape, &[&swish, &reshape.inputs[1]])
            }
            None => graph.add_op(&name, "_MklSwish", &[&x], &[float]),
        };
        shaped_like.insert(x, joined.clone());
        replaced.insert(name, joined);
    }
    graph.replace(&replaced);
    // What asks for the shape of `x` shall not keep it.
    for node in graph.nodes.iter_mut().filter(|node| node.op == "Shape") {
        if let Some(joined) = shaped_like.get(&node.inputs[0]) {
            node.inputs[0].clone_from(joined);
        }
    }
}

/// `x`, if `node` is `x * sigmoid(x)`.
fn factor<'g>(graph: &'g Graph, node: &'g NodeDef) -> Option<&'g str> {
    if node.op != "Mul" || node.attribute("T") != Some(&Value::Type(FLOAT)) {
        return None;
    }
    let is_sigmoid_of =
        |gate: &str, x: &str| graph.producer(gate).is_some_and(|gate| gate.op == "Sigmoid" && gate.inputs[0] == x);
    let (left, right) = (node.inputs[0].as_str(), node.inputs[1].as_str());
    match (is_sigmoid_of(right, left), is_sigmoid_of(left, right)) {
        (true, _) => Some(left),
        (_, true) => Some(right),
        _ => None,
    }
}
