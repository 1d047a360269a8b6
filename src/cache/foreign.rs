//! The caches of Python's tensorflow_hub and kagglehub: what is there needs no download.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha1::{Digest, Sha1};

use super::{CacheError, Found, Origin};
use crate::catalog::Model;
use crate::paths;
use crate::progress::Progress;
use crate::saved_model;

/// Where the two caches are; empty paths are none. Nothing in them is ever changed; a model is only ever added to tensorflow_hub's, on
/// request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignCaches {
    /// `$TFHUB_CACHE_DIR`, else `tfhub_modules` in the folder for temporary files.
    pub tfhub: PathBuf,
    /// `$KAGGLEHUB_CACHE`, else `~/.cache/kagglehub`.
    pub kagglehub: PathBuf,
}

impl ForeignCaches {
    /// A whole copy of `model`, if either has one.
    pub fn find(&self, model: &Model) -> Option<Found> {
        self.copies(model).into_iter().find(|found| damage(&found.path).is_none())
    }

    /// Warns of copies of `model` that are passed over because they are not whole.
    pub fn tell_of_damage(&self, model: &Model, progress: &dyn Progress) {
        for found in self.copies(model) {
            if let Some(reason) = damage(&found.path) {
                let (origin, path) = (found.origin, found.path.display());
                progress.warning(&format!("{model} in {origin}'s cache is passed over: {reason} ('{path}')"));
            }
        }
    }

    /// Where copies of `model` are that their programs take for finished.
    fn copies(&self, model: &Model) -> Vec<Found> {
        let mut copies = Vec::new();
        let tfhub = self.tfhub_folder(model);
        if !self.tfhub.as_os_str().is_empty() && tfhub.is_dir() {
            copies.push(Found { path: tfhub, origin: Origin::TensorflowHub });
        }
        let kagglehub = self.kagglehub.join("models").join(model.kaggle_handle());
        let marker = paths::with_ending(&kagglehub, ".complete");
        if !self.kagglehub.as_os_str().is_empty() && marker.is_file() && kagglehub.is_dir() {
            copies.push(Found { path: kagglehub, origin: Origin::Kagglehub });
        }
        copies
    }

    /// tensorflow_hub names a folder by the SHA-1 of the handle, exactly as it is given to `hub.load`.
    fn tfhub_folder(&self, model: &Model) -> PathBuf {
        let hash = Sha1::digest(model.handle());
        self.tfhub.join(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// Lays `folder`, a SavedModel, down where Python's `hub.load(model.handle())` finds it, as tensorflow_hub itself
    /// would: a temporary folder, a descriptor, a rename. Gives the folder; a whole one that is there is left alone.
    ///
    /// # Errors
    /// [`CacheError::Io`] when it cannot be written.
    pub fn share_with_tfhub(&self, model: &Model, folder: &Path) -> Result<PathBuf, CacheError> {
        let target = self.tfhub_folder(model);
        if damage(&target).is_none() {
            return Ok(target);
        }
        let write = || -> std::io::Result<()> {
            fs_err::create_dir_all(&self.tfhub)?;
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            let part = tempfile::Builder::new().prefix(&format!("{name}.")).suffix(".tmp").tempdir_in(&self.tfhub)?;
            saved_model::copy(folder, part.path())?;
            let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let descriptor = format!(
                "Module: {}\nDownload Time: {seconds}\nDownloader Hostname: movinet-tf (PID:{})\n",
                model.handle(),
                std::process::id()
            );
            fs_err::write(paths::with_ending(&target, ".descriptor.txt"), descriptor)?;
            if target.exists() {
                fs_err::remove_dir_all(&target)?; // gutted, or it would have been whole: hub.load fails on it
            }
            fs_err::rename(part.path(), &target)?;
            let _renamed = part.keep();
            Ok(())
        };
        write().map_err(CacheError::Io)?;
        Ok(target)
    }
}

/// Why a folder that others manage holds no whole SavedModel with its weights.
fn damage(folder: &Path) -> Option<String> {
    match saved_model::missing_file(folder) {
        Some(file) => Some(format!("it has no {file}")),
        None => saved_model::damage(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved_model::example::lay_down;

    fn caches(root: &Path) -> ForeignCaches {
        ForeignCaches { tfhub: root.join("tfhub"), kagglehub: root.join("kagglehub") }
    }

    #[test]
    fn folders_are_named_as_tensorflow_hub_names_them() {
        for (name, hash) in [
            ("a2-base", "2b42afdfe51ed1e8a01b4900ba7faafe470a8cb2"),
            ("a2-stream", "73a34ee5fa8e2c32efaaeab2abb7ca083f4e1239"),
            ("a0-base", "e6f2797008b2e688d1a73c6276713aaf3970e3e5"),
            ("a0-stream", "3b82fabcf5e6528692ed85be6339c3861ba225e4"),
        ] {
            let folder = caches(Path::new("/x")).tfhub_folder(&name.parse().unwrap());
            assert_eq!(folder, Path::new("/x/tfhub").join(hash));
        }
    }

    #[test]
    fn a_gutted_or_unfinished_copy_is_not_believed() {
        let root = tempfile::tempdir().unwrap();
        let (caches, model) = (caches(root.path()), "a0-stream".parse().unwrap());
        let folder = caches.tfhub_folder(&model);
        lay_down(&folder);
        assert_eq!(caches.find(&model).unwrap().origin, Origin::TensorflowHub);
        let data = folder.join("variables/variables.data-00000-of-00001");
        let whole = fs_err::read(&data).unwrap();
        for (file, content) in [
            ("saved_model.pb", &b""[..]),
            ("saved_model.pb", &[0x0A, 0x7F, 0x00]),
            ("variables/variables.index", b"cut"),
            ("variables/variables.data-00000-of-00001", &whole[1..]),
        ] {
            fs_err::write(folder.join(file), content).unwrap();
            assert_eq!(caches.find(&model), None, "{file}");
            assert!(damage(&folder).unwrap().contains(file), "{:?}", damage(&folder));
            lay_down(&folder);
        }
        fs_err::remove_file(data).unwrap();
        assert_eq!(caches.find(&model), None);

        let folder =
            root.path().join("kagglehub/models/google/movinet/tensorFlow2/a0-stream-kinetics-600-classification/2");
        lay_down(&folder);
        assert_eq!(caches.find(&model), None, "without the marker it may be half there");
        fs_err::write(format!("{}.complete", folder.display()), "").unwrap();
        assert_eq!(caches.find(&model), Some(Found { path: folder, origin: Origin::Kagglehub }));
    }

    #[test]
    fn sharing_adds_a_copy_once() {
        let root = tempfile::tempdir().unwrap();
        let (caches, model) = (caches(root.path()), "a0-base".parse().unwrap());
        let source = root.path().join("source");
        lay_down(&source);
        fs_err::write(source.join("movinet-tf.json"), "{}").unwrap();
        let shared = caches.share_with_tfhub(&model, &source).unwrap();
        assert_eq!(caches.find(&model), Some(Found { path: shared.clone(), origin: Origin::TensorflowHub }));
        assert!(!shared.join("movinet-tf.json").exists());
        let descriptor = fs_err::read_to_string(format!("{}.descriptor.txt", shared.display())).unwrap();
        assert!(descriptor.starts_with("Module: https://tfhub.dev/tensorflow/movinet/a0/base/"));
        assert_eq!(caches.share_with_tfhub(&model, &source).unwrap(), shared);
        assert_eq!(fs_err::read_dir(&caches.tfhub).unwrap().count(), 2);
    }
}
