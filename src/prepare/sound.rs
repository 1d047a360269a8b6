//! Whether a graph is one that the rewrites can look at: TensorFlow would refuse any other, but they come first to parts of
//! it that TensorFlow never runs.

use std::collections::HashMap;

use super::graph::split;
use super::proto::NodeDef;

/// The inputs that an operation has at least, of those that the rewrites know.
fn least_inputs(operation: &str) -> usize {
    match operation {
        "FusedBatchNormV3" => 5,
        "StridedSlice" => 4,
        "Slice" => 3,
        "Conv2D"
        | "Conv3D"
        | "DepthwiseConv2dNative"
        | "MatMul"
        | "BiasAdd"
        | "Mul"
        | "Add"
        | "AddV2"
        | "Sub"
        | "RealDiv"
        | "Maximum"
        | "Reshape"
        | "ExpandDims"
        | "BroadcastTo"
        | "Pad"
        | "ConcatV2"
        | "Cumsum"
        | "Mean"
        | "Sum" => 2,
        "ReadVariableOp" | "Identity" | "StopGradient" | "Shape" | "Squeeze" | "Sigmoid" | "Relu" | "Relu6"
        | "ZerosLike" | "AvgPool" | "AvgPool3D" | "MaxPool3D" => 1,
        _ => 0,
    }
}

/// Insists that every node has the inputs of its operation.
///
/// # Errors
/// Which hasn't.
pub(super) fn inputs(nodes: &[NodeDef]) -> Result<(), String> {
    let lacking = |node: &&NodeDef| {
        let tensors = node.inputs.iter().filter(|input| !input.starts_with('^')).count();
        tensors < least_inputs(&node.op) || node.inputs.iter().take(tensors).any(|input| input.starts_with('^'))
    };
    match nodes.iter().find(lacking) {
        Some(node) => Err(format!("operation '{}', a {}, lacks inputs", node.name, node.op)),
        None => Ok(()),
    }
}

/// Insists that no node needs what it gives itself, by way of others.
///
/// # Errors
/// When one does.
pub(super) fn no_circle(nodes: &[NodeDef]) -> Result<(), String> {
    let at: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.name.as_str(), at)).collect();
    let sources = |node: &NodeDef| -> Vec<usize> {
        node.inputs.iter().filter_map(|input| at.get(split(input.trim_start_matches('^')).0).copied()).collect()
    };
    let mut users = vec![Vec::new(); nodes.len()];
    let mut waits_for = vec![0; nodes.len()];
    for (node, source) in
        nodes.iter().enumerate().flat_map(|(at, node)| sources(node).into_iter().map(move |s| (at, s)))
    {
        users[source].push(node);
        waits_for[node] += 1;
    }
    let mut ready: Vec<usize> = (0..nodes.len()).filter(|&node| waits_for[node] == 0).collect();
    let mut done = 0;
    while let Some(node) = ready.pop() {
        done += 1;
        for &user in &users[node] {
            waits_for[user] -= 1;
            if waits_for[user] == 0 {
                ready.push(user);
            }
        }
    }
    match waits_for.iter().position(|&waits| waits > 0).filter(|_| done < nodes.len()) {
        Some(node) => Err(format!("operation '{}' needs what comes out of it", nodes[node].name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_their_inputs_and_dont_go_round_in_circles() {
        let node = |name: &str, op: &str, inputs: &[&str]| NodeDef::new(name, op, inputs, &[]);
        let sound = [node("x", "Placeholder", &[]), node("y", "Mul", &["x", "x:1", "^x"]), node("z", "Pack", &[])];
        assert!(inputs(&sound).is_ok() && no_circle(&sound).is_ok());
        for (op, given) in [("Identity", &[][..]), ("Mul", &["x"]), ("Mul", &["x", "^x"]), ("Mul", &["^x", "x", "x"])] {
            assert!(inputs(&[node("y", op, given)]).unwrap_err().contains("'y'"), "{op} {given:?}");
        }
        let circle = [node("a", "Mul", &["b", "c"]), node("b", "Relu", &["a:0"]), node("c", "Const", &[])];
        assert!(no_circle(&circle).unwrap_err().contains("needs what comes out of it"));
        assert!(no_circle(&[node("a", "Relu", &["a"])]).is_err());
    }
}
