//! A SavedModel for tests: no graph, two variables.

use prost::Message;

use super::proto::{MetaGraphHead, MetaInfoHead, SavedModelHead};

/// The index of a SavedModel with a variable `kernel` `(3, 3, 4)` and a `bias` `(4)`, as TensorFlow 2.18.1 wrote it.
pub(super) const INDEX: &[u8] = include_bytes!("variables.index");
/// Bytes of its values.
pub(super) const VALUES: usize = 344;

/// The files of a whole SavedModel, with their content.
pub(crate) fn example() -> [(&'static str, Vec<u8>); 3] {
    let info = Some(MetaInfoHead { tags: vec!["serve".into()] });
    let graph = SavedModelHead { meta_graphs: vec![MetaGraphHead { info, ..MetaGraphHead::default() }] };
    [
        (super::GRAPH, graph.encode_to_vec()),
        (super::files::INDEX, INDEX.to_vec()),
        ("variables/variables.data-00000-of-00001", vec![0; VALUES]),
    ]
}
