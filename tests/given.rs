//! Files that people give and that are not quite what they should be: what is used, what is refused, and what is said.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use predicates::prelude::*;
use predicates::str::contains;
use run::{Place, RED};

#[test]
fn a_clip_with_something_behind_its_frames_is_used_with_a_warning() {
    let place = Place::with_clip(&[(5, RED)]);
    let whole = fs_err::read(place.path("clip.gif")).unwrap();
    for junk in [&b"<html>"[..], b"\0", b"some text; and more"] {
        place.file("junk.gif", [&whole[..whole.len() - 1], junk].concat());
        let outcome = place.run("compare junk.gif --model fake --json -").success();
        outcome.stderr(contains("warning: what stands behind its 5 frames in the file is no part of a GIF"));
    }
}

#[test]
fn a_damaged_clip_is_used_up_to_the_damage_when_asked_for() {
    let place = Place::with_clip(&[(5, RED)]);
    let mut bytes = fs_err::read(place.path("clip.gif")).unwrap();
    let image = bytes.windows(3).rposition(|three| three == [0x2c, 0, 0]).unwrap();
    let end = bytes.len() - 2;
    bytes[image + 12..end].fill(0xff); // the last frame's data: codes that no table has
    place.file("damaged.gif", &bytes);
    let refused = place.run("compare damaged.gif --model fake").code(4);
    refused.stderr(contains("is damaged at frame 4").and(contains("hint: use the whole frames before it")));
    let kept = place.run("compare damaged.gif --model fake --keep-truncated --json -").success();
    kept.stdout(contains("\"frames\": 4")).stderr(contains("the 4 whole frames before it are used"));
}

#[test]
fn a_rate_that_leaves_little_of_a_hurried_clip_is_said() {
    let place = Place::new();
    place.gif("hurried.gif", &[(40, RED)], (10, 8), 1);
    let message = contains("leaves 2 of its 40 frames; every one is taken at the native rate (--fps native)");
    let outcome = place.run("compare hurried.gif --model fake --fps 5 --json -").success();
    outcome.stdout(contains("\"frames\": 2")).stderr(message.clone());
    place.run("compare hurried.gif --model fake --json -").success().stderr(message.clone().not());
    place.gif("film.gif", &[(40, RED)], (10, 8), 2);
    place.run("compare film.gif --model fake --fps 5 --json -").success().stderr(contains("warning").not());
    place.run("compare film.gif --model fake --fps 1 --json -").success().stderr(contains("leaves 1 of its 40"));
}

#[test]
fn labels_are_taken_in_the_forms_that_they_come_in_or_the_form_is_named() {
    let place = Place::with_clip(&[(3, RED)]);
    let names = ["crimson", "lime", "navy", "gold", "teal", "pink", "snow", "coal"];
    let numbered: Vec<_> = names.iter().enumerate().map(|(index, name)| format!("{index},{name}")).collect();
    let plain = names.join("\n");
    let command = "compare clip.gif --model fake --labels labels.txt --json -";
    for text in [format!("\u{feff}{plain}\n\n\n"), format!("id,name\n{}\n", numbered.join("\n")), plain.clone()] {
        place.file("labels.txt", &text);
        let base = place.json(command)["base"]["top"][0].clone();
        assert_eq!(base["label"], names[usize::try_from(base["index"].as_u64().unwrap()).unwrap()], "{text}");
    }
    place.file("labels.txt", plain.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    place.fails(command, 4, "'labels.txt' is UTF-16; save it as UTF-8");
    place.file("labels.txt", plain.replacen('\n', "\n\n", 1));
    place.fails(command, 4, "cannot tell the labels in 'labels.txt': line 2 is empty");
    place.file("labels.txt", names[1..].join("\n"));
    place.fails(command, 4, "has 7 labels, but the model has 8 classes");
}
