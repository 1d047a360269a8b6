//! Convolutions that TensorFlow gets wrong outside XLA.
//!
//! With AVX-512, oneDNN 3.5 (TensorFlow 2.18) gets convolutions of one input channel wrong whose strides are 1 and 2 and
//! whose result is one column wide. On such processors TensorFlow takes oneDNN by itself, for Conv2D and Conv3D alike,
//! so that no other choice of kernels helps.

use super::graph::Graph;
use super::proto::NodeDef;

/// Refuses a graph with a convolution that may be such a one.
///
/// # Errors
/// Names the convolution.
pub(super) fn refuse(graph: &Graph) -> Result<(), String> {
    let is_doubtful = |node: &NodeDef| -> Option<bool> {
        let channels = graph.shape(&node.inputs[1])?.into_iter().nth_back(1)?;
        let &[.., height_stride, width_stride, _] = node.ints("strides")? else { return None };
        Some(channels == 1 && height_stride != width_stride)
    };
    let mut convolutions = graph.nodes.iter().filter(|node| matches!(node.op.as_str(), "Conv2D" | "Conv3D"));
    match convolutions.find(|node| is_doubtful(node) == Some(true)) {
        Some(node) => Err(format!("without XLA, oneDNN may compute convolution '{}' of one channel wrong", node.name)),
        None => Ok(()),
    }
}
