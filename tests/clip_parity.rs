//! Decoding and resizing equal TensorFlow's bit for bit: tests/parity/clips.txt holds what TensorFlow gave.
//!
//! The clips are made by tests/parity/make_clips.py and recorded by tests/parity/record_clips.py. The sample clip isn't
//! part of the project; where it is not beside the checkout, its lines are passed over and that is said.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panic and says what it passes over")]

use std::path::{Path, PathBuf};

use movinet_tf::clip::{Clip, ClipError, Truncated};
use movinet_tf::fetch::integrity;
use sha2::{Digest, Sha256};

const SAMPLE: &str = "jumpingjack.gif";

fn path_of(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if name == SAMPLE { root.join("../shared/data").join(name) } else { root.join("tests/parity/clips").join(name) }
}

fn hash(clip: &Clip, size: usize) -> String {
    let mut hash = Sha256::new();
    clip.video(size).iter().for_each(|value| hash.update(value.to_le_bytes()));
    integrity::finish(hash)
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
        let clip = Clip::read(&path, Truncated::Keep);
        match (clip, fields[1..].iter().as_slice()) {
            (Err(ClipError::Damaged { .. }), ["error"]) => {}
            (Ok(clip), [size, frames, sha256]) => {
                let size = size.parse().unwrap();
                if clip.len().to_string() != *frames || hash(&clip, size) != *sha256 {
                    wrong.push(line.to_owned());
                }
            }
            (outcome, _) => wrong.push(format!("{line}: {:?}", outcome.map(|clip| clip.len()))),
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "not as TensorFlow: {wrong:#?}");
    assert!(compared >= 140, "only {compared} lines were compared");
}

#[test]
fn a_cut_clip_is_refused_unless_asked_for_and_a_missing_trailer_is_a_warning() {
    let refused = Clip::read(&path_of("cut-in-frame.gif"), Truncated::Refuse);
    assert!(matches!(refused, Err(ClipError::Truncated { whole: 4, .. })), "{refused:?}");
    let kept = Clip::read(&path_of("cut-in-frame.gif"), Truncated::Keep).unwrap();
    assert!(kept.warning().unwrap().contains("4 whole frames"));
    let complete = Clip::read(&path_of("no-trailer.gif"), Truncated::Refuse).unwrap();
    assert!(complete.warning().unwrap().contains("trailer"));
    assert_eq!(Clip::read(&path_of("whole-frames.gif"), Truncated::Refuse).unwrap().warning(), None);
}
