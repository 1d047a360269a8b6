//! Variables replaced by constants of their values.

use std::collections::HashMap;

use super::graph::{Floats, Graph};

/// Replaces each read of a variable by a constant; `values` gives the variables' values by the names of their handles'
/// nodes, in the same order.
///
/// # Errors
/// Says which variable has no float32 value, or which operation could change one.
pub(super) fn freeze(
    graph: &mut Graph,
    values: impl FnOnce(&[String]) -> Result<Vec<Floats>, String>,
) -> Result<(), String> {
    let mut handles: Vec<String> = Vec::new();
    let mut reads: HashMap<String, usize> = HashMap::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for node in &graph.nodes {
        if node.op != "ReadVariableOp" {
            if node.op.contains("Variable") || node.op.starts_with("Assign") || node.op.starts_with("Random") {
                return Err(format!("operation {} has an effect or a whim", node.op));
            }
            continue;
        }
        let at = *known.entry(&node.inputs[0]).or_insert_with(|| {
            handles.push(node.inputs[0].clone());
            handles.len() - 1
        });
        reads.insert(node.name.clone(), at);
    }
    if handles.is_empty() {
        return Ok(());
    }
    let values = values(&handles)?;
    let constants: Vec<_> =
        handles.iter().zip(values).map(|(handle, value)| graph.add_floats(handle, &value)).collect();
    graph.replace(&reads.into_iter().map(|(read, at)| (read, constants[at].clone())).collect());
    Ok(())
}
