//! What a run gives, on clips of plain colours and with the engine that needs no model: the fake base network goes by
//! the mean colour, the fake stream network by what came last.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insta::{assert_snapshot, with_settings};
use ndarray::{Array1, Array2, Array4, Axis};
use ndarray_npy::{NpzReader, NpzWriter};
use predicates::prelude::*;
use predicates::str::contains;
use run::{BLUE, GREEN, Place, RED};
use serde_json::{Value, json};

#[test]
fn a_clip_is_shown_at_the_rate_that_is_asked_for() {
    let place = Place::with_clip(&[(10, RED)]);
    for (rate, frames, fps) in [("native", 10, 10.0), ("5", 5, 5.0), ("20", 20, 20.0), ("0.1", 1, 0.1)] {
        let clip = place.json(&format!("compare clip.gif --model fake --fps {rate} --json -"))["clip"].clone();
        assert_eq!((&clip["frames"], &clip["fps"]), (&json!(frames), &json!(fps)), "{rate}");
    }
}

#[test]
fn a_rate_that_makes_no_sense_is_told() {
    let place = Place::with_clip(&[(10, RED)]);
    place.fails("compare clip.gif --model fake --fps model", 2, "give the rate as a number");
    for rate in ["0", "-1", "nan", "1e-300", "1001"] {
        let message = format!("invalid value '{rate}' for '--fps <RATE>': native, model, or a number above 0");
        place.fails(&format!("compare clip.gif --model fake --fps {rate}"), 2, &message);
    }
}

#[test]
fn numbers_below_what_is_possible_are_refused_by_name() {
    let place = Place::with_clip(&[(3, RED)]);
    for (command, flags) in [
        ("compare clip.gif --model fake", ["--top-k", "--threads", "--size"].as_slice()),
        ("bench clip.gif --model fake", &["--frames", "--clips"]),
        ("verify clip.gif --model fake --record ref.npz", &["--atol", "--rtol"]),
        ("show a0-base", &["--size"]),
        ("prepare a0-base", &["--size"]),
    ] {
        for flag in flags {
            for number in if flag.ends_with("tol") { ["-1", "-0.5"] } else { ["-1", "0"] } {
                let message = format!("invalid value '{number}' for '{flag} <");
                place.fails(&format!("{command} {flag} {number}"), 2, &message);
            }
        }
    }
    assert_eq!(place.names_in(""), ["clip.gif"]);
}

#[test]
fn a_clip_without_delays_keeps_its_frames() {
    let place = Place::new();
    place.gif("still.gif", &[(3, RED)], (10, 8), 0);
    let clip = place.json("compare still.gif --model fake --json -")["clip"].clone();
    assert_eq!((&clip["frames"], &clip["fps"]), (&json!(3), &Value::Null));
    place.fails("compare still.gif --model fake --fps 5", 4, "hint: leave --fps at native");
}

#[test]
fn as_many_classes_are_told_as_are_asked_for_and_exist() {
    let place = Place::with_clip(&[(3, RED)]);
    for (asked, told) in [(1, 1), (3, 3), (8, 8), (100, 8)] {
        let json = place.json(&format!("compare clip.gif --model fake --json - --top-k {asked}"));
        for path in ["/base/top", "/stream/first/top", "/stream/final/top", "/stream/mean/top"] {
            assert_eq!(json.pointer(path).unwrap().as_array().unwrap().len(), told, "{path}, {asked}");
        }
    }
}

#[test]
fn threads_are_told_for_both_models() {
    let place = Place::with_clip(&[(3, RED)]);
    let told = |model| contains(format!("fake-{model}: fake, 3 threads"));
    place.run("compare clip.gif --model fake --threads 3 -v").success().stderr(told("base").and(told("stream")));
}

#[test]
fn agreement_is_required_only_where_it_is_asked_for() {
    let (turning, staying) = (Place::with_clip(&[(6, RED), (3, BLUE)]), Place::with_clip(&[(9, RED)]));
    turning.run("compare clip.gif --model fake --require-agreement").code(1).stdout(contains("differs"));
    turning.run("compare clip.gif --model fake").success();
    staying.run("compare clip.gif --model fake --require-agreement").success();
}

