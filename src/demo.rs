//! The bundled demo: a small pair of MoViNets and a clip, embedded in the program by build.rs.
//!
//! It knows rendered figures doing twelve actions, not the world; tools/demo-model makes it.

use std::path::PathBuf;

use crate::fetch::{Cache, FetchError, archive};

include!(concat!(env!("OUT_DIR"), "/demo.rs"));

/// The embedded files, as tools/demo-model wrote them.
#[derive(Debug)]
struct Embedded {
    base: &'static [u8],
    prepared_base: &'static [u8],
    stream: &'static [u8],
    prepared_stream: &'static [u8],
    labels: &'static str,
    clip: &'static [u8],
    /// SHA-256 over the list of all files' hashes.
    sha256: &'static str,
}

/// The names under which reports show the two models.
pub const NAMES: (&str, &str) = ("demo-base", "demo-stream");
/// Height and width in pixels of the frames that the demo was trained on.
pub const SIZE: usize = 96;

/// The demo, unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// The base SavedModel's folder.
    pub base: PathBuf,
    /// The folder of its prepared form.
    pub prepared_base: PathBuf,
    /// The stream SavedModel's folder.
    pub stream: PathBuf,
    /// The folder of its prepared form.
    pub prepared_stream: PathBuf,
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
    let target = cache.demo(&EMBEDDED.sha256[..16]);
    let demo = Demo {
        base: target.join("base"),
        prepared_base: target.join("prepared-base"),
        stream: target.join("stream"),
        prepared_stream: target.join("prepared-stream"),
        clip: target.join("jumping-jacks.gif"),
    };
    if is_whole(&demo) {
        return Ok(demo);
    }
    let _lock = cache.lock("demo")?;
    if is_whole(&demo) {
        return Ok(demo); // another process unpacked it while this one waited
    }
    let part = cache.part_for(&target)?;
    for (bytes, folder) in [
        (EMBEDDED.base, "base"),
        (EMBEDDED.prepared_base, "prepared-base"),
        (EMBEDDED.stream, "stream"),
        (EMBEDDED.prepared_stream, "prepared-stream"),
    ] {
        let into = part.path().join(folder);
        fs_err::create_dir(&into).map_err(FetchError::Cache)?;
        let name = format!("the bundled demo's {folder}");
        archive::unpack(bytes, &name, &into, archive::Limits::default())?;
    }
    fs_err::write(part.path().join("jumping-jacks.gif"), EMBEDDED.clip).map_err(FetchError::Cache)?;
    cache.publish(part, &target)?;
    Ok(demo)
}

fn is_whole(demo: &Demo) -> bool {
    let graphs = [&demo.prepared_base, &demo.prepared_stream].map(|folder| folder.join("saved_model.pb"));
    demo.clip.is_file()
        && graphs.iter().all(|graph| graph.is_file())
        && [&demo.base, &demo.stream].iter().all(|folder| archive::missing_file(folder).is_none())
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
