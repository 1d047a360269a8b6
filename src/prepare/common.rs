//! What is computed several times is computed once.
//!
//! A stream model asks for the shapes of its tensors at every layer: hundreds of equal constants, slices and sums
//! remain after inlining. Operations on shapes are first led back to the tensor that the shape comes from.

use std::collections::{HashMap, HashSet};

use super::computation::Computation;
use super::graph::{Graph, join, split};

/// Merges equal operations until there are none; gives how many went.
pub(super) fn merge(graph: &mut Graph) -> usize {
    lead_shapes_back(graph);
    let mut merged = 0;
    loop {
        let mut first = HashSet::new();
        let mut replaced = HashMap::new();
        for node in graph.nodes.iter().filter(|node| !node.op.starts_with("Placeholder")) {
            let computation = Computation(node);
            match first.get(&computation) {
                Some(Computation(same)) => drop(replaced.insert(node.name.clone(), same.name.clone())),
                None => drop(first.insert(computation)),
            }
        }
        if replaced.is_empty() {
            return merged;
        }
        merged += replaced.len();
        // Every output of a merged operation is the same output of the one that stays.
        let uses = graph.uses();
        let outputs = uses.keys().filter_map(|tensor| {
            let (node, index) = split(tensor);
            replaced.get(node).map(|same| (tensor.clone(), join(same, index)))
        });
        graph.replace(&outputs.collect());
        graph.nodes.retain(|node| !replaced.contains_key(&node.name));
        graph.reindex();
    }
}

/// Lets each Shape look at the tensor that its input has the shape of.
fn lead_shapes_back(graph: &mut Graph) {
    let mut known = HashMap::new();
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].op == "Shape" {
            let source = shape_source(graph, &graph.nodes[at].inputs[0].clone(), &mut known);
            graph.nodes[at].inputs[0] = source;
        }
    }
}

/// The earliest tensor that surely has the shape of `tensor`.
fn shape_source(graph: &Graph, tensor: &str, known: &mut HashMap<String, String>) -> String {
    const UNARY: [&str; 6] = ["BiasAdd", "Relu", "Relu6", "Sigmoid", "Identity", "ZerosLike"];
    const BINARY: [&str; 5] = ["Mul", "AddV2", "Sub", "RealDiv", "Maximum"];
    if let Some(source) = known.get(tensor) {
        return source.clone();
    }
    let source = match graph.producer(tensor) {
        Some(node) if UNARY.contains(&node.op.as_str()) => shape_source(graph, &node.inputs[0], known),
        Some(node) if BINARY.contains(&node.op.as_str()) => {
            let is_scalar = |input: &String| graph.shape(input).is_some_and(|shape| shape.is_empty());
            match (&node.inputs[0], &node.inputs[1]) {
                (left, right) if is_scalar(right) => shape_source(graph, left, known),
                (left, right) if is_scalar(left) => shape_source(graph, right, known),
                (left, right) => {
                    let sources = [left, right].map(|input| shape_source(graph, input, known));
                    if sources[0] == sources[1] { sources[0].clone() } else { tensor.to_owned() }
                }
            }
        }
        _ => tensor.to_owned(),
    };
    known.insert(tensor.to_owned(), source.clone());
    source
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::proto::{FLOAT, NodeDef, Value};

    #[test]
    fn equal_operations_merge_and_shapes_lead_back() {
        let mut graph = Graph::default();
        graph.add(NodeDef::new("image", "Placeholder", &[], &[("dtype", Value::Type(FLOAT))]));
        graph.add(NodeDef::new("other", "Placeholder", &[], &[("dtype", Value::Type(FLOAT))]));
        graph.add(NodeDef::new("active", "Relu6", &["image"], &[]));
        graph.add(NodeDef::new("gated", "Mul", &["active", "image"], &[]));
        graph.add(NodeDef::new("broadcast", "Mul", &["gated", "other"], &[]));
        for (name, input) in [("a", "active"), ("b", "gated"), ("c", "broadcast")] {
            graph.add(NodeDef::new(name, "Shape", &[input], &[]));
            graph.add(NodeDef::new(&format!("{name}_slice"), "Slice", &[name], &[]));
        }
        graph.outputs = ["a_slice", "b_slice", "c_slice"].map(str::to_owned).into();
        assert_eq!(merge(&mut graph), 2, "b and its slice");
        assert_eq!(graph.outputs, ["a_slice", "a_slice", "c_slice"]);
        assert_eq!(graph.node("a").unwrap().inputs, ["image"]);
        assert_eq!(graph.node("c").unwrap().inputs, ["broadcast"], "a product may be larger than either factor");
        assert!(graph.node("other").is_some(), "inputs never merge");
    }
}
