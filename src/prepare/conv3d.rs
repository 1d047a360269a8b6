//! Three-dimensional convolutions as two-dimensional ones, which TensorFlow computes many times faster on a CPU.
//!
//! For each temporal tap, the frames that it sees go through Conv2D, or DepthwiseConv2dNative where each channel is a
//! group of its own; the taps' results are summed. A bias is added to the first tap's, so that it can be fused with it.
//!
//! Taps see frames as slices of the first dimension, which TensorFlow cuts without a copy: there the frames come before
//! the batch. Exchanging the two costs nothing for a batch of one.
//!
//! SAME padding over time depends on the number of frames where the temporal stride isn't 1; that, dilations and other
//! groups stay as they are. (Explicit padding is a Pad before a VALID convolution: Conv3D itself has none.)

use std::collections::HashMap;

use super::graph::{Floats, Graph};
use super::proto::{FLOAT, INT32, NodeDef, Value, ints, text};

/// Lowers every Conv3D that matches; gives their number.
///
/// # Errors
/// Names a convolution in groups that doesn't match: TensorFlow computes those on a CPU under XLA only.
pub(super) fn lower(graph: &mut Graph) -> Result<usize, String> {
    let biases = biases(graph);
    let mut replaced = HashMap::new();
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].op != "Conv3D" {
            continue;
        }
        let node = graph.nodes[at].clone();
        match Kernel::of(graph, &node) {
            Some(kernel) => {
                let bias = biases.get(&node.name);
                let lowered = kernel.lower(graph, &node, bias);
                replaced.insert(bias.unwrap_or(&node).name.clone(), lowered);
            }
            None if is_grouped(graph, &node) => {
                return Err(format!("convolution '{}' in groups needs XLA", node.name));
            }
            None => {}
        }
    }
    graph.replace(&replaced);
    Ok(replaced.len())
}

/// The BiasAdd of each convolution that nothing else uses.
fn biases(graph: &Graph) -> HashMap<String, NodeDef> {
    let uses = graph.uses();
    let biased = graph.nodes.iter().filter(|node| node.op == "BiasAdd" && uses.get(&node.inputs[0]) == Some(&1));
    biased.map(|node| (node.inputs[0].clone(), node.clone())).collect()
}

fn is_grouped(graph: &Graph, node: &NodeDef) -> bool {
    let in_group = graph.shape(&node.inputs[1]).and_then(|weights| weights.get(3).copied());
    in_group.zip(input_channels(graph, &node.inputs[0])).is_some_and(|(in_group, all)| in_group != all)
}

struct Kernel {
    weights: Vec<f32>,
    /// (taps, height, width, channels in a group, channels out).
    dims: [usize; 5],
    /// Channels that go in, where each is a group of its own.
    depthwise: Option<usize>,
    /// Over frames, height, width.
    strides: [i64; 3],
    same: bool,
}

impl Kernel {
    /// The kernel of the Conv3D `node`, if it can be lowered.
    fn of(graph: &Graph, node: &NodeDef) -> Option<Self> {
        if node.text("data_format").is_some_and(|format| format != b"NDHWC") {
            return None;
        }
        let &[1, time_stride, height_stride, width_stride, 1] = node.ints("strides")? else { return None };
        if node.ints("dilations").is_some_and(|d| d.iter().any(|&d| d != 1)) {
            return None;
        }
        let same = match node.text("padding")? {
            b"SAME" => true,
            b"VALID" => false,
            _ => return None,
        };
        let dims: [usize; 5] = graph.shape(&node.inputs[1])?.try_into().ok()?;
        let [taps, _, _, in_group, out] = dims;
        if same && taps > 1 && time_stride > 1 {
            return None;
        }
        // A plain convolution of a single input channel has the same kernel as a depthwise one, so the input's
        // channels must be known.
        let depthwise = match input_channels(graph, &node.inputs[0]) {
            Some(channels) if channels == in_group => None,
            None if in_group > 1 => None,
            // DepthwiseConv2dNative has one stride for both axes.
            Some(channels) if in_group == 1 && out % channels == 0 && height_stride == width_stride => Some(channels),
            _ => return None,
        };
        let weights = graph.floats(&node.inputs[1])?.values;
        Some(Self { weights, dims, depthwise, strides: [time_stride, height_stride, width_stride], same })
    }

