//! A graph and the session that runs it.

use tensorflow::{Graph, Session};

/// What is shared by all functions of a loaded SavedModel.
#[derive(Debug)]
pub(super) struct Loaded {
    pub graph: Graph,
    pub session: Session,
}