#[test]
fn models_that_disagree_are_reported_so() {
    let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
    let report = place.stdout("compare clip.gif --model fake", 0);
    with_settings!({filters => vec![("(?m)^load .*$", "[times]")]}, {
        assert_snapshot!("models_that_disagree", report);
    });
}

#[test]
fn a_bench_tells_of_both_models() {
    let place = Place::with_clip(&[(3, RED)]);
    let table = place.stdout("bench clip.gif --model fake", 0);
    for model in ["stream, a frame", "base, a clip"] {
        let is_row = |line: &&str| line.starts_with("fake ") && line.contains(model) && line.ends_with(" MB");
        assert_eq!(table.lines().filter(is_row).count(), 1, "{table}");
    }
    let rows = place.json("bench clip.gif --model fake --frames 200 --clips 3 --json");
    assert_eq!(rows.as_array().unwrap().len(), 2);
    for (row, model) in rows.as_array().unwrap().iter().zip(["stream, a frame", "base, a clip"]) {
        let keys: BTreeSet<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["engine", "model", "load", "first", "min", "p50", "p90", "p99", "variation", "peak_memory"];
        assert_eq!((keys, &row["model"]), (BTreeSet::from(expected), &json!(model)));
    }
}

#[test]
fn a_bench_of_no_model_prints_no_table() {
    let place = Place::with_clip(&[(3, RED)]);
    fs_err::create_dir(place.path("empty")).unwrap();
    for more in ["", " --json", " --engine reference"] {
        let assert = place.run(&format!("bench clip.gif --base empty --stream empty{more}")).code(4).stdout("");
        assert.stderr(contains("error: 'empty' is not").and(contains("saved_model.pb").count(1)));
    }
}

#[test]
fn a_plot_is_drawn() {
    let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
    place.run("compare clip.gif --model fake --plot plot.png").success();
    let picture = image::open(place.path("plot.png")).unwrap();
    assert!(picture.width() > 300 && picture.height() > 200);
    place.run("compare clip.gif --model fake --plot plot.svg --log --theme dark").success();
    let svg = place.read("plot.svg");
    assert!(svg.starts_with("<svg") && svg.contains("blue") && svg.contains("</svg>"), "{svg}");
    place.fails("compare clip.gif --model fake --log", 2, "--plot");
}

#[test]
fn an_animation_has_the_clips_frames_and_pace() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    place.run("compare clip.gif --model fake --animation moving.gif").success();
    let file = fs_err::File::open(place.path("moving.gif")).unwrap();
    let mut decoder = gif::DecodeOptions::new().read_info(file).unwrap();
    let mut delays = Vec::new();
    while let Some(frame) = decoder.next_frame_info().unwrap() {
        delays.push(frame.delay);
    }
    assert_eq!(delays, [10; 7]);
}

#[test]
fn a_page_has_everything_in_it() {
    let place = Place::with_clip(&[(4, RED), (3, GREEN)]);
    place.run("compare clip.gif --model fake --html page.html").success().stdout(contains("base, the whole clip"));
    let page = place.read("page.html");
    assert_eq!(pictures(&page).len(), 7);
    assert!(["red", "green", "fake-base", "fake-stream", "clip.gif"].iter().all(|word| page.contains(word)));
    let outside = page.replace("http://www.w3.org/2000/svg", ""); // a name, not an address
    for what in ["http:", "https:", "src=\"//", "url(", "@import", "fetch(", "<link rel=\"stylesheet\""] {
        assert!(!outside.contains(what), "{what}");
    }
    let printed = place.stdout("compare clip.gif --model fake --html -", 0);
    assert!(printed.starts_with("<!doctype html>") && !printed.contains("base, the whole clip"));
}

