//! What the targets share: a plain model of `tf.io.decode_gif`, and a folder to put things into.

pub mod decode_gif;

use std::path::Path;

use tempfile::TempDir;

/// Runs `use_it` with an empty folder, which is gone afterwards.
pub fn with_folder<T>(use_it: impl FnOnce(&Path) -> T) -> T {
    let folder = TempDir::new().unwrap();
    use_it(folder.path())
}
