//! How a graph names a kernel of oneDNN's.

use super::proto::{NodeDef, text};

/// Marks an operation for a kernel that was registered for graphs that oneDNN's own pass rewrote.
pub(super) fn mark(node: &mut NodeDef) {
    node.attributes.insert("_kernel".to_owned(), text("MklNameChangeOp").into());
}
