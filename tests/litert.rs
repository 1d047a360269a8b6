//! TF Lite files through the whole program, in networks of a few numbers that tests/tflite/make.py made. LiteRT is the one that
//! `MOVINET_TF_LIBLITERT` names, or that the machine has, or it is installed by pip; where there is none, only what needs none is
//! tested.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use run::{BLUE, Place, RED};

/// A damaged model is one of so many in the suite.
const DAMAGED: usize = 60;

fn file(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite").join(name).to_str().unwrap().to_owned()
}

/// The library, fetched once where it isn't here.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = LIBRARY.get_or_init(|| {
        let mut fetch = Command::new(env!("CARGO_BIN_EXE_movinet-tf"));
        let output = fetch.args(["fetch", "litert", "--quiet"]).output().unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        let path = || line.trim().strip_prefix("litert").map(|path| path.trim().into());
        output.status.success().then(path).flatten()
    });
    found.as_deref()
}

/// What the program says and how it ends, with LiteRT and with a TensorFlow that there isn't.
fn ran(place: &Place, line: &str) -> Option<(i32, String, String)> {
    let environment = [("MOVINET_TF_LIBLITERT", library()?), ("MOVINET_TF_LIBTENSORFLOW", Path::new("/nowhere"))];
    let assert = place.run_with(line, &environment);
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Some((output.status.code().expect("no signal"), text(&output.stdout), text(&output.stderr)))
}

