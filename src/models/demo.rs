//! The bundled demo: a small pair of MoViNets and a clip, embedded in the program by build.rs.
//!
//! It knows rendered figures doing twelve actions, not the world; tools/demo-model makes it.

use std::io::Cursor;
use std::path::PathBuf;

use ndarray::Array4;

use crate::cache::{Cache, Kind};
use crate::fetch::{FetchError, archive};
use crate::media::{self, GifSource, MediaError, Truncated};
use crate::saved_model;

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
    let demo =
        Demo { base: target.join("base"), stream: target.join("stream"), clip: target.join("jumping-jacks.gif") };
    if is_whole(&demo) {
        return Ok(demo);
    }
    let _lock = cache.lock(&entry)?;
    if is_whole(&demo) {
        return Ok(demo); // another process unpacked it while this one waited
    }
    let part = cache.part_for(&entry)?;
    for (bytes, folder) in [(EMBEDDED.base, "base"), (EMBEDDED.stream, "stream")] {
        let into = part.path().join(folder);
        let unpack = |reason| FetchError::Unpack { folder: into.clone(), reason };
        fs_err::create_dir(&into).map_err(unpack)?;
        let name = format!("the bundled demo's {folder}");
        archive::unpack(bytes, &name, &into, archive::Limits::default())?;
    }
    let clip = part.path().join("jumping-jacks.gif");
    fs_err::write(&clip, EMBEDDED.clip).map_err(|reason| FetchError::Unpack { folder: clip, reason })?;
    cache.publish(part, &entry)?;
    Ok(demo)
}

/// The demo's clip as a model sees it that takes frames of `size` pixels, `(frames, size, size, 3)`: models are proved
/// equal on it.
///
/// # Errors
/// [`MediaError`] when it cannot be decoded.
pub fn video(size: usize) -> Result<Array4<f32>, MediaError> {
    let mut clip = GifSource::new(Cursor::new(EMBEDDED.clip), "jumping-jacks.gif", Truncated::Refuse)?;
    media::video(&mut clip, size)
}

fn is_whole(demo: &Demo) -> bool {
    demo.clip.is_file() && [&demo.base, &demo.stream].iter().all(|folder| saved_model::missing_file(folder).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_unpacks_whole_and_repairs_what_was_gutted() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path());
        let demo = unpack(&cache).unwrap();
        fs_err::remove_file(demo.base.join("variables/variables.index")).unwrap();
        assert_eq!(unpack(&cache).unwrap(), demo);
        assert!(is_whole(&demo));
    }

    #[test]
    fn it_knows_jumping_jacks() {
        assert!(labels().lines().any(|label| label == "jumping jacks"));
    }
}
