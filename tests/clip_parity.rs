//! Decoding and resizing equal TensorFlow's bit for bit: tests/parity/clips.txt holds what TensorFlow gave.
//!
//! The clips are made by tests/parity/make_clips.py and recorded by tests/parity/record_clips.py. The sample clip isn't
//! part of the project; where it is not beside the checkout, its lines are passed over and that is said.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panic and says what it passes over")]

use std::path::{Path, PathBuf};

use movinet_tf::media::{FrameSource, GifSource, MediaError, Truncated, video};
use sha2::{Digest, Sha256};

const SAMPLE: &str = "jumpingjack.gif";

fn path_of(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if name == SAMPLE { root.join("../shared/data").join(name) } else { root.join("tests/parity/clips").join(name) }
}

/// Number of frames and the hash of what a model of `size` sees.
fn seen(path: &Path, size: usize) -> Result<(usize, String), MediaError> {
    let mut source = GifSource::open(path, Truncated::Keep)?;
    let video = video(&mut source, size)?;
    let mut hash = Sha256::new();
    video.iter().for_each(|value| hash.update(value.to_le_bytes()));
    Ok((video.dim().0, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

#[test]
fn every_recorded_clip_is_equal_bit_for_bit() {
    let recorded = fs_err::read_to_string(path_of("").join("../clips.txt")).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in recorded.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<_> = line.split(' ').collect();
        let path = path_of(fields[0]);
        if fields[0] == SAMPLE && !path.exists() {
            eprintln!("passed over, the sample clip is not here: {line}");
            continue;
        }
        let size = if let [_, size, ..] = fields[..] { size.parse().unwrap_or(1) } else { 1 };
        match (seen(&path, size), &fields[1..]) {
            (Err(MediaError::Damaged { .. }), ["error"]) => {}
            (Ok((count, hash)), [_, frames, sha256]) if count.to_string() == *frames && hash == *sha256 => {}
            (outcome, _) => wrong.push(format!("{line}: {outcome:?}")),
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "not as TensorFlow: {wrong:#?}");
    assert!(compared >= 140, "only {compared} lines were compared");
}

#[test]
fn a_cut_clip_is_refused_unless_asked_for_and_a_missing_trailer_is_a_warning() {
    let refused = GifSource::open(path_of("cut-in-frame.gif"), Truncated::Refuse);
    assert!(matches!(refused, Err(MediaError::Truncated { whole: 4, .. })), "{refused:?}");
    let kept = GifSource::open(path_of("cut-in-frame.gif"), Truncated::Keep).unwrap();
    assert!(kept.warning().unwrap().contains("4 whole frames"));
    let complete = GifSource::open(path_of("no-trailer.gif"), Truncated::Refuse).unwrap();
    assert!(complete.warning().unwrap().contains("trailer"));
    assert_eq!(GifSource::open(path_of("whole-frames.gif"), Truncated::Refuse).unwrap().warning(), None);
}
