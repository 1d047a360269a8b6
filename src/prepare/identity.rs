//! Operations that pass their input on are taken out.

use std::collections::HashMap;

use super::graph::Graph;

/// Lets the users of each Identity use what goes into it.
pub(super) fn remove(graph: &mut Graph) {
    let passing = graph.nodes.iter().filter(|node| matches!(node.op.as_str(), "Identity" | "StopGradient"));
    let replaced: HashMap<_, _> = passing.map(|node| (node.name.clone(), node.inputs[0].clone())).collect();
    graph.replace(&replaced);
}