#[test]
fn what_a_file_is_needs_neither_engine() {
    let place = Place::new();
    let shown = place.stdout(&format!("show {}", file("stream.tflite")), 0);
    for word in ["stream, in TF Lite's format", "3 states", "state_head_pool_buffer", "float32 (1, 1, 8, 8, 3)"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let json = place.json(&format!("show {} --json", file("integers.tflite")));
    assert_eq!((json["kind"].as_str(), json["tensorflow"].as_str()), (Some("stream"), None));
    assert!(json["signatures"][0]["inputs"][0]["dtype"] == "int8", "{json}");
    assert!(place.stdout(&format!("show {}", file("flat.tflite")), 0).contains("four-dimensional"));
}

#[test]
fn files_that_cannot_run_are_refused_with_why() {
    let place = Place::with_clip(&[(4, RED)]);
    place.file("text.tflite", "nothing");
    let mut whole = fs_err::read(file("stream.tflite")).unwrap();
    place.file("cut.tflite", &whole[..900]);
    // The graph takes a constant for the frames.
    whole[2504] = 5;
    place.file("contradicted.tflite", whole);
    for (model, word) in [
        (file("base.tflite"), "it is a base model"),
        (file("flat.tflite"), "four-dimensional"),
        ("./text.tflite".into(), "it is no TF Lite file"),
        ("./cut.tflite".into(), "may be cut short"),
        ("./contradicted.tflite".into(), "is damaged: the graph takes tensor 5, which has values"),
        ("./none.tflite".into(), "there is no file"),
    ] {
        let Some((code, _, told)) = ran(&place, &format!("classify clip.gif --stream {model}")) else { return };
        assert_eq!(code, 4, "{model}: {told}");
        assert!(told.contains(word), "{model}: {told}");
    }
    for (line, code, word) in [
        ("--engine reference", 2, "neither a prepared nor a reference form"),
        ("--engine prepared", 2, "neither a prepared nor a reference form"),
    ] {
        let line = format!("classify clip.gif --stream {} {line}", file("stream.tflite"));
        let Some((ended, _, told)) = ran(&place, &line) else { return };
        assert_eq!(ended, code, "{line}: {told}");
        assert!(told.contains(word), "{line}: {told}");
    }
    place.fails(&format!("prepare {}", file("stream.tflite")), 2, "needs no preparing");
}

#[test]
fn what_is_no_file_or_too_large_for_one_is_refused_at_once() {
    let place = Place::with_clip(&[(4, RED)]);
    let made = std::process::Command::new("mkfifo").arg(place.path("pipe.tflite")).status().unwrap();
    assert!(made.success());
    fs_err::File::create(place.path("large.tflite")).unwrap().file().set_len(3 << 30).unwrap();
    for (model, word) in [("pipe", "but a folder, a pipe or a device"), ("large", "it has 3221225472 bytes")] {
        for line in ["classify clip.gif --stream", "verify clip.gif --record x.npz --stream", "show", "label --fps 5"] {
            let mut command = Command::from_std(place.command());
            let line = format!("{line} ./{model}.tflite");
            command.args(line.split_whitespace()).timeout(std::time::Duration::from_secs(20));
            let assert = command.assert().code(4);
            let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
            assert!(told.contains(word), "{line}: {told}");
        }
    }
}

#[test]
fn a_clip_is_classified_without_tensorflow() {
    let place = Place::with_clip(&[(6, RED), (6, BLUE)]);
    for model in ["stream.tflite", "short.tflite", "integers.tflite"] {
        let line = format!("classify clip.gif --stream {} --sampling tutorial --engine litert", file(model));
        let Some((code, row, told)) = ran(&place, &line) else { return };
        assert_eq!(code, 0, "{model}: {told}");
        let row: serde_json::Value = serde_json::from_str(&row).unwrap();
        assert_eq!((row["engine"].as_str(), row["frames"].as_u64()), (Some("litert"), Some(12)), "{row}");
    }
}

#[test]
fn a_size_that_a_model_does_not_take_is_told_before_the_work() {
    let place = Place::with_clip(&[(3, RED)]);
    place.file("list.csv", "path,label\nclip.gif,1\n");
    for line in ["classify clip.gif", "evaluate list.csv", "verify clip.gif --record x.npz"] {
        let line = format!("{line} --stream {} --size 9", file("stream.tflite"));
        let Some((code, rows, told)) = ran(&place, &line) else { return };
        assert_eq!((code, &*rows), (4, ""), "{line}: {told}");
        assert!(told.contains("takes frames of 8x8 pixels only, not of 9x9"), "{line}: {told}");
    }
}

#[test]
fn integers_say_about_what_numbers_say() {
    let place = Place::with_clip(&[(1, RED), (1, BLUE)]);
    let record = |model: &str| {
        let line = format!("verify clip.gif --record {model}.npz --stream {}", file(&format!("{model}.tflite")));
        let (code, _, told) = ran(&place, &line)?;
        assert_eq!(code, 0, "{told}");
        Some(())
    };
    if record("stream").is_none() {
        return;
    }
    for (model, tolerance) in [("stream", "0"), ("short", "0.8"), ("integers", "0.8")] {
        let line = format!(
            "verify clip.gif --against stream.npz --stream {} --atol {tolerance} --rtol 0",
            file(&format!("{model}.tflite"))
        );
        let (code, said, told) = ran(&place, &line).unwrap();
        assert_eq!(code, 0, "{model}: {said}{told}");
    }
}

#[test]
fn what_a_quantised_file_costs_is_told_against_the_other() {
    let place = Place::with_clip(&[(30, RED), (30, BLUE)]);
    let verify = |model: &str, against: &str, more: &str| {
        ran(&place, &format!("verify clip.gif --stream {} --against {} {more}", file(model), file(against)))
    };
    let Some((code, said, told)) = verify("stream.tflite", "stream.tflite", "--atol 0 --rtol 0") else { return };
    assert_eq!(code, 0, "{said}{told}");
    assert!(said.contains("stream.tflite (litert) against stream.tflite (litert)"), "{said}");
    assert!(said.contains("identical to the last bit"), "{said}");
    // The sum of the short file stands still after some frames, and what it says fades.
    let (code, said, told) = verify("short.tflite", "stream.tflite", "--sampling tutorial").unwrap();
    assert_eq!(code, 1, "{said}{told}");
    for word in ["top 1 the same on ", "of 60 frames", "seconds", "spread"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let (_, said, _) = verify("short.tflite", "stream.tflite", "--sampling tutorial --json -").unwrap();
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&json["reference"]["stream"]["engine"], &json["models"]["base"]), (&"litert".into(), &().into()));
    let drift = json["checks"][0]["drift"].as_array().unwrap();
    let ratio = |part: usize| drift[part]["deviation_ratio"].as_f64().unwrap();
    assert_eq!(drift.len(), 8, "{json}");
    assert!(ratio(7) < ratio(0) / 1.5, "{drift:?}");
}

