//! Variables replaced by constants of their values.

use std::collections::HashMap;

use super::graph::{Floats, Graph};

/// Replaces each read of a variable by a constant; `value` gives a variable's value by the name of its handle's node.
///
/// # Errors
/// Says which variable has no float32 value, or which operation could change one.
pub(super) fn freeze(graph: &mut Graph, value: impl Fn(&str) -> Result<Floats, String>) -> Result<(), String> {
    let mut constants: HashMap<String, String> = HashMap::new();
    let mut replaced = HashMap::new();
    for at in 0..graph.nodes.len() {
        let node = &graph.nodes[at];
        if node.op != "ReadVariableOp" {
            if node.op.contains("Variable") || node.op.starts_with("Assign") || node.op.starts_with("Random") {
                return Err(format!("operation {} has an effect or a whim", node.op));
            }
            continue;
        }
        let (read, handle) = (node.name.clone(), node.inputs[0].clone());
        if !constants.contains_key(&handle) {
            let constant = graph.add_floats(&handle, &value(&handle)?);
            constants.insert(handle.clone(), constant);
        }
        replaced.insert(read, constants[&handle].clone());
    }
    graph.replace(&replaced);
    Ok(())
}
