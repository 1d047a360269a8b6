//! Many clips: rows, windows, workers that die, runs that are stopped and go on; with the engine that needs no model.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use run::{BLUE, GREEN, Place, RED};
use serde_json::{Value, json};

/// The engine that needs no model. It knows no rate, so it is shown every frame.
const FAKE: &str = "--model fake";

/// Rows that a command prints, which ends with exit code `code`.
fn rows(place: &Place, line: &str, code: i32) -> Vec<Value> {
    parsed(&place.stdout(&format!("-q classify {line} {FAKE}"), code))
}

fn parsed(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `rows` without what differs from run to run.
fn without_times(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        assert!(row.as_object_mut().unwrap().remove("seconds").unwrap().as_f64().unwrap() >= 0.0);
    }
    rows
}

#[test]
fn labels_through_a_pipe_are_refused() {
    let place = Place::with_clip(&[(2, RED)]);
    place.file("list.csv", "path,label\nclip.gif,0\n");
    assert!(std::process::Command::new("mkfifo").arg(place.path("labels")).status().unwrap().success());
    for line in ["classify clip.gif", "evaluate list.csv"] {
        let line = format!("{line} --labels labels {FAKE}");
        let mut command = assert_cmd::Command::from_std(place.command());
        let assert = command.args(line.split_whitespace()).timeout(Duration::from_secs(20)).assert().code(2);
        assert!(String::from_utf8_lossy(&assert.get_output().stderr).contains("a pipe can be read once"), "{line}");
    }
}

/// Clips of 3 to 12 frames of two colours, and a list of them.
fn place_with_clips(count: usize) -> Place {
    let place = Place::new();
    let mut list = String::new();
    for number in 0..count {
        let parts =
            [(1 + number % 5, [RED, GREEN, BLUE][number % 3]), (2 + number % 4, [BLUE, RED, GREEN][number % 3])];
        place.gif(&format!("{number}.gif"), &parts, (10, 8), 10);
        list += &format!("{}\n", json!({ "path": format!("{number}.gif"), "id": number }));
    }
    place.file("list.jsonl", list);
    place
}

#[test]
fn a_row_tells_what_compare_tells() {
    let place = Place::with_clip(&[(9, RED), (3, BLUE)]);
    for flags in
        ["", "--sampling kinetics --views 3 --take 4 --step 2", "--from 0.2 --to 0.7", "--sampling model --fps 25"]
    {
        let compared = place.json(&format!("-q compare clip.gif {FAKE} {flags} --json - --npz shown.npz --top-k 3"));
        let row = |network: &str| {
            let mut rows = rows(&place, &format!("clip.gif --top-k 3 {flags} --network {network}"), 0);
            assert_eq!(rows.len(), 1);
            rows.remove(0)
        };
        let (stream, base, both) = (row("stream"), row("base"), row("both"));
        assert_eq!(stream["top"], compared["stream"]["final"]["top"], "{flags}");
        assert_eq!(base["top"], compared["base"]["top"], "{flags}");
        assert_eq!((&both["top"], &both["base_top"]), (&stream["top"], &base["top"]), "{flags}");
        for row in [&stream, &base, &both] {
            assert_eq!(row["frames"], compared["clip"]["frames"], "{flags}");
            assert_eq!(row["sampling"], compared["clip"]["sampling"], "{flags}");
        }
    }
}