    fn lower(&self, graph: &mut Graph, node: &NodeDef, bias: Option<&NodeDef>) -> String {
        let (taps, time_stride) = (self.dims[0], self.strides[0]);
        let (near, input) = (node.name.as_str(), node.inputs[0].as_str());
        let frames_first = (taps, time_stride) != (1, 1);
        let input = if frames_first { exchange_batch_and_frames(graph, near, input) } else { input.to_owned() };
        let padded = if taps > 1 && self.same { pad_time(graph, near, &input, taps) } else { input.clone() };
        let seen: Vec<_> = (0..taps).map(|tap| self.frames_from(graph, near, &padded, tap)).collect();
        // Padded frames seen by a tap are as many as the input's.
        let shape = shape_of(graph, near, if self.same && taps > 1 { &input } else { &seen[0] });
        let all = graph.add_ints(near, &[-1]);
        let picture = slice(graph, near, &shape, 2, 5);
        let frames_shape = concat(graph, near, &[&all, &picture]);
        let mut sum: Option<String> = None;
        for (tap, seen) in seen.iter().enumerate() {
            let flat = reshape(graph, near, seen, &frames_shape);
            let convolved = self.picture_convolution(graph, near, &flat, tap);
            sum = Some(match (sum, bias) {
                (None, None) => convolved,
                (None, Some(bias)) => graph.add_like(near, bias, &[&convolved, &bias.inputs[1]]),
                (Some(sum), _) => graph.add_op(near, "AddV2", &[&sum, &convolved], &[("T", Value::Type(FLOAT))]),
            });
        }
        let sum = sum.unwrap_or_default(); // a kernel has at least one tap
        let convolved = shape_of(graph, near, &sum);
        let (leading, trailing) = (slice(graph, near, &shape, 0, 2), slice(graph, near, &convolved, 1, 4));
        let target = concat(graph, near, &[&leading, &trailing]);
        let result = reshape(graph, near, &sum, &target);
        if frames_first { exchange_batch_and_frames(graph, near, &result) } else { result }
    }

    /// The frames that temporal tap `tap` sees: of all but the first `tap` and the last `taps - 1 - tap`, each that
    /// the stride meets.
    fn frames_from(&self, graph: &mut Graph, near: &str, padded: &str, tap: usize) -> String {
        let (taps, stride) = (self.dims[0], self.strides[0] as i32);
        if (taps, stride) == (1, 1) {
            return padded.to_owned();
        }
        let left_out = (taps - 1 - tap) as i32;
        let [begin, end, step] = [tap as i32, -left_out, stride].map(|value| graph.add_ints(near, &[value]));
        let end_mask = i64::from(left_out == 0);
        strided_slice(graph, near, [padded, &begin, &end, &step], FLOAT, end_mask)
    }

    /// One temporal tap as a two-dimensional convolution of `(frames, height, width, channels)`.
    fn picture_convolution(&self, graph: &mut Graph, near: &str, frames: &str, tap: usize) -> String {
        let [_, height, width, in_group, out] = self.dims;
        let size = height * width * in_group * out;
        let values = self.weights[tap * size..(tap + 1) * size].to_vec();
        let (op, shape) = match self.depthwise {
            Some(channels) => ("DepthwiseConv2dNative", vec![height, width, channels, out / channels]),
            None => ("Conv2D", vec![height, width, in_group, out]),
        };
        let filter = graph.add_floats(near, &Floats { shape, values });
        let attributes = [
            ("T", Value::Type(FLOAT)),
            ("strides", ints(&[1, self.strides[1], self.strides[2], 1])),
            ("padding", text(if self.same { "SAME" } else { "VALID" })),
            ("data_format", text("NHWC")),
            ("dilations", ints(&[1, 1, 1, 1])),
        ];
        graph.add_op(near, op, &[frames, &filter], &attributes)
    }
}

