//! Frames are chosen and cut as the originals of each rule do it, bit for bit: tests/parity/sampling.txt holds what they
//! gave, recorded by tests/parity/record_sampling.py.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::path::Path;

use movinet_tf::media::{Cutter, Pixels, Space, choice};
use ndarray::{Array4, Axis};
use sha2::{Digest, Sha256};

/// Lines of sampling.txt whose first field is one of these, as their fields.
fn recorded(kinds: &[&str]) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/sampling.txt");
    let text = fs_err::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|fields| kinds.contains(&fields[0].as_str())).collect()
}

fn numbers<const N: usize>(text: &str, between: char) -> [usize; N] {
    let numbers: Vec<_> = text.split(between).map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The clip that record_sampling.py computes by the same numbers.
fn clip(name: &str) -> Array4<u32> {
    let (frames, height, width) = match name {
        "landscape" => (40, 72, 128),
        "portrait" => (40, 128, 72),
        "square" => (40, 96, 96),
        "short" => (3, 90, 160),
        "odd" => (17, 57, 101),
        "small" => (9, 20, 31),
        _ => panic!("{name}"),
    };
    let mut at = 0u32;
    Array4::from_shape_simple_fn((frames, height, width, 3), || {
        let mut value = at.wrapping_mul(2_654_435_761);
        value ^= value >> 15;
        value = value.wrapping_mul(2_246_822_519);
        at += 1;
        value ^ (value >> 13)
    })
}

/// Hash and shape of the frames of `clip` with these indices, cut by a rule; those beyond the end are black.
fn seen(clip: &Array4<u32>, values: &str, indices: &[usize], space: Space, size: usize) -> (String, String) {
    let (total, height, width, _) = clip.dim();
    let (bytes, unit) = (clip.mapv(|value| (value >> 24) as u8), clip.mapv(|value| (value >> 8) as f32 / 16_777_216.0));
    let cutter = Cutter::new(space, (height, width), size);
    let (mut hash, mut frame) = (Sha256::new(), vec![f32::NAN; cutter.len()]);
    for &index in indices {
        let pixels = match values {
            _ if index >= total => None,
            "bytes" => Some(Pixels::Bytes(bytes.index_axis(Axis(0), index))),
            _ => Some(Pixels::Unit(unit.index_axis(Axis(0), index))),
        };
        match pixels {
            Some(pixels) => cutter.run(pixels, &mut frame).unwrap(),
            None => frame.fill(0.0),
        }
        frame.iter().for_each(|value| hash.update(value.to_le_bytes()));
    }
    let (height, width) = cutter.shape();
    (format!("{}x{height}x{width}", indices.len()), hex(hash))
}

#[test]
fn every_rule_gives_what_its_original_gives_bit_for_bit() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for fields in recorded(&["tutorial", "kinetics", "fit", "letterbox", "centre"]) {
        let [rule, name, values, size, options, shape, sha256] = &fields[..] else { panic!("{fields:?}") };
        let clip = clip(name);
        let all = (0..clip.dim().0).collect();
        let (space, indices): (_, Vec<usize>) = match (rule.as_str(), options.as_str()) {
            ("tutorial", "-") => (Space::Squash, all),
            ("fit", "-") => (Space::Fit, all),
            ("letterbox", "-") => (Space::Letterbox, all),
            ("centre", "-") => (Space::Centre, all),
            ("letterbox", options) => {
                let [start, frames, step] = numbers(options, ',');
                (Space::Letterbox, choice::letterbox(start, frames, step))
            }
            (_, options) => {
                let [frames, stride, short, views] = numbers(options, ',');
                (Space::ShortSide { short }, choice::kinetics(clip.dim().0, frames, stride, views).concat())
            }
        };
        let got = seen(&clip, values, &indices, space, size.parse().unwrap());
        if got != (shape.clone(), sha256.clone()) {
            wrong.push(format!("{}: {} {}", fields.join(" "), got.0, got.1));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared} are not as recorded: {wrong:#?}", wrong.len());
    assert_eq!(compared, 6 * 2 * 19, "lines that were compared");
}

#[test]
fn frames_stand_where_their_originals_put_them_at_any_size() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for fields in recorded(&["size"]) {
        let [height, width, size, top, left, rows, columns] = numbers(&fields[2..].join(" "), ' ');
        let space = if fields[1] == "fit" { Space::Fit } else { Space::Letterbox };
        let cutter = Cutter::new(space, (height, width), size);
        let got = match space {
            Space::Fit => [0, 0, cutter.shape().0, cutter.shape().1],
            _ => {
                let white = ndarray::Array3::<f32>::ones((height, width, 3));
                let mut seen = vec![f32::NAN; cutter.len()];
                cutter.run(white.view().into(), &mut seen).unwrap();
                let lit: Vec<_> = (0..size * size).filter(|pixel| seen[pixel * 3] > 0.5).collect();
                let (first, last) = (lit[0], lit[lit.len() - 1]);
                let (from, to) = ([first / size, first % size], [last / size, last % size]);
                [from[0], from[1], to[0] - from[0] + 1, to[1] - from[1] + 1]
            }
        };
        if got != [top, left, rows, columns] {
            wrong.push(format!("{}: {got:?}", fields.join(" ")));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared} are not as recorded: {wrong:#?}", wrong.len());
    assert!(compared > 300, "only {compared} lines were compared");
}

#[test]
fn kinetics_takes_the_frames_that_its_original_takes() {
    let mut compared = 0;
    for fields in recorded(&["indices"]) {
        let [total, frames, stride, views] = numbers(&fields[1..5].join(" "), ' ');
        let mut hash = Sha256::new();
        for index in choice::kinetics(total, frames, stride, views).concat() {
            hash.update((index as u32).to_le_bytes());
        }
        assert_eq!(hex(hash)[..16], fields[5], "{}", fields.join(" "));
        compared += 1;
    }
    assert_eq!(compared, 244);
}
