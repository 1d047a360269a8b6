//! The bundled demo: a small pair of MoViNets and a clip, embedded in the program by build.rs.
//!
//! It knows rendered figures doing twelve actions, not the world; tools/demo-model makes it.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use ndarray::Array4;

use sha2::{Digest, Sha256};

use crate::cache::{Cache, FileRecord, Kind, Record};
use crate::fetch::{FetchError, archive};
use crate::hash;
use crate::media::{self, GifSource, MediaError, Truncated};

include!(concat!(env!("OUT_DIR"), "/demo.rs"));

/// The embedded files, as tools/demo-model wrote them.
#[derive(Debug)]
struct Embedded {
    base: &'static [u8],
    stream: &'static [u8],
    labels: &'static str,
    clip: &'static [u8],
    /// SHA-256 over the list of all files' hashes.
    sha256: &'static str,
}

/// The names under which reports show the two models.
pub const NAMES: [&str; 2] = ["demo-base", "demo-stream"];
/// Height and width in pixels of the frames that the demo was trained on.
pub const SIZE: usize = 96;

/// Where the models are in the unpacked demo, and the clip.
const FOLDERS: [&str; 2] = ["base", "stream"];
const CLIP: &str = "jumping-jacks.gif";

/// The demo, unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// The base SavedModel's folder.
    pub base: PathBuf,
    /// The stream SavedModel's folder.
    pub stream: PathBuf,
    /// The clip's file.
    pub clip: PathBuf,
}

/// The demo's labels, one a line.
pub fn labels() -> &'static str {
    EMBEDDED.labels
}

/// Unpacks the demo into `cache`, once.
///
/// # Errors
/// [`FetchError`] when the cache cannot be written.
pub fn unpack(cache: &Cache) -> Result<Demo, FetchError> {
    let entry = cache.entry(Kind::Demo, &EMBEDDED.sha256[..16]);
    let target = entry.path();
    let [base, stream] = FOLDERS.map(|folder| target.join(folder));
    let demo = Demo { base, stream, clip: target.join(CLIP) };
    if is_whole(target) {
        return Ok(demo);
    }
    let _lock = cache.lock(&entry)?;
    if is_whole(target) {
        return Ok(demo); // another process unpacked it while this one waited
    }
    let part = cache.part_for(&entry)?;
    let mut files = Vec::new();
    for (bytes, folder) in [EMBEDDED.base, EMBEDDED.stream].into_iter().zip(FOLDERS) {
        let into = part.path().join(folder);
        let unpack = |reason| FetchError::Unpack { folder: into.clone(), reason };
        fs_err::create_dir(&into).map_err(unpack)?;
        let name = format!("the bundled demo's {folder}");
        let unpacked = archive::unpack(bytes, &name, &into, archive::Limits::default())?;
        files.extend(unpacked.into_iter().map(|file| FileRecord { path: format!("{folder}/{}", file.path), ..file }));
    }
    let clip = part.path().join(CLIP);
    fs_err::write(&clip, EMBEDDED.clip).map_err(|reason| FetchError::Unpack { folder: clip, reason })?;
    let (bytes, sha256) = (EMBEDDED.clip.len() as u64, hash::finish(Sha256::new_with_prefix(EMBEDDED.clip)));
    files.push(FileRecord { path: CLIP.into(), bytes, sha256 });
    Record::new(entry.name(), "bundled", files).with_models(part.path(), &FOLDERS)?.write(part.path())?;
    cache.publish(part, &entry)?;
    Ok(demo)
}

/// Unpacks the demo into `cache` anew, where its content was changed.
///
/// # Errors
/// [`FetchError`] when the cache cannot be written, or the demo is in use.
pub fn mend(cache: &Cache) -> Result<Demo, FetchError> {
    let entry = cache.entry(Kind::Demo, &EMBEDDED.sha256[..16]);
    cache.remove(&entry)?;
    unpack(cache)
}

/// The demo's clip as a model sees it that takes frames of `size` pixels, `(frames, size, size, 3)`: models are proved
/// equal on it.
///
/// # Errors
/// [`MediaError`] when it cannot be decoded.
pub fn video(size: usize) -> Result<Array4<f32>, MediaError> {
    let mut clip = GifSource::new(Cursor::new(EMBEDDED.clip), CLIP, Truncated::Refuse)?;
    media::video(&mut clip, size)
}

/// Whether all that was unpacked is there at its full length, and the clip as it was: cleaners of temporary folders gut what
/// they find. The models are hashed when they are loaded.
fn is_whole(folder: &Path) -> bool {
    let clip = || fs_err::read(folder.join(CLIP)).is_ok_and(|clip| clip == EMBEDDED.clip);
    Record::read(folder).is_some_and(|record| record.missing(folder).is_none()) && clip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_unpacks_whole_and_repairs_what_was_gutted() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path());
        let demo = unpack(&cache).unwrap();
        let folder = demo.base.parent().unwrap();
        let data = demo.stream.join("variables/variables.data-00000-of-00001");
        let whole = fs_err::read(&data).unwrap();
        for gut in [
            &(|| fs_err::remove_file(demo.base.join("variables/variables.index"))) as &dyn Fn() -> std::io::Result<()>,
            &|| fs_err::write(&data, &whole[..whole.len() - 1]),
            &|| fs_err::write(demo.base.join("saved_model.pb"), b""),
            &|| fs_err::remove_file(&demo.clip),
            &|| fs_err::write(&demo.clip, vec![0; EMBEDDED.clip.len()]),
            &|| fs_err::remove_dir_all(&demo.stream),
        ] {
            gut().unwrap();
            assert!(!is_whole(folder));
            assert_eq!(unpack(&cache).unwrap(), demo);
            assert!(is_whole(folder) && Record::read(folder).unwrap().damage(folder).is_empty());
        }
    }

    #[test]
    fn it_knows_jumping_jacks() {
        assert!(labels().lines().any(|label| label == "jumping jacks"));
    }
}