#[test]
fn where_two_files_part_is_found() {
    let place = Place::with_clip(&[(3, RED)]);
    fs_err::create_dir_all(place.path("base")).unwrap();
    for more in ["", "--base ./base"] {
        let line = format!(
            "verify clip.gif --bisect {} {more} --atol 1e-6 --stream {}",
            file("short.tflite"),
            file("stream.tflite")
        );
        let Some((code, said, told)) = ran(&place, &line) else { return };
        assert_eq!(code, 1, "{line}: {said}{told}");
        assert!(said.contains("part at frame 0 of 3"), "{line}: {said}");
    }
    let same = format!("verify clip.gif --bisect {0} --stream {0}", file("stream.tflite"));
    assert_eq!(ran(&place, &same).unwrap().0, 0);
}

/// Where TensorFlow has to be fetched, what is wrong with a model is told before.
#[test]
fn what_cannot_be_is_told_before_tensorflow_is_looked_for() {
    let place = Place::new();
    fs_err::create_dir_all(place.path("empty")).unwrap();
    place.fails(&format!("export {} --to x.tflite", file("stream.tflite")), 4, "is a TF Lite file already");
    for line in ["export ./empty --to x.tflite", "show ./empty", "prepare ./empty"] {
        place.fails(line, 4, "saved_model.pb");
    }
    place.file("text", "nothing");
    place.gif("clip.gif", &[(3, RED)], (8, 8), 10);
    for line in ["show ./text", "classify clip.gif --stream ./text", "prepare ./text", "bench clip.gif --base ./text"] {
        place.fails(line, 4, "neither a SavedModel folder nor a TF Lite file");
    }
    place.fails("bench clip.gif --base ./empty --engine litert", 3, "LiteRT runs stream models alone");
}

#[test]
fn a_sum_at_the_end_of_its_range_is_warned_of() {
    let place = Place::with_clip(&[(60, RED)]);
    for (model, warns) in [("stream.tflite", false), ("short.tflite", true), ("integers.tflite", true)] {
        let line = format!("classify clip.gif --stream {} --sampling tutorial", file(model));
        let Some((_, _, told)) = ran(&place, &line) else { return };
        assert_eq!(
            told.contains("'state_head_pool_buffer' stand at the end of its range since frame"),
            warns,
            "{told}"
        );
    }
}

#[test]
fn a_card_lies_beside_the_file() {
    let place = Place::new();
    place.file("mine.tflite", fs_err::read(file("stream.tflite")).unwrap());
    place.file("names.txt", "one\ntwo\nthree\nfour\nfive\n");
    place.run("label mine.tflite --labels names.txt --fps 5").success();
    assert!(place.read("mine.movinet.json").contains("three"));
    place.fails("label mine.tflite --size 9", 4, "takes frames of 8 pixels only");
    place.gif("clip.gif", &[(3, RED)], (8, 8), 10);
    let Some((_, row, _)) = ran(&place, "classify clip.gif --stream ./mine.tflite --top-k 1") else { return };
    assert!(
        ["one", "two", "three", "four", "five"].iter().any(|name| row.contains(&format!("\"label\":\"{name}\""))),
        "{row}"
    );
}

/// Models cut and with bytes changed end with an answer or a word, never by a signal.
fn damaged(models: usize) {
    let place = Place::with_clip(&[(3, RED)]);
    let whole = fs_err::read(file("short.tflite")).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    for model in 0..models {
        let mut content = whole.clone();
        match model % 4 {
            0 => content.truncate(random.usize(..whole.len())),
            _ => {
                for _ in 0..=random.usize(..3) {
                    content[random.usize(..whole.len())] = random.u8(..);
                }
            }
        }
        place.file("damaged.tflite", content);
        let Some((code, _, told)) = ran(&place, "classify clip.gif --stream ./damaged.tflite --fail-fast") else {
            return;
        };
        assert!([0, 1, 2, 4].contains(&code), "model {model}: {code} {told}");
    }
}

#[test]
fn damaged_files_are_told() {
    damaged(DAMAGED);
}

/// `cargo test --release --test litert -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn many_damaged_files_are_told() {
    damaged(2000);
}
