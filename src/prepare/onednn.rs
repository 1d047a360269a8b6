//! Operations that oneDNN's kernels compute faster than TensorFlow's own.
//!
//! TensorFlow's x86 builds hold oneDNN's kernels; on processors where it doesn't turn them on by itself it computes
//! depthwise and strided convolutions and average pools many times slower. A graph may name these kernels
//! (`_kernel: MklNameChangeOp`) and so has them everywhere. Where a library lacks them the result doesn't load, and the
//! model is prepared without.

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::proto::{FLOAT, NodeDef, Value, text};
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

/// Refuses a graph with a convolution that oneDNN may get wrong: with AVX-512, oneDNN 3.5 (TensorFlow 2.18) gets those
/// of one input channel wrong whose strides are 1 and 2 and whose result is one column wide. On such processors
/// TensorFlow takes it by itself for every convolution that XLA doesn't compile.
///
/// # Errors
/// Names the convolution.
pub(super) fn refuse_miscomputed(graph: &Graph) -> Result<(), String> {
    let is_doubtful = |node: &NodeDef| -> Option<bool> {
        let channels = graph.floats(&node.inputs[1])?.shape.into_iter().nth_back(1)?;
        let &[.., height_stride, width_stride, _] = node.ints("strides")? else { return None };
        Some(channels == 1 && height_stride != width_stride)
    };
    let mut convolutions = graph.nodes.iter().filter(|node| matches!(node.op.as_str(), "Conv2D" | "Conv3D"));
    match convolutions.find(|node| is_doubtful(node) == Some(true)) {
        Some(node) => Err(format!("without XLA, oneDNN may compute convolution '{}' of one channel wrong", node.name)),
        None => Ok(()),
    }
}

/// Marks an operation for a kernel that was registered for graphs that oneDNN's own pass rewrote.
pub(super) fn mark(node: &mut NodeDef) {
    node.attributes.insert("_kernel".to_owned(), text("MklNameChangeOp").into());
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
