//! `fingerprint.pb`, in which TensorFlow 2.12 and later keep checksums of what they saved.

use std::path::Path;

use prost::Message;

use super::canonical;
use super::farmhash::fingerprint64;
use super::files::{GRAPH, INDEX};
use super::proto::FingerprintDef;

const FILE: &str = "fingerprint.pb";
/// The way in which checksums are taken; later ones may take them otherwise.
const PRODUCER: i64 = 1;

/// The file of the SavedModel in `folder` that is not what was saved, by the checksums that were saved with it; `None`
/// where they are right, or there are none.
pub(crate) fn was_changed(folder: &Path) -> Option<&'static str> {
    let recorded = FingerprintDef::decode(fs_err::read(folder.join(FILE)).ok()?.as_slice()).ok()?;
    if recorded.version.as_ref().is_none_or(|version| version.producer != PRODUCER) {
        return None;
    }
    let index = fs_err::read(folder.join(INDEX)).unwrap_or_default();
    if recorded.variables_index != 0 && recorded.variables_index != fingerprint64(&index) {
        return Some(INDEX);
    }
    let mut graph = fs_err::read(folder.join(GRAPH)).ok()?;
    // A damaged graph has no order to be put into, and another checksum as it is.
    let _ = canonical::sort(&mut graph, canonical::Message::SavedModel);
    (recorded.saved_model != fingerprint64(&graph)).then_some(GRAPH)
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved_model::example;

    #[test]
    fn a_bit_that_was_changed_since_the_model_was_saved_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        example::lay_down(folder.path());
        assert_eq!(was_changed(folder.path()), None);
        for file in [GRAPH, INDEX] {
            let path = folder.path().join(file);
            let whole = fs_err::read(&path).unwrap();
            for at in (0..whole.len()).step_by(97) {
                let mut flipped = whole.clone();
                flipped[at] ^= 0x10;
                fs_err::write(&path, flipped).unwrap();
                assert_eq!(was_changed(folder.path()), Some(file), "{at}");
            }
            fs_err::write(&path, whole).unwrap();
        }
        assert_eq!(was_changed(folder.path()), None);
        fs_err::remove_file(folder.path().join(FILE)).unwrap();
        assert_eq!(was_changed(folder.path()), None, "older ones have no checksums");
    }
}