#[test]
fn a_page_has_large_frames_reduced() {
    let place = Place::new();
    for ((width, height), kept) in [((1000, 20), (480, 10)), ((40, 30), (40, 30))] {
        place.gif("clip.gif", &[(2, RED)], (width, height), 10);
        place.run("compare clip.gif --model fake --html page.html").success();
        let sizes: Vec<_> = pictures(&place.read("page.html")).iter().map(|p| (p.width(), p.height())).collect();
        assert_eq!(sizes, [kept; 2]);
    }
}

/// The pictures in a page.
fn pictures(page: &str) -> Vec<image::DynamicImage> {
    let decoded = |part: &str| {
        let jpeg = STANDARD.decode(part.split('"').next().unwrap()).unwrap();
        image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg).unwrap()
    };
    page.split("\"data:image/jpeg;base64,").skip(1).map(decoded).collect()
}

/// Writes `changed.npz`: `ref.npz` with its channels turned round and its logits moved.
fn change(place: &Place) {
    let mut npz = NpzReader::new(fs_err::File::open(place.path("ref.npz")).unwrap()).unwrap();
    let mut video: Array4<f32> = npz.by_name("video").unwrap();
    let mut base: Array1<f32> = npz.by_name("base_logits").unwrap();
    let mut stream: Array2<f32> = npz.by_name("stream_logits").unwrap();
    video.invert_axis(Axis(3));
    base[2] += 0.25;
    stream[[4, 7]] += 0.5;
    let mut npz = NpzWriter::new(fs_err::File::create(place.path("changed.npz")).unwrap());
    npz.add_array("video", &video).unwrap();
    npz.add_array("base_logits", &base).unwrap();
    npz.add_array("stream_logits", &stream).unwrap();
    npz.finish().unwrap();
}

#[test]
fn a_run_is_recorded_and_equals_its_record_to_the_last_bit() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    let recorded = place.json("verify clip.gif --model fake --record ref.npz --json -");
    let arrays = json!([
        {"name": "video", "shape": [7, 32, 32, 3]},
        {"name": "base_logits", "shape": [8]},
        {"name": "stream_logits", "shape": [7, 8]},
    ]);
    assert_eq!(recorded, json!({"schema": "movinet-tf/verify/1", "recorded": "ref.npz", "arrays": arrays}));
    let exact = "verify clip.gif --model fake --atol 0 --rtol 0 --against";
    place.run(&format!("{exact} ref.npz")).success().stdout(contains("identical to the last bit").count(3));
    change(&place);
    let turned = contains("the reference's channels are BGR, not RGB");
    let places = contains("DIFFERS").count(3).and(contains("first at frame 4, white (7)"));
    place.run(&format!("{exact} changed.npz")).code(1).stdout(turned.and(places));
    let own = "--atol video=1 --atol base_logits=0.25 --atol stream_logits=0.5";
    place.run(&format!("{exact} changed.npz {own}")).success();
    for (rate, shape) in [("5", "[4, 8]"), ("20", "[14, 8]")] {
        place.run(&format!("{exact} ref.npz --fps {rate}")).code(1).stdout(contains(shape));
    }
}

#[test]
fn what_a_difference_means_is_told_for_references_from_files_and_models() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    place.run("verify clip.gif --model fake --record ref.npz").success();
    change(&place);
    let failed = place.stdout("verify clip.gif --model fake --against changed.npz", 1);
    for word in ["top 1 the same on ", "correlation of logits", "seconds"] {
        assert!(failed.contains(word), "{word}: {failed}");
    }
    let json: Value =
        serde_json::from_str(&place.stdout("verify clip.gif --model fake --against changed.npz --json -", 1)).unwrap();
    let stream = &json["checks"][2];
    assert_eq!((&stream["output"], &stream["agreement"]["predictions"]), (&json!("stream_logits"), &json!(7)));
    assert_eq!(stream["drift"].as_array().unwrap().len(), 7, "{stream}");
    assert_eq!(stream["drift"][6]["times"], json!([0.6, 0.6]), "{stream}");
    assert_eq!(json["checks"][0]["agreement"], Value::Null, "a video is no prediction");
    let against = place.json("verify clip.gif --model fake --against fake --atol 0 --rtol 0 --json -");
    assert_eq!((&against["passed"], against["checks"].as_array().unwrap().len()), (&json!(true), 2), "{against}");
    assert_eq!(
        (&against["reference"]["stream"]["name"], &against["checks"][1]["parting"]),
        (&json!("fake-stream"), &Value::Null)
    );
    place.file("text", "nothing");
    for (named, code, word) in [
        ("./text", 4, "it is no NPZ file, and no model either"),
        ("none.npz", 4, "cannot read the reference"),
        ("./none", 4, "cannot read the reference"),
        ("a0-stream-int9", 2, "is one model: say which is compared with it"),
    ] {
        place.fails(&format!("verify clip.gif --model fake --against {named}"), code, word);
    }
}

