//! The size of the frames that a SavedModel was made for, without loading it.

use std::path::Path;

use crate::movinet;
use crate::saved_model::signatures;

/// Height and width in pixels of the frames that the MoViNet in `folder` was made for: the one size that it takes, else
/// that of the family member with as many states. `None` where neither tells, as for a base model of any size.
pub fn own_size(folder: impl AsRef<Path>) -> Option<usize> {
    movinet::own_size(&signatures(folder.as_ref()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::proto::{
        FLOAT, MetaGraphDef, MetaInfoDef, SavedModelDef, ShapeProto, SignatureDef, TensorInfo,
    };
    use crate::saved_model::{DimProto, GRAPH};
    use prost::Message;

    fn info(dims: &[i64]) -> TensorInfo {
        let dims = dims.iter().map(|&size| DimProto { size }).collect();
        let shape = ShapeProto { dims, unknown_rank: false }.encode_to_vec();
        TensorInfo { name: "x:0".into(), dtype: FLOAT, shape: Some(shape) }
    }

    /// A folder with a SavedModel of these signatures: the shape of `image` and the number of states.
    fn model(signatures: &[(&str, [i64; 5], usize)]) -> tempfile::TempDir {
        let signature = |(name, image, states): &(&str, [i64; 5], usize)| {
            let count = *states;
            let states = (0..count).map(|at| (format!("state_{at}"), info(&[1])));
            let inputs = std::iter::once(("image".to_owned(), info(image))).chain(states).collect();
            let outputs = (0..count).map(|at| (format!("state_{at}"), info(&[1])));
            let outputs = outputs.chain([("logits".to_owned(), info(&[-1, 9]))]).collect();
            ((*name).to_owned(), SignatureDef { inputs, outputs, ..SignatureDef::default() })
        };
        let signatures = signatures.iter().map(signature).collect();
        let meta = MetaGraphDef {
            info: Some(MetaInfoDef { tags: vec!["serve".into()], ..MetaInfoDef::default() }),
            graph: None,
            signatures,
        };
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