#[test]
fn keys_are_in_the_order_of_the_contract() {
    let place = Place::with_clip(&[(4, RED)]);
    let line = place.stdout(&format!("-q classify clip.gif {FAKE} --network both --logits"), 0);
    let keys = [
        "path",
        "from",
        "to",
        "frames",
        "top",
        "base_top",
        "model",
        "engine",
        "sampling",
        "seconds",
        "error",
        "id",
        "logits",
        "base_logits",
    ];
    let at: Vec<_> = keys.iter().map(|key| line.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(at.is_sorted(), "{line}");
    assert_eq!(parsed(&line)[0].as_object().unwrap().len(), keys.len());
}

#[test]
fn a_bad_clip_is_a_row_that_says_why() {
    let place = Place::with_clip(&[(4, RED)]);
    let whole = fs_err::read(place.path("clip.gif")).unwrap();
    place.file("cut.gif", &whole[..whole.len() / 2]);
    place.file("empty.mp4", "");
    place.file("page.mp4", "<!DOCTYPE html><title>404</title>");
    place.file("bad.npy", "\u{93}NUMPY");
    place.file("list.txt", "missing.gif\nempty.mp4\nclip.gif\npage.mp4\r\n\ncut.gif\nclip.gif\n");
    let rows = rows(&place, "list.txt", 1);
    let kinds: Vec<_> = rows.iter().map(|row| row["error"]["kind"].as_str().unwrap_or("none")).collect();
    assert_eq!(kinds, ["missing", "empty", "none", "not_video", "cut_short", "none"]);
    for row in &rows {
        let (message, path) = (row["error"]["message"].as_str(), row["path"].as_str().unwrap());
        assert!(message.is_none_or(|message| message.contains(path) && message.lines().count() == 1), "{row}");
        assert_eq!(row["error"].is_null(), row["frames"] == 4, "{row}");
    }
    assert_eq!(rows[2]["top"], rows[5]["top"], "a bad clip leaves no trace in what comes after it");
    let kept = self::rows(&place, "cut.gif --keep-truncated", 0);
    assert!(kept[0]["frames"].as_u64().unwrap() < 4);
    let summary = place.run(&format!("classify list.txt {FAKE}")).code(1).get_output().stderr.clone();
    let summary = String::from_utf8(summary).unwrap();
    assert!(summary.contains("6 clips: 2 done, 4 failed (missing 1, empty 1, not_video 1, cut_short 1)"), "{summary}");
}

#[test]
fn a_line_of_a_list_that_is_no_clip_is_a_row_too() {
    let place = Place::with_clip(&[(4, RED)]);
    place.file(
        "list.jsonl",
        "{\"path\": \"clip.gif\", \"id\": \"a\"}\nnot JSON\n{\"from\": 1, \"id\": 9}\n{\"path\": \"clip.gif\", \"id\": [2]}\n",
    );
    let rows = rows(&place, "list.jsonl", 1);
    let kinds: Vec<_> = rows.iter().map(|row| row["error"]["kind"].as_str().unwrap_or("none")).collect();
    assert_eq!(kinds, ["none", "bad_clip", "bad_clip", "none"]);
    assert!(rows[1]["error"]["message"].as_str().unwrap().contains("line 2"), "{}", rows[1]);
    assert_eq!([&rows[0]["id"], &rows[2]["id"], &rows[3]["id"]], [&json!("a"), &json!(9), &json!([2])]);
}

#[test]
fn the_parts_that_a_list_names_are_as_those_that_flags_name() {
    let place = Place::with_clip(&[(5, RED), (5, GREEN), (5, BLUE)]);
    place.file("list.csv", "id,to,path,from\n1,0.5,clip.gif,\n2,1.0,clip.gif,0.5\n3,,clip.gif,1.0\n4,1,clip.gif,2\n");
    let rows = rows(&place, "list.csv", 1);
    let tops: Vec<_> = rows.iter().map(|row| row["top"][0]["label"].as_str().unwrap_or("none")).collect();
    assert_eq!(tops, ["red", "green", "blue", "none"]);
    assert_eq!((&rows[1]["from"], &rows[1]["to"], &rows[2]["to"]), (&json!(0.5), &json!(1.0), &Value::Null));
    // What the list doesn't say, flags do; and a rate counts from where a part begins.
    let rows = self::rows(&place, "list.csv --from 0.93 --fps 7 --logits", 1);
    let alone = self::rows(&place, "clip.gif --from 0.83 --to 1.2 --fps 7 --logits", 0);
    assert_eq!((&rows[2]["from"], &rows[1]["from"]), (&json!(1.0), &json!(0.5)));
    assert_eq!(rows[0]["error"]["kind"], "bad_clip", "it ends before it begins");
    place.file("part.jsonl", r#"{"path": "clip.gif", "from": 0.83, "to": 1.2}"#);
    assert_eq!(self::rows(&place, "part.jsonl --fps 7 --logits", 0)[0]["logits"], alone[0]["logits"]);
    place.fails(&format!("classify clip.gif {FAKE} --from 2 --to 1"), 2, "--to must be behind --from");
}

#[test]
fn what_never_says_anything_is_no_clip() {
    let place = Place::with_clip(&[(4, RED)]);
    std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap();
    place.file("list.txt", "pipe\n/dev/stdin\nclip.gif\n");
    let kinds: Vec<_> = rows(&place, "list.txt", 1).iter().map(|row| row["error"]["kind"].clone()).collect();
    assert_eq!(kinds, [json!("bad_clip"), json!("bad_clip"), Value::Null]);
}

#[test]
fn a_window_is_as_if_it_were_a_clip_by_itself() {
    let place = Place::with_clip(&[(5, RED), (5, GREEN), (5, BLUE)]);
    for (flags, expected) in [
        ("--window 0.5", vec![(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]),
        ("--window 0.6 --every 0.4", vec![(0.0, 0.6), (0.4, 1.0), (0.8, 1.4), (1.2, 1.8)]),
        ("--window 0.2 --every 0.8", vec![(0.0, 0.2), (0.8, 1.0)]),
        ("--window 0.9 --every 0.25", vec![(0.0, 0.9), (0.25, 1.15), (0.5, 1.4), (0.75, 1.65)]),
        ("--window 100", vec![(0.0, 100.0)]),
        ("--window 0.5 --from 0.25 --to 1.2", vec![(0.25, 0.75), (0.75, 1.2)]),
        ("--window 0.5 --every 0.45 --fps 7", vec![(0.0, 0.5), (0.45, 0.95), (0.9, 1.4), (1.35, 1.85)]),
        ("--window 0.5 --from 0.13 --sampling centre", vec![(0.13, 0.63), (0.63, 1.13), (1.13, 1.63)]),
    ] {
        let rows = rows(&place, &format!("clip.gif {flags} --network both --logits"), 0);
        let windows: Vec<_> =
            rows.iter().map(|row| (row["from"].as_f64().unwrap(), row["to"].as_f64().unwrap())).collect();
        assert_eq!(windows, expected, "{flags}");
        for row in rows {
            let rule = flags.find("--fps").or(flags.find("--sampling")).map_or("", |at| &flags[at..]);
            let part = format!("clip.gif --network both --logits {rule} --from {} --to {}", row["from"], row["to"]);
            let alone = self::rows(&place, &part, 0);
            for key in ["top", "base_top", "logits", "base_logits", "frames"] {
                assert_eq!(row[key], alone[0][key], "{flags} {part} {key}");
            }
        }
    }
    place.fails(&format!("classify clip.gif {FAKE} --window 10 --every 0.1"), 2, "at most 16");
    place.fails(&format!("classify clip.gif {FAKE} --window 0"), 2, "above 0");
    place.fails(&format!("classify clip.gif {FAKE} --window 1 --sampling kinetics"), 2, "has no windows");
    ndarray_npy::write_npy(place.path("untimed.npy"), &ndarray::Array4::<u8>::zeros((9, 8, 8, 3))).unwrap();
    let untimed = rows(&place, "untimed.npy --window 1", 1);
    assert!(untimed[0]["error"]["message"].as_str().unwrap().contains("how long its frames last"), "{untimed:?}");
}

#[test]
fn rows_are_the_same_for_any_number_of_workers() {
    let place = place_with_clips(40);
    let expected = without_times(rows(&place, "list.jsonl --workers 1 --logits", 0));
    let ids: Vec<_> = expected.iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (0..40).collect::<Vec<_>>());
    for workers in [2, 4] {
        let rows = rows(&place, &format!("list.jsonl --workers {workers} --logits"), 0);
        assert_eq!(without_times(rows), expected, "{workers}");
    }
}

#[test]
fn classes_are_chosen_by_name_or_number() {
    let place = Place::with_clip(&[(4, RED)]);
    let labels = |flags: &str| -> Vec<String> {
        let rows = rows(&place, &format!("clip.gif {flags}"), 0);
        rows[0]["top"].as_array().unwrap().iter().map(|guess| guess["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels("--top-k 2").len(), 2);
    assert_eq!(labels("--classes blue,red"), ["red", "blue"]);
    assert_eq!(labels("--exclude red --top-k 1").len(), 1);
    assert!(!labels("--exclude red --top-k 9").contains(&"red".to_owned()));
    assert_eq!(labels("--threshold 1").len(), 0);
    place.fails(&format!("classify clip.gif {FAKE} --classes blu"), 2, "did you mean 'blue'?");
    place.fails(&format!("classify clip.gif {FAKE} --threshold 1.1"), 2, "from 0 to 1");
}

#[test]
fn each_line_of_standard_input_is_answered_at_once() {
    let place = Place::with_clip(&[(4, RED)]);
    for workers in ["1", "2"] {
        let mut command = place.command();
        command.args(["-q", "classify", "-", "--workers", workers]).args(FAKE.split(' '));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        for (line, id) in
            [("clip.gif", Value::Null), (r#"{"path": "clip.gif", "id": 7}"#, json!(7)), ("no.gif", Value::Null)]
        {
            writeln!(input, "{line}").unwrap();
            let mut answer = String::new();
            output.read_line(&mut answer).unwrap();
            let row: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!((&row["id"], row["error"].is_null()), (&id, line != "no.gif"), "{answer}");
        }
        drop(input);
        assert_eq!(child.wait().unwrap().code(), Some(1), "a clip failed");
    }
}

/// An ffmpeg that ends the process that started it when it is to decode; `always`, or the first time.
fn deadly(place: &Place, always: bool) -> std::path::PathBuf {
    let once = if always { "kill -9 $PPID" } else { "[ -e died ] || { : >died; kill -9 $PPID; }" };
    place.program("ffmpeg", &format!("case \"$*\" in *.mp4*) {once} ;; esac\n{}", run::ANSWERS))
}

#[test]
fn a_clip_that_a_worker_dies_of_costs_a_row() {
    let place = place_with_clips(6);
    place.file("deadly.mp4", "\0\0\0\x20ftypisom");
    place.file("list.txt", "0.gif\n1.gif\ndeadly.mp4\n2.gif\n3.gif\n4.gif\n");
    let ffmpeg = deadly(&place, true);
    for workers in [1, 2] {
        let line = format!("-q classify list.txt {FAKE} --workers {workers}");
        let outcome = place.run_with(&line, &[("MOVINET_TF_FFMPEG", &ffmpeg)]).code(1).get_output().clone();
        let rows = parsed(&String::from_utf8(outcome.stdout).unwrap());
        let kinds: Vec<_> = rows.iter().map(|row| row["error"]["kind"].as_str().unwrap_or("none")).collect();
        assert_eq!(kinds, ["none", "none", "internal", "none", "none", "none"]);
        let message = rows[2]["error"]["message"].as_str().unwrap();
        assert!(message.contains("signal 9"), "{message}");
    }
}

#[test]
fn a_worker_that_dies_of_something_else_costs_nothing() {
    let place = place_with_clips(6);
    place.file("0.mp4", "\0\0\0\x20ftypisom");
    let ffmpeg = deadly(&place, false);
    let line = format!("-q classify 0.gif 0.mp4 1.gif {FAKE} --workers 1");
    let mut command = place.command();
    let output =
        command.args(line.split(' ')).env("MOVINET_TF_FFMPEG", &ffmpeg).env("MOVINET_TF_FFMPEG_PATIENCE", "0.3");
    let rows = parsed(&String::from_utf8(output.output().unwrap().stdout).unwrap());
    let kinds: Vec<_> = rows.iter().map(|row| row["error"]["kind"].as_str().unwrap_or("none")).collect();
    assert_eq!(kinds, ["none", "bad_clip", "none"], "asked again, it is what it is: {rows:?}");
}

/// Kills a run into `out` after a while that grows with `turn`.
fn killed(place: &Place, out: &str, turn: u32) {
    let mut command = place.command();
    command.args(["-q", "classify", "list.jsonl", "--out", out, "--resume", "--workers", "2"]).args(FAKE.split(' '));
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(120 + u64::from(turn) * 97 % 400));
    let _ = child.kill(); // it may be done
    child.wait().unwrap();
}

#[test]
fn a_run_that_is_killed_goes_on_as_if_nothing_had_been() {
    let place = place_with_clips(400);
    place.file("5.gif", "GIF89a");
    for ending in ["jsonl", "csv", "parquet"] {
        let (out, plain) = (&*format!("rows.{ending}"), &*format!("plain.{ending}"));
        place.run(&format!("-q classify list.jsonl {FAKE} --out {plain}")).code(1);
        (0..10).for_each(|turn| killed(&place, out, turn));
        place.run(&format!("-q classify list.jsonl {FAKE} --out {out} --resume")).code(1);
        let comparable = |name: &str| -> Vec<Value> {
            match ending {
                "csv" => place.read(name).lines().map(without_seconds).collect(),
                "jsonl" => without_times(parsed(&place.read(name))),
                // It is made of these.
                _ => without_times(parsed(&place.read(&format!("{name}.rows.jsonl")))),
            }
        };
        assert_eq!(comparable(out), comparable(plain), "{out}");
        // Nothing is left to be done.
        let before = fs_err::read(place.path(out)).unwrap();
        assert!(!before.is_empty());
        place.run(&format!("-q classify list.jsonl {FAKE} --out {out} --resume")).code(1);
        assert_eq!(fs_err::read(place.path(out)).unwrap(), before);
    }
}

/// A line of CSV without how long the work took, which stands behind the rule.
fn without_seconds(line: &str) -> Value {
    let (before, after) = line.split_once(",tutorial,").or(line.split_once(",model,")).unwrap_or((line, ","));
    json!([before, after.split_once(',').map_or("", |(_, rest)| rest)])
}

#[test]
fn a_run_goes_on_only_as_it_began() {
    let place = place_with_clips(60);
    let began = |place: &Place| {
        let mut command = place.command();
        command.args(["-q", "classify", "list.jsonl", "--out", "rows.jsonl", "--anew"]).args(FAKE.split(' '));
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        while fs_err::read(place.path("rows.jsonl.journal"))
            .map_or(true, |journal| journal.iter().filter(|b| **b == b'\n').count() < 2)
        {
            assert!(start.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        child.wait().unwrap();
    };
    // So many clips that the first mark comes before the last clip, on any machine.
    let many = place.read("list.jsonl").repeat(50);
    place.file("list.jsonl", &many);
    began(&place);
    let line = format!("classify list.jsonl {FAKE} --out rows.jsonl");
    place.fails(&line, 2, "a run that was not finished");
    place.fails(&format!("{line} --resume --top-k 2"), 2, "an option is not what it was");
    place.fails(
        &format!("{line} --resume --sampling tutorial --fps 5"),
        2,
        "the model, its engine or the sampling is not",
    );
    place.file("list.jsonl", many.replacen("0.gif", "1.gif", 1));
    place.fails(&format!("{line} --resume"), 2, "the list is not what it was");
    place.file("list.jsonl", "{\"path\": \"0.gif\"}\n");
    place.run(&format!("-q {line} --anew")).success();
    assert_eq!(place.read("rows.jsonl").lines().count(), 1);
    place.run(&format!("-q {line}")).success();
    place.fails(&format!("classify list.jsonl {FAKE} --resume"), 2, "--out FILE");
    place.fails(&format!("classify list.jsonl {FAKE} --out rows.xlsx"), 2, ".jsonl, .csv or .parquet");
    place.fails(&format!("classify list.jsonl {FAKE} --out no/rows.csv"), 2, "its folder doesn't exist");
    place.fails(&format!("classify list.jsonl {FAKE} --out list.jsonl"), 2, "would overwrite");
}

#[test]
fn a_decoder_that_was_killed_is_asked_once_more() {
    let place = place_with_clips(2);
    place.file("0.mp4", "\0\0\0\x20ftypisom");
    let once = "[ -e died ] || { : >died; kill -9 $$; }";
    let ffmpeg = place.program("ffmpeg", &format!("case \"$*\" in *.mp4*) {once} ;; esac\n{}", run::ANSWERS));
    let line = format!("-q classify 0.mp4 {FAKE}");
    let output = place.run_with(&line, &[("MOVINET_TF_FFMPEG", &ffmpeg)]).code(1).get_output().clone();
    let rows = parsed(&String::from_utf8(output.stdout).unwrap());
    assert!(place.path("died").exists() && rows[0]["error"]["kind"] == "bad_clip", "{rows:?}");
}

#[test]
fn what_others_may_write_to_by_another_name_is_one_output() {
    let place = place_with_clips(2);
    place.file("rows.jsonl", "");
    std::os::unix::fs::symlink(place.path("rows.jsonl"), place.path("link.jsonl")).unwrap();
    place.run(&format!("-q classify list.jsonl {FAKE} --out link.jsonl")).success();
    assert!(place.path("rows.jsonl.journal").exists() && !place.path("link.jsonl.journal").exists());
    fs_err::remove_file(place.path("rows.jsonl.journal")).unwrap();
    place.fails(&format!("classify list.jsonl {FAKE} --out rows.jsonl --resume"), 2, "its journal is gone");
}

#[test]
fn the_first_failure_ends_a_run_where_that_is_asked_for() {
    let place = place_with_clips(8);
    let rows = rows(&place, "0.gif no.gif 1.gif 2.gif --fail-fast", 1);
    let failed: Vec<_> = rows.iter().map(|row| !row["error"].is_null()).collect();
    assert_eq!(failed, [false, true]);
    // Going on is not held up by what failed before.
    let line = format!("-q classify no.gif 0.gif 1.gif 2.gif {FAKE} --fail-fast --out rows.jsonl --resume");
    for count in [1, 4] {
        place.run(&line).code(1);
        assert_eq!(place.read("rows.jsonl").lines().count(), count);
    }
}

#[test]
fn a_folder_is_walked() {
    let place = place_with_clips(12);
    place.file("sub/readme.md", "words");
    fs_err::copy(place.path("3.gif"), place.path("sub/x.bin")).unwrap();
    fs_err::remove_file(place.path("list.jsonl")).unwrap();
    let output = place.run(&format!("classify . {FAKE}")).success().get_output().clone();
    let names: Vec<_> = parsed(&String::from_utf8(output.stdout).unwrap())
        .iter()
        .map(|row| row["path"].as_str().unwrap().trim_start_matches("./").to_owned())
        .collect();
    let expected: Vec<_> = (0..12).map(|number| format!("{number}.gif")).chain(["sub/x.bin".to_owned()]).collect();
    assert_eq!(names, expected, "numbers as people count them");
    assert!(String::from_utf8(output.stderr).unwrap().contains("1 files skipped"));
}

/// The processes that process `id` started and that are there.
#[cfg(target_os = "linux")]
fn children(id: u32) -> Vec<String> {
    let tasks = fs_err::read_dir(format!("/proc/{id}/task")).into_iter().flatten();
    let children = tasks.map(|task| fs_err::read_to_string(task.unwrap().path().join("children")).unwrap_or_default());
    children.collect::<String>().split_whitespace().map(str::to_owned).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn workers_that_are_killed_cost_no_row() {
    let place = place_with_clips(1500);
    place.file("5.gif", "GIF89a");
    place.run(&format!("-q classify list.jsonl {FAKE} --out plain.jsonl")).code(1);
    let line = format!("-q classify list.jsonl {FAKE} --out rows.jsonl --workers 2");
    let mut child = place.command().args(line.split(' ')).spawn().unwrap();
    let mut killed = 0;
    for turn in 0..10 {
        std::thread::sleep(Duration::from_millis(20 + turn * 37 % 70));
        let workers = children(child.id());
        if let Some(worker) = workers.get(turn as usize % workers.len().max(1)) {
            let status = std::process::Command::new("kill").args(["-9", worker]).status().unwrap();
            killed += usize::from(status.success());
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(killed >= 5, "{killed}: the run was over");
    let rows = |name: &str| without_times(parsed(&place.read(name)));
    assert_eq!(rows("rows.jsonl"), rows("plain.jsonl"));
}

#[test]
#[cfg(target_os = "linux")]
fn workers_end_with_the_program() {
    let place = Place::with_clip(&[(4, RED)]);
    let mut command = place.command();
    command.args(["-q", "classify", "-", "--workers", "2"]).args(FAKE.split(' '));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "clip.gif").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    // The first may be done with the clip before the second has begun.
    let (mut workers, began) = (children(child.id()), Instant::now());
    while workers.len() < 2 && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
        workers = children(child.id());
    }
    assert_eq!(workers.len(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    while workers
        .iter()
        .any(|worker| fs_err::read(format!("/proc/{worker}/cmdline")).is_ok_and(|line| !line.is_empty()))
    {
        assert!(began.elapsed() < Duration::from_secs(10), "{workers:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
