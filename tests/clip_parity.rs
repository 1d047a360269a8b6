//! Decoding and resizing equal TensorFlow's bit for bit: tests/parity/clips.txt holds what TensorFlow gave.
//!
//! The clips are made by tests/parity/make_clips.py and recorded by tests/parity/record_clips.py; tests/parity/damage.txt
//! has what TensorFlow gave for every beginning of a clip and for every byte changed, by record_damage.py. The sample
//! clip isn't part of the project; where it is not beside the checkout, its lines are passed over and that is said.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panic and says what it passes over")]

use std::io::Cursor;
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
    Ok((video.dim().0, hex(hash)))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A line of damage.txt: the clip, how it was damaged, where, and what came of it.
fn parse(line: &str) -> (&str, &str, usize, &str) {
    let fields: Vec<_> = line.splitn(4, ' ').collect();
    (fields[0], fields[1], fields[2].parse().unwrap(), fields[3])
}

/// What becomes of a clip with its whole frames kept, in the words of damage.txt.
fn outcome(bytes: &[u8]) -> String {
    let decoded = || -> Result<String, MediaError> {
        let mut source = GifSource::new(Cursor::new(bytes.to_vec()), "clip.gif", Truncated::Keep)?;
        let (mut count, mut hash) = (0, Sha256::new());
        while let Some(frame) = source.next_frame()? {
            hash.update(frame.pixels.bytes());
            count += 1;
        }
        let info = source.info();
        Ok(format!("{count} {}x{} {}", info.width, info.height, &hex(hash)[..12]))
    };
    decoded().unwrap_or_else(|_| "error".to_owned())
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
fn whatever_is_cut_or_changed_gives_the_frames_that_tensorflow_gives() {
    let recorded = fs_err::read_to_string(path_of("").join("../damage.txt")).unwrap();
    let mut lines = recorded.lines().filter(|line| !line.starts_with('#')).peekable();
    let (mut compared, mut errors, mut wrong) = (0, 0, Vec::new());
    while let Some(&first) = lines.peek() {
        let (name, way, ..) = parse(first);
        let bytes = fs_err::read(path_of("").join("../damage").join(name)).unwrap();
        let mut expected = "";
        let variants = bytes.len() + usize::from(way == "cut");
        for at in 0..variants {
            if let Some(line) =
                lines.next_if(|line| matches!(parse(line), (n, w, a, _) if (n, w, a) == (name, way, at)))
            {
                expected = parse(line).3;
            }
            let mut variant = bytes.clone();
            match way {
                "cut" => variant.truncate(at),
                _ => variant[at] ^= 1 << (at % 8),
            }
            let outcome = outcome(&variant);
            if outcome != expected {
                wrong.push(format!("{name} {way} {at}: {outcome}, not {expected}"));
            }
            compared += 1;
            errors += usize::from(expected == "error");
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} not as TensorFlow: {wrong:#?}", wrong.len());
    assert!(compared > 8000 && errors > 1000 && errors < compared / 2, "{compared} compared, {errors} errors");
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
