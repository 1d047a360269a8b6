//! The size of the frames that a SavedModel was made for, without loading it.

use std::path::Path;

use prost::Message;

use super::proto::{SavedModelDef, ShapeProto, TensorInfo};
use crate::movinet::recognise::IMAGE;
use crate::movinet::size_by_states;
use crate::saved_model::GRAPH;

/// Height and width in pixels of the frames that the MoViNet in `folder` was made for: the one size that it takes, else
/// that of the family member with as many states. `None` where neither tells, as for a base model of any size.
pub fn own_size(folder: impl AsRef<Path>) -> Option<usize> {
    let saved = SavedModelDef::decode(fs_err::read(folder.as_ref().join(GRAPH)).ok()?.as_slice()).ok()?;
    let signatures = saved.meta_graphs.into_iter().next()?.signatures;
    let of = |inputs: &std::collections::BTreeMap<String, TensorInfo>| {
        let image = inputs.get(IMAGE)?;
        fixed(image).or_else(|| size_by_states(inputs.len() - 1))
    };
    // The step for most shapes is the original one; a prepared model's other steps are for the size that it was prepared for.
    let mut takers: Vec<_> = signatures.values().filter(|signature| signature.inputs.contains_key(IMAGE)).collect();
    takers.sort_by_key(|signature| signature.inputs.get(IMAGE).is_some_and(|image| fixed(image).is_some()));
    takers.into_iter().find_map(|signature| of(&signature.inputs))
}

fn fixed(image: &TensorInfo) -> Option<usize> {
    let shape = ShapeProto::decode(image.shape.as_deref()?).ok()?;
    match shape.dims.as_slice() {
        [_, _, height, width, _] if height == width => usize::try_from(height.size).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::proto::{FLOAT, MetaGraphDef, SignatureDef};

    fn info(dims: &[i64]) -> TensorInfo {
        let dims = dims.iter().map(|&size| crate::prepare::proto::DimProto { size }).collect();
        let shape = ShapeProto { dims, unknown_rank: false }.encode_to_vec();
        TensorInfo { name: "x:0".into(), dtype: FLOAT, shape: Some(shape) }
    }

    /// A folder with a SavedModel of these signatures: the shape of `image` and the number of states.
    fn model(signatures: &[(&str, [i64; 5], usize)]) -> tempfile::TempDir {
        let signature = |(name, image, states): &(&str, [i64; 5], usize)| {
            let states = (0..*states).map(|at| (format!("state_{at}"), info(&[1])));
            let inputs = std::iter::once((IMAGE.to_owned(), info(image))).chain(states).collect();
            ((*name).to_owned(), SignatureDef { inputs, ..SignatureDef::default() })
        };
        let signatures = signatures.iter().map(signature).collect();
        let meta = MetaGraphDef { info: None, graph: None, signatures };
        let folder = tempfile::tempdir().unwrap();
        let saved = SavedModelDef { schema_version: 1, meta_graphs: vec![meta] };
        fs_err::write(folder.path().join(GRAPH), saved.encode_to_vec()).unwrap();
        folder
    }

    #[test]
    fn a_folder_tells_the_size_that_the_model_was_made_for() {
        const ANY: [i64; 5] = [-1, -1, -1, -1, 3];
        for (signatures, size) in [
            (vec![("call", ANY, 43)], Some(172)),
            (vec![("call", ANY, 73)], Some(224)),
            (vec![("call", ANY, 73), ("call_96x96", [1, 1, 96, 96, 3], 73)], Some(224)),
            (vec![("serving_default", [1, 1, 64, 64, 3], 9)], Some(64)),
            (vec![("serving_default", ANY, 0)], None),
        ] {
            assert_eq!(own_size(model(&signatures).path()), size, "{signatures:?}");
        }
    }
}
