//! What a run gives, on clips of plain colours and with the engine that needs no model: the fake base network goes by
//! the mean colour, the fake stream network by what came last.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use std::collections::BTreeSet;
use std::path::Path;

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
    let benched = place.json("bench clip.gif --model fake --json");
    for (section, json) in [
        ("movinet-tf/compare/1", vec![&compared]),
        ("movinet-tf/verify/1", vec![&failed, &recorded]),
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

#[test]
fn an_encoder_that_never_ends_is_waited_for_until_an_interrupt() {
    let place = Place::with_clip(&[(3, RED)]);
    let mut command = place.command();
    command.args(ANIMATED.split_whitespace()).env("PATH", encoder(&place, "cat > /dev/null\nexec sleep 20"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(child.try_wait().unwrap(), None, "it waits");
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(place.names_in(""), ["bin", "clip.gif"]);
}

const ANIMATED: &str = "compare clip.gif --model fake --animation moving.mp4";

/// Runs a comparison with an animation and a program called ffmpeg that does `script` when it is to encode; gives the exit
/// code and what was said.
fn encoded_by(place: &Place, script: &str) -> (Option<i32>, String) {
    let path = encoder(place, script);
    let output = place.run_with(ANIMATED, &[("PATH", Path::new(&path))]).get_output().clone();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A search path on which such a program comes first.
fn encoder(place: &Place, script: &str) -> std::ffi::OsString {
    let program = format!("#!/bin/sh\n[ \"$1\" = -version ] && exit 0\nfor path; do :; done\n{script}\n");
    place.file("bin/ffmpeg", program);
    let path = place.path("bin/ffmpeg");
    fs_err::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut folders = vec![place.path("bin")];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    std::env::join_paths(folders).unwrap()
}

#[test]
fn an_encoder_that_talks_before_it_reads_is_listened_to() {
    for talk in [
        "head -c 1000000 /dev/zero | tr '\\0' x >&2",
        "yes complaint | head -n 100000 >&2",
        "head -c 1000000 /dev/zero",
        "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero",
    ] {
        let place = Place::with_clip(&[(30, RED)]);
        let (code, said) = encoded_by(&place, &format!("{talk}\ncat > \"$path\""));
        assert_eq!((code, said.as_str()), (Some(0), ""), "{talk}");
        assert!(fs_err::metadata(place.path("moving.mp4")).unwrap().len() > 1_000_000, "{talk}");
        assert_eq!(place.names_in(""), ["bin", "clip.gif", "moving.mp4"], "{talk}");
    }
}

#[test]
fn an_encoder_that_makes_no_animation_is_told_with_what_it_said_last() {
    let place = Place::with_clip(&[(30, RED)]);
    for (script, told) in [
        ("exit 0", "ffmpeg ended before it had read all frames (exit status: 0)"),
        ("echo; echo 'no such codec' >&2; exit 0", "read all frames (exit status: 0): no such codec"),
        ("head -c 100000 > \"$path\"; exit 0", "ffmpeg ended before it had read all frames (exit status: 0)"),
        ("cat > /dev/null; exit 0", "ffmpeg ended well but wrote nothing"),
        ("cat > /dev/null; rm \"$path\"", "ffmpeg ended well but wrote nothing"),
        ("cat > \"$path\"; printf 'first\\nlast words\\n\\n' >&2; exit 7", "failed (exit status: 7): last words"),
        ("echo bad >&2; exit 1", "ffmpeg failed (exit status: 1): bad"),
        ("cat > \"$path\"; kill -9 $$", "ffmpeg failed (signal: 9 (SIGKILL))"),
        ("head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1", "failed (exit status: 1): …xxxx"),
        ("head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1", "xxxthe end\n"),
        ("kill -ABRT $$", "ffmpeg failed (signal: 6 (SIGABRT)"),
        ("printf 'caf\\351' >&2; exit 1", "ffmpeg failed (exit status: 1): caf\u{fffd}"),
    ] {
        let (code, said) = encoded_by(&place, script);
        assert_eq!(code, Some(3), "{script}: {said}");
        assert!(said.starts_with("error: ") && said.contains(told), "{script}: {said}");
        assert_eq!(place.names_in(""), ["bin", "clip.gif"], "{script}");
    }
    place.file("moving.mp4", "before");
    encoded_by(&place, "echo half > \"$path\"; exit 1");
    assert_eq!(place.read("moving.mp4"), "before");
}

#[test]
fn outputs_of_one_name_and_outputs_that_are_inputs_are_refused_before_any_work() {
    let place = Place::with_clip(&[(3, RED)]);
    place.run("verify clip.gif --model fake --record ref.npz").success();
    place.file("labels.txt", "a\nb\nc\nd\ne\nf\ng\nh\n");
    place.file("there.json", "old");
    place.file("model/saved_model.pb", "graph");
    std::os::unix::fs::symlink("there.json", place.path("link.json")).unwrap();
    std::os::unix::fs::symlink(".", place.path("here")).unwrap();
    fs_err::hard_link(place.path("clip.gif"), place.path("hard.gif")).unwrap();
    let before = ["clip.gif", "hard.gif", "here", "labels.txt", "link.json", "model", "ref.npz", "there.json"];
    let absolute = place.path("out.json").display().to_string();
    for (line, first, second) in [
        ("compare clip.gif --model fake --json out --npz out", "--json", "--npz"),
        ("compare clip.gif --model fake --json out.json --html ./out.json", "--json", "--html"),
        (&format!("compare clip.gif --model fake --json out.json --npz {absolute}"), "--json", "--npz"),
        ("compare clip.gif --model fake --json there.json --npz link.json", "--json", "--npz"),
        ("compare clip.gif --model fake --json out.json --npz here/out.json", "--json", "--npz"),
        ("compare clip.gif --model fake --animation clip.gif", "--animation", "the clip"),
        ("compare clip.gif --model fake --animation hard.gif", "--animation", "the clip"),
        ("compare clip.gif --model fake --animation here/clip.gif", "--animation", "the clip"),
        ("compare clip.gif --model fake --labels labels.txt --json labels.txt", "--json", "--labels"),
        ("compare clip.gif --base model --stream other --json model/saved_model.pb", "--json", "--base"),
        ("verify clip.gif --model fake --against ref.npz --json ref.npz", "--json", "--against"),
        ("verify clip.gif --model fake --against ref.npz --json out --junit here/out", "--json", "--junit"),
        ("verify clip.gif --model fake --record clip.gif", "--record", "the clip"),
        ("verify clip.gif --model fake --record out --json out", "--record", "--json"),
    ] {
        let output = place.run(line).code(2).get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(first) && said.contains(second), "{line}: {said}");
        assert_eq!(place.names_in(""), before, "{line}");
    }
    assert_eq!(place.read("there.json"), "old");
    place.run("compare clip.gif --model fake --json /dev/null --npz /dev/null --html /dev/null").success();
    place.fails("compare clip.gif --model fake --json - --html /dev/stdout", 2, "only one output can go to stdout");
    // A new file beside a model is none of its own.
    place.run("compare clip.gif --model fake --json model/report.json").success();
}

#[test]
fn what_cannot_be_written_is_named_whatever_it_is() {
    let place = Place::with_clip(&[(3, RED)]);
    place.run("verify clip.gif --model fake --record ref.npz").success();
    for (ending, flag) in [
        ("json", "--json"),
        ("npz", "--npz"),
        ("html", "--html"),
        ("gif", "--animation"),
        ("png", "--plot"),
        ("svg", "--plot"),
    ] {
        let name = format!("full.{ending}");
        std::os::unix::fs::symlink("/dev/full", place.path(&name)).unwrap();
        let message = format!("error: cannot write '{name}': No space left on device");
        let line = format!("compare clip.gif --model fake {flag} {name}");
        let said = String::from_utf8(place.run(&line).code(3).get_output().stderr.clone()).unwrap();
        assert!(said.starts_with(&message) && said.lines().count() == 1, "{line}: {said}");
    }
    for flags in ["--record full.npz", "--against ref.npz --json full.json", "--against ref.npz --junit full.json"] {
        let line = format!("verify clip.gif --model fake {flags}");
        let said = String::from_utf8(place.run(&line).code(3).get_output().stderr.clone()).unwrap();
        assert!(said.starts_with("error: cannot write 'full."), "{line}: {said}");
    }
    for line in [
        "compare clip.gif --model fake",
        "compare clip.gif --model fake --json -",
        "compare clip.gif --model fake --html -",
        "verify clip.gif --model fake --against ref.npz",
        "verify clip.gif --model fake --against ref.npz --junit -",
        "bench clip.gif --model fake --json",
        "cache path",
        "doctor",
    ] {
        let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap().into_parts().0;
        let output = place.command().args(line.split_whitespace()).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{line}: {said}");
        assert!(said.contains("error: cannot write to stdout: No space left on device"), "{line}: {said}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place.command().args(line.split_whitespace()).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.is_empty()), (Some(0), true), "{line}, a closed pipe");
    }
}

#[test]
fn a_name_that_is_no_utf8_is_shown_with_a_mark_everywhere() {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStrExt;
    let place = Place::with_clip(&[(3, RED)]);
    place.run("verify clip.gif --model fake --record ref.npz").success();
    place.file("names.txt", "a\nb\nc\nd\ne\nf\ng\nh\n");
    let odd = |ending: &str| OsString::from(OsStr::from_bytes(&[b"caf\xe9", ending.as_bytes()].concat()));
    fs_err::rename(place.path("clip.gif"), place.path("x").with_file_name(odd(".gif"))).unwrap();
    fs_err::rename(place.path("names.txt"), place.path("x").with_file_name(odd(".txt"))).unwrap();
    let run = |line: &str| {
        let words = line.split_whitespace().map(|word| match word.strip_prefix("ODD") {
            Some(ending) => odd(ending),
            None => word.into(),
        });
        let output = place.command().args(words).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panicked"), "{line}: {said}");
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
    };
    let (code, json, said) = run("compare ODD.gif --model fake --labels ODD.txt --json -");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["clip"]["path"], "caf\u{fffd}.gif");
    let (code, table, _) = run("compare ODD.gif --model fake");
    assert!(code == Some(0) && table.contains("caf\u{fffd}.gif: 3 frames"), "{table}");
    let (code, page, _) =
        run("compare ODD.gif --model fake --html - --npz ODD.npz --plot ODD.png --animation ODD.new.gif");
    assert!(code == Some(0) && page.contains("caf\u{fffd}.gif") && page.trim_end().ends_with("</html>"), "{page}");
    let (code, xml, _) = run("verify ODD.gif --model fake --against ref.npz --junit -");
    assert!(code == Some(0) && xml.contains("caf\u{fffd}.gif"), "{xml}");
    let (code, recorded, _) = run("verify ODD.gif --model fake --record ODD.npz --json -");
    assert_eq!(code, Some(0));
    assert_eq!(serde_json::from_str::<Value>(&recorded).unwrap()["recorded"], "caf\u{fffd}.npz");
    for (line, code) in [
        ("compare ODD.not --model fake", 4),
        ("compare ODD.gif --base ODD --stream ODD", 4),
        ("compare ODD.gif --model fake --labels ODD.not", 4),
        ("compare ODD.gif --model fake --json ODD/out", 2),
        ("show ODD", 4),
        ("prepare ODD", 4),
        ("cache list --json --cache-dir ODD", 0),
        ("verify ODD.gif --model fake --against ODD.not", 4),
    ] {
        let (found, _, said) = run(line);
        assert!(found == Some(code) || (code == 4 && matches!(found, Some(2 | 3))), "{line}: {found:?} {said}");
        assert!(code == 0 || said.contains("caf\u{fffd}"), "{line}: {said}");
    }
}

#[test]
fn frames_that_a_rate_makes_out_of_long_ones_are_counted_before_the_work() {
    let place = Place::new();
    place.gif("long.gif", &[(3, RED)], (10, 8), 65_500);
    let began = std::time::Instant::now();
    place.fails("compare long.gif --model fake --fps 5", 4, "9825 frames are more than a whole clip may have");
    place.fails("verify long.gif --model fake --fps 5 --record ref.npz", 4, "9825 frames");
    place.fails("compare long.gif --model fake --fps 4 --size 2048", 4, "7860 frames of 2048x2048 would take");
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
    let clip = place.json("compare long.gif --model fake --fps 1 --json -")["clip"].clone();
    assert_eq!(clip["frames"], 1965);
}

#[test]
fn what_there_is_no_memory_for_is_told_before_it_is_taken() {
    let place = Place::new();
    place.gif("long.gif", &[(3, RED)], (10, 8), 10_000);
    place.gif("wide.gif", &[(1, RED)], (12_000, 12_000), 10);
    let limited = |megabytes: u64, line: &str| {
        let program = place.command();
        let mut command = std::process::Command::new("sh");
        let script = format!("ulimit -v {} && exec \"$0\" {line}", megabytes * 1024);
        command.arg("-c").arg(script).arg(program.get_program()).current_dir(place.path(""));
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (megabytes, line, told) in [
        (300, "compare long.gif --model fake --size 400 --fps 2", "no memory for 600 frames of 400x400"),
        (
            300,
            "verify long.gif --model fake --size 400 --fps 2 --record ref.npz",
            "no memory for 600 frames of 400x400",
        ),
        (400, "compare long.gif --model fake --size 200 --fps 4", "no memory for 1200 frames of 200x200"),
        (400, "compare wide.gif --model fake", "no memory for a frame of 'wide.gif'"),
    ] {
        let (code, said) = limited(megabytes, line);
        assert_eq!(code, Some(4), "{line}: {said}");
        assert!(said.contains(told) && said.starts_with("error: "), "{line}: {said}");
    }
    let (code, said) = limited(400, "compare long.gif --model fake --fps 1");
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

/// Whatever a terminal would obey in what stands in `text`, but for the program's own colours.
fn obeyed(text: &str) -> Option<char> {
    text.chars()
        .find(|&c| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

#[test]
fn what_a_terminal_would_obey_is_shown_wherever_text_of_others_is_printed() {
    const ODD: [&str; 4] = ["\u{1b}[31mred\u{7}", "\u{9b}2J\u{7f}", "gpj\u{202e}.exe\u{2066}", "back\u{8}\u{8}\tok"];
    const SHOWN: [&str; 4] =
        ["\\u{1b}[31mred\\u{7}", "\\u{9b}2J\\u{7f}", "gpj\\u{202e}.exe\\u{2066}", "back\\u{8}\\u{8}\\tok"];
    for (odd, shown) in ODD.into_iter().zip(SHOWN) {
        let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
        place.run("verify clip.gif --model fake --fps 5 --record ref.npz").success();
        let clip = format!("{odd}.gif");
        fs_err::rename(place.path("clip.gif"), place.path(&clip)).unwrap();
        let labels: String = (0..8).map(|class| format!("{odd} {class}\n")).collect();
        place.file("labels.txt", labels);
        let run = |words: &[&str]| {
            let output = place.command().args(words).output().unwrap();
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        let common = [clip.as_str(), "--model", "fake", "--labels", "labels.txt"];
        for (command, more) in [
            ("compare", ["--top-k", "8"]),
            ("compare", ["--html", "-"]),
            ("verify", ["--against", "ref.npz"]),
            ("verify", ["--bisect", odd]),
        ] {
            let (stdout, stderr) = run(&[&[command], &common[..], &more[..]].concat());
            assert_eq!(obeyed(&stdout).or(obeyed(&stderr)), None, "{command} {more:?}: {stdout}{stderr}");
            assert!((stdout + &stderr).contains(shown), "{command} {more:?}");
        }
        let (_, said) = run(&[&["verify"], &common[..], &["--against", "ref.npz", "--junit", "out.xml"]].concat());
        assert_eq!(said, "");
        run(&[&["compare"], &common[..], &["--plot", "out.svg"]].concat());
        for name in ["out.xml", "out.svg"] {
            assert_eq!(obeyed(&place.read(name)), None, "{name} is no legal XML with it");
        }
        // A reader of JSON gets what was there.
        let (json, _) = run(&[&["compare"], &common[..], &["--json", "-"]].concat());
        let json: Value = serde_json::from_str(&json).unwrap();
        assert!(json["base"]["top"][0]["label"].as_str().unwrap().starts_with(odd));
        for words in [["compare", odd], ["show", odd], ["prepare", odd], ["compare", &format!("--{odd}")]] {
            let (_, said) = run(&words);
            assert_eq!(obeyed(&said), None, "{words:?}: {said}");
            // What parses flags takes out escape sequences by itself.
            assert!(words[1].starts_with("--") || said.contains(shown), "{words:?}: {said}");
        }
    }
    let place = Place::new();
    let output = place.command().args(["compare", "a\nerror: b", "--model", "fake"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{said}");
}
