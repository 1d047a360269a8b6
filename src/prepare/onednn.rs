//! Operations that oneDNN's kernels compute faster than TensorFlow's own.
//!
//! TensorFlow's x86 builds hold oneDNN's kernels; on processors where it doesn't turn them on by itself it computes
//! depthwise and strided convolutions and average pools many times slower. A graph may name these kernels
//! (`_kernel: MklNameChangeOp`) and so has them everywhere. Where a library lacks them the result doesn't load, and the
//! model is prepared without.

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::kernels::mark;
use super::proto::{FLOAT, Value};
use super::{fuse, swish};

/// Chooses oneDNN's kernels where they are faster, and prunes; gives the number of convolutions that were fused.
/// `inputs` are those of the signatures.
pub(super) fn choose(graph: &mut Graph, inputs: &HashSet<String>) -> usize {
    pool(graph);
    swish::join(graph);
    graph.prune(inputs); // what is left unused would count as a use
    let fused = fuse::fuse(graph);
    graph.prune(inputs);
    fused
}

/// Lets oneDNN average over neighbours.
fn pool(graph: &mut Graph) {
    let mut replaced = HashMap::new();
    for at in 0..graph.nodes.len() {
        let op = match graph.nodes[at].op.as_str() {
            "AvgPool" => "_MklNativeAvgPool",
            "AvgPool3D" => "_MklNativeAvgPool3D",
            _ => continue,
        };
        let mut node = graph.nodes[at].clone();
        if node.attribute("T") == Some(&Value::Type(FLOAT)) {
            node.name = graph.fresh(&node.name, "pooled");
            op.clone_into(&mut node.op);
            mark(&mut node);
            replaced.insert(graph.nodes[at].name.clone(), graph.add(node));
        }
    }
    graph.replace(&replaced);
}