/// Paths of all values in `json`: `clip.frames`, `base.top[].label`. Of a key that is null or empty here and more there,
/// what it is there.
fn paths<'a>(json: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    fn collect(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, &format!("{path}{dot}{key}"), found);
            }),
            Value::Array(items) if !items.is_empty() => {
                items.iter().for_each(|item| collect(item, &format!("{path}[]"), found));
            }
            Value::Array(_) => drop(found.insert(format!("{path}[]"))),
            _ => drop(found.insert(path.to_owned())),
        }
    }
    let mut all = BTreeSet::new();
    json.into_iter().for_each(|value| collect(value, "", &mut all));
    let is_more =
        |path: &str, other: &String| other.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']));
    all.iter().filter(|path| !all.iter().any(|other| is_more(path, other))).cloned().collect()
}

/// The key paths in the tables of a section of docs/json.md, and whether each is always there.
fn documented(section: &str) -> Vec<(String, bool)> {
    let text = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    let lines = text.lines().skip_while(|line| *line != format!("## {section}")).skip(1);
    let rows = lines.take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix('|'));
    let keys = rows.flat_map(|row| {
        let (keys, always) = (row.split('|').next().unwrap(), !row.contains("(not always)"));
        keys.split('`').skip(1).step_by(2).map(move |key| (key.to_owned(), always))
    });
    keys.collect()
}

#[test]
fn the_keys_of_all_json_are_documented() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    let compared = place.json("compare clip.gif --model fake --json -");
    let recorded = place.json("verify clip.gif --model fake --record ref.npz --json -");
    change(&place);
    let failed = place.stdout("verify clip.gif --model fake --against changed.npz --json -", 1);
    let failed: Value = serde_json::from_str(&failed).unwrap();
    let against = place.json("verify clip.gif --model fake --against fake --json -");
    let benched = place.json("bench clip.gif --model fake --json");
    let lines = place.stdout("classify clip.gif no.gif --model fake --fps 5 --network both --logits", 1);
    let classified: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let list = "path,label,id\nclip.gif,red,a\nclip.gif,green,b\nno.gif,red,c\n";
    place.file("list.csv", list);
    let evaluated = place.stdout("-q evaluate list.csv --model fake --fps 5 --json -", 1);
    let evaluated: Value = serde_json::from_str(&evaluated).unwrap();
    for (section, json) in [
        ("movinet-tf/compare/1", vec![&compared]),
        ("movinet-tf/verify/1", vec![&failed, &recorded, &against]),
        ("movinet-tf/classify/1", classified.iter().collect()),
        ("movinet-tf/evaluate/1", vec![&evaluated]),
        ("bench", vec![&benched]),
    ] {
        let (produced, documented) = (paths(json), documented(section));
        let is_documented = |path: &&String| documented.iter().any(|(key, _)| key == *path);
        let missing: Vec<_> = produced.iter().filter(|path| !is_documented(path)).collect();
        assert!(missing.is_empty(), "docs/json.md, {section}, lacks {missing:?}");
        let gone: Vec<_> = documented.iter().filter(|(key, always)| *always && !produced.contains(key)).collect();
        assert!(gone.is_empty(), "docs/json.md, {section}, has {gone:?}, which a run doesn't give");
    }
}