/// Channels of `tensor`, as far as the operations that make it tell: those of the convolution or bias behind it.
fn input_channels(graph: &Graph, tensor: &str) -> Option<usize> {
    const ELEMENTWISE: [&str; 8] = ["Mul", "AddV2", "Add", "Sigmoid", "Relu6", "Relu", "Pad", "Identity"];
    const DEEPEST: usize = 64;
    let mut current = graph.producer(tensor)?;
    for _ in 0..DEEPEST {
        current = match current.op.as_str() {
            "Conv3D" | "Conv2D" | "BiasAdd" | "MatMul" => {
                return graph.shape(&current.inputs[1])?.last().copied();
            }
            "FusedBatchNormV3" => return graph.shape(&current.inputs[1])?.first().copied(),
            op if ELEMENTWISE.contains(&op) => {
                // Of two inputs one may be a constant, or a gate that broadcasts with as many channels.
                let next =
                    current.inputs.iter().find(|input| graph.producer(input).is_some_and(|n| n.op != "Const"))?;
                graph.producer(next)?
            }
            _ => return None,
        };
    }
    None
}

/// `(batch, frames, height, width, channels)` as `(frames, batch, height, width, channels)`, and back.
fn exchange_batch_and_frames(graph: &mut Graph, near: &str, tensor: &str) -> String {
    let order = graph.add_ints(near, &[1, 0, 2, 3, 4]);
    let attributes = [("T", Value::Type(FLOAT)), ("Tperm", Value::Type(INT32))];
    graph.add_op(near, "Transpose", &[tensor, &order], &attributes)
}

/// Zeros before and after the frames, which are the first dimension, as SAME pads them.
fn pad_time(graph: &mut Graph, near: &str, input: &str, taps: usize) -> String {
    let (before, after) = ((taps - 1) / 2, taps / 2);
    let paddings = graph.add_int_tensor(near, &[5, 2], &[before as i32, after as i32, 0, 0, 0, 0, 0, 0, 0, 0]);
    graph.add_op(near, "Pad", &[input, &paddings], &[("T", Value::Type(FLOAT)), ("Tpaddings", Value::Type(INT32))])
}

fn shape_of(graph: &mut Graph, near: &str, tensor: &str) -> String {
    graph.add_op(near, "Shape", &[tensor], &[("T", Value::Type(FLOAT)), ("out_type", Value::Type(INT32))])
}

/// Elements `from..to` of a one-dimensional int32 tensor.
fn slice(graph: &mut Graph, near: &str, tensor: &str, from: i32, to: i32) -> String {
    let [from, to, step] = [from, to, 1].map(|value| graph.add_ints(near, &[value]));
    strided_slice(graph, near, [tensor, &from, &to, &step], INT32, 0)
}

fn strided_slice(graph: &mut Graph, near: &str, inputs: [&str; 4], dtype: i32, end_mask: i64) -> String {
    let attributes = [
        ("T", Value::Type(dtype)),
        ("Index", Value::Type(INT32)),
        ("begin_mask", Value::Int(0)),
        ("end_mask", Value::Int(end_mask)),
        ("ellipsis_mask", Value::Int(0)),
        ("new_axis_mask", Value::Int(0)),
        ("shrink_axis_mask", Value::Int(0)),
    ];
    graph.add_op(near, "StridedSlice", &inputs, &attributes)
}

fn concat(graph: &mut Graph, near: &str, parts: &[&str; 2]) -> String {
    let axis = graph.add_int_tensor(near, &[], &[0]);
    let attributes = [("T", Value::Type(INT32)), ("Tidx", Value::Type(INT32)), ("N", Value::Int(2))];
    graph.add_op(near, "ConcatV2", &[parts[0], parts[1], &axis], &attributes)
}

fn reshape(graph: &mut Graph, near: &str, tensor: &str, shape: &str) -> String {
    graph.add_op(near, "Reshape", &[tensor, shape], &[("T", Value::Type(FLOAT)), ("Tshape", Value::Type(INT32))])
}
