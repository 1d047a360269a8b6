//! A SavedModel for tests: a base network that multiplies the mean colour of a clip, as TensorFlow 2.18.1 saved it.

use std::path::Path;

/// Its `variables.index`: a variable `kernel` `(3, 4)` and a `bias` `(4)`.
pub(super) const INDEX: &[u8] = include_bytes!("example/variables.index");
/// Bytes of the file of their values, whose content plays no part here.
pub(super) const VALUES: usize = 306;

/// Writes the whole SavedModel into `folder`.
pub(crate) fn lay_down(folder: &Path) {
    fs_err::create_dir_all(folder.join("variables")).unwrap();
    for (file, content) in [
        (super::GRAPH, include_bytes!("example/saved_model.pb").as_slice()),
        ("fingerprint.pb", include_bytes!("example/fingerprint.pb")),
        (super::files::INDEX, INDEX),
        ("variables/variables.data-00000-of-00001", &[0; VALUES]),
    ] {
        fs_err::write(folder.join(file), content).unwrap();
    }
}
