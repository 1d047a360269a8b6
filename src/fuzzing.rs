//! What `fuzz/` calls and the library doesn't offer. No part of the library: it may change without notice.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cache::Record;
use crate::fetch::archive::{Limits, unpack_saved_model};
use crate::labels::{Labels, LabelsError};
use crate::models::Card;
use crate::movinet::{DType, Signature, TensorSpec, recognise};
use crate::prepare;

/// The labels in a file's bytes.
pub fn labels(bytes: &[u8]) -> Result<Labels, LabelsError> {
    Labels::from_bytes(bytes, Path::new("labels.txt"))
}

/// Unpacks an archive into the empty folder `into`: the files that a record has, with their lengths, or `None`.
pub fn unpack(archive: &[u8], into: &Path) -> Option<Vec<(String, u64)>> {
    let limits = Limits { entries: 64, bytes: 1 << 20 };
    let files = unpack_saved_model(archive, "it", into, limits).ok()?;
    Some(files.into_iter().map(|file| (file.path, file.bytes)).collect())
}

/// What the rewriter makes of a saved_model.pb.
pub fn rewrite(graph: &[u8]) -> Option<Vec<u8>> {
    prepare::rewritten(graph).ok()
}

/// Reads both kinds of records, and models' cards, and uses what they say; `folder` is where they are.
pub fn records(bytes: &[u8], folder: &Path) {
    let _ = serde_json::from_slice::<prepare::Record>(bytes);
    if let Ok(card) = Card::parse(bytes) {
        let _ = card.labels(folder);
    }
    if let Some(record) = Record::read(folder) {
        record.bytes();
        record.missing(folder);
        record.damage(folder);
    }
}

/// Recognises models by signatures: for each a name, inputs and outputs, with their ranks.
pub fn recognise(signatures: &[(String, Tensors, Tensors)]) {
    let specs = |tensors: &Tensors| {
        let spec = |(name, rank): &(String, Option<u8>)| TensorSpec {
            name: name.clone(),
            dtype: if name.contains("count") { DType::Int32 } else { DType::Float32 },
            shape: rank.map(|rank| vec![None; rank.into()]),
            quantisation: None,
            at: (name.clone(), 0),
        };
        tensors.iter().map(spec).collect()
    };
    let signatures: BTreeMap<_, _> = signatures
        .iter()
        .map(|(name, inputs, outputs)| {
            (name.clone(), Signature { name: name.clone(), inputs: specs(inputs), outputs: specs(outputs) })
        })
        .collect();
    let _ = recognise::network(&signatures);
}

/// Names and ranks.
pub type Tensors = Vec<(String, Option<u8>)>;
