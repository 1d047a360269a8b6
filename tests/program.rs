//! What the program promises beside its results: exit codes, help, colour, the cache, and leaving nothing half done.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use std::collections::BTreeSet;
use std::io::Read;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use insta::{assert_snapshot, with_settings};
use movinet_tf::cache::{Cache, FileRecord, Kind, Record};
use predicates::prelude::*;
use predicates::str::contains;
use run::{BLUE, Place, RED};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Exit codes and runs that end with them; 130 is [`interrupted`]'s.
const EXITS: [(i32, &str); 14] = [
    (0, "compare clip.gif --model fake"),
    (0, "verify clip.gif --model fake --record ref.npz"),
    (0, "cache list"),
    (0, "--help"),
    (1, "compare clip.gif --model fake --require-agreement"),
    (1, "verify clip.gif --model fake --against ref.npz --fps 5"),
    (2, "compare clip.gif --model a9"),
    (2, "compare clip.gif --model fake --json nowhere/at/all.json"),
    (2, "cache"),
    (3, "compare clip.gif --model a0"),
    (3, "compare clip.gif --model fake --animation moving.mp4"),
    (4, "compare missing.gif --model fake"),
    (4, "verify clip.gif --model fake --against clip.gif"),
    (4, "compare clip.gif --model fake --labels labels.txt"),
];

#[test]
fn every_exit_code_of_the_help_is_given() {
    let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
    place.file("labels.txt", "one\ntwo\n");
    let help = place.stdout("--help", 0);
    let table = help.split_once("Exit codes: ").unwrap().1.split([';', '\n']);
    let told: BTreeSet<i32> = table.filter_map(|part| part.split_whitespace().next()?.parse().ok()).collect();
    let tested: BTreeSet<i32> = EXITS.iter().map(|(code, _)| *code).chain([130]).collect();
    assert_eq!(told, tested);
    let no_programs = place.path("not/there");
    for (code, line) in EXITS {
        let output = place.run_with(line, &[("PATH", &no_programs)]).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {stderr}");
        assert!(!stderr.contains("panicked"), "{line}: {stderr}");
    }
    assert_eq!(place.names_in(""), ["clip.gif", "labels.txt", "ref.npz"], "nothing is left over, not even a cache");
}

/// Ends the process, however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it has ended where the test passes
        let _ = self.0.wait();
    }
}

/// Sends `signal` to a run of many seconds as soon as its output files are begun, or, `while_writing`, as one of them
/// grows; gives the exit code. `page.html` and `result.json` in `place` are then as they were.
fn interrupted(place: &Place, signal: libc::c_int, while_writing: bool) -> Option<i32> {
    let line = "compare long.gif --model fake --size 8 --animation moving.gif --html page.html --json result.json";
    let mut command = place.command();
    command.args(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    let began = Instant::now();
    let is_time = || {
        let parts: Vec<_> = parts(place).iter().map(|name| fs_err::metadata(place.path(name))).collect();
        parts.len() == 3 && (!while_writing || parts.iter().flatten().any(|part| part.len() > 0))
    };
    while !is_time() {
        assert!(running.0.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(2));
    }
    // SAFETY: kill has no preconditions, and the process is a child that was not waited for.
    assert_eq!(unsafe { libc::kill(running.0.id() as libc::pid_t, signal) }, 0);
    running.0.wait().unwrap().code()
}

fn parts(place: &Place) -> Vec<String> {
    place.names_in("").into_iter().filter(|name| name.starts_with(".movinet-tf-")).collect()
}

#[test]
fn an_interrupted_run_ends_with_130_and_leaves_what_was_there() {
    let place = Place::new();
    place.gif("long.gif", &[(3000, RED), (1000, BLUE)], (10, 8), 10);
    for name in ["page.html", "result.json"] {
        place.file(name, "old");
    }
    for (signal, while_writing) in
        [(libc::SIGINT, false), (libc::SIGTERM, false), (libc::SIGINT, true), (libc::SIGTERM, true)]
    {
        assert_eq!(interrupted(&place, signal, while_writing), Some(130), "signal {signal}");
        assert_eq!(place.names_in(""), ["long.gif", "page.html", "result.json"], "signal {signal}");
        assert_eq!([place.read("page.html"), place.read("result.json")], ["old"; 2]);
    }
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let (_, list) = help.split_once("\nCommands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn help_is_as_it_was_read_last() {
    let place = Place::new();
    let help = |command: &str| place.stdout(&format!("{command} --help"), 0);
    let mut texts = vec![("program".to_owned(), help("")), ("program-short".to_owned(), place.stdout("-h", 0))];
    for command in commands(&help("")) {
        texts.push((command.clone(), help(&command)));
    }
    for action in commands(&help("cache")) {
        texts.push((format!("cache-{action}"), help(&format!("cache {action}"))));
    }
    texts.push(("version".to_owned(), place.stdout("--version", 0)));
    assert_eq!(texts.len(), 12 + 4 + 3, "{:?}", texts.iter().map(|(name, _)| name).collect::<Vec<_>>());
    with_settings!({filters => vec![(r"(?m)^movinet-tf \d+\.\d+\.\d+( \([0-9a-f]+\))?$", "movinet-tf [version]")]}, {
        for (name, text) in texts {
            assert!(text.lines().all(|line| line.chars().count() <= 120), "{name}");
            assert_snapshot!(format!("help_{name}"), text);
        }
    });
}

const ESCAPE: &str = "\u{1b}[";

#[test]
fn colour_goes_where_it_is_wanted() {
    let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
    let has_colour = |line: &str, environment: &[(&str, &str)]| {
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, Path::new(*value))).collect();
        let assert = place.run_with(&format!("compare clip.gif --model fake {line}"), &environment).success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap().contains(ESCAPE)
    };
    assert!(has_colour("--color always", &[]));
    assert!(has_colour("--color always", &[("NO_COLOR", "1")]), "what is typed comes first");
    assert!(!has_colour("--color never", &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour("--color auto", &[]) && !has_colour("", &[]), "a pipe");
    assert!(has_colour("", &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour("", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    let json = place.json("compare clip.gif --model fake --color always --json -");
    assert_eq!(json["stream"]["final"]["top"][0]["label"], "blue");
}

/// What the program writes to a terminal.
fn on_terminal(place: &Place, line: &str, environment: &[(&str, &str)]) -> String {
    let (mut ours, mut its) = (0, 0);
    let null = std::ptr::null_mut();
    // SAFETY: both descriptors have room, and null asks for no name and for the system's own settings.
    assert_eq!(unsafe { libc::openpty(&mut ours, &mut its, null, null.cast(), null.cast()) }, 0);
    // SAFETY: openpty gave both, and nobody else has them.
    let (ours, its) = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(its)) };
    let mut command = place.command();
    command.args(line.split(' ')).env("TERM", "xterm").envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(its).stderr(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    drop(command); // closes our copy of its end
    let mut written = Vec::new();
    // The end of a terminal is an error on Linux.
    let _ = std::fs::File::from(ours).read_to_end(&mut written);
    assert!(running.0.wait().unwrap().success());
    String::from_utf8(written).unwrap()
}

#[test]
fn a_terminal_has_colour_unless_it_is_not_wanted() {
    let place = Place::with_clip(&[(6, RED), (3, BLUE)]);
    let line = "compare clip.gif --model fake";
    assert!(on_terminal(&place, line, &[]).contains(ESCAPE));
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let written = on_terminal(&place, line, &[environment]);
        assert!(written.contains("blue") && !written.contains(ESCAPE), "{environment:?}");
    }
    assert!(!on_terminal(&place, &format!("{line} --color never"), &[]).contains(ESCAPE));
}

/// An entry of each kind: its file or folder, and its name.
const ENTRIES: [(Kind, &str, &str); 6] = [
    (Kind::Model, "a0-base", "a0-base"),
    (Kind::Demo, "y", "demo-y"),
    (Kind::Program, "ffmpeg-9.0.2", "ffmpeg-9.0.2"),
    (Kind::File, "kinetics_600_labels.txt", "kinetics_600_labels.txt"),
    (Kind::Prepared, "x", "prepared-x"),
    (Kind::Runtime, "tensorflow-2.18.1", "tensorflow-2.18.1"),
];
/// The record of a prepared model whose graph is `graph`.
const PREPARED: &str = r#"{"original": "0", "rewriter": 0, "tensorflow": "0", "processor": "x", "size": 1,
    "sha256": "eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d", "rewrites": {"batch_norms": 0,
    "convolutions": 0, "fused": 0, "merged": 0, "operations": 0}, "proof": {"predictions": 1, "max_difference": 0.0,
    "max_relative": 0.0}}"#;
const SOURCE: &str = "https://example.org/a0-base.tar.gz";

/// A cache with the [`ENTRIES`], all of them whole but for the labels.
fn with_cache() -> (Place, Cache) {
    let place = Place::new();
    let weights = vec![7; 2_500_000];
    for (name, content) in [
        ("models/a0-base/saved_model.pb", b"graph".as_slice()),
        ("models/a0-base/variables/variables.index", b"index"),
        ("models/a0-base/variables/variables.data-00000-of-00001", &weights),
        ("files/kinetics_600_labels.txt", b"one\ntwo\n"),
        ("prepared/x/saved_model.pb", b"graph"),
        ("prepared/x/prepared.json", PREPARED.as_bytes()),
        ("unpacked-demo/y/base/saved_model.pb", b"graph"),
        ("unpacked-demo/y/base/variables/variables.index", b"index"),
        ("unpacked-demo/y/stream/saved_model.pb", b"graph"),
        ("unpacked-demo/y/stream/variables/variables.index", b"index"),
        ("programs/ffmpeg-9.0.2/ffmpeg", b"program"),
        ("programs/ffmpeg-9.0.2/sizes.txt", b"7 ffmpeg\n"),
        ("runtime/tensorflow-2.18.1/libtensorflow.so.2", b"library"),
        ("runtime/tensorflow-2.18.1/sizes.txt", b"7 libtensorflow.so.2\n"),
    ] {
        place.file(&format!("cache/{name}"), content);
    }
    let files = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];
    let model = place.path("cache/models/a0-base");
    let record = |path: &str| {
        let content = fs_err::read(model.join(path)).unwrap();
        let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        FileRecord { path: path.into(), bytes: content.len() as u64, sha256 }
    };
    Record::new("a0-base", SOURCE, files.map(record).to_vec()).write(&model).unwrap();
    let cache = Cache::new(place.path("cache"));
    (place, cache)
}

/// Names of what is in the cache, as it lists them.
fn listed(place: &Place) -> Vec<String> {
    let list = place.json("cache list --json");
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

fn all_names() -> Vec<&'static str> {
    ENTRIES.iter().map(|(_, _, name)| *name).collect()
}

#[test]
fn the_cache_lists_what_is_in_it() {
    let (place, cache) = with_cache();
    let text = place.stdout("cache list", 0);
    let firsts: Vec<_> = text.lines().map(|line| line.split("  ").next().unwrap().trim()).collect();
    assert_eq!(firsts, [all_names(), vec!["in all"]].concat());
    let line = |name| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("a0-base").contains(" 2.5 MB  just now ") && line("a0-base").ends_with(SOURCE), "{text}");
    assert!(line("in all").ends_with(" 2.5 MB"), "{text}");

    let list = place.json("cache list --json");
    for (entry, (kind, file, name)) in list.as_array().unwrap().iter().zip(ENTRIES) {
        let keys: BTreeSet<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["name", "path", "bytes", "source", "fetched"]));
        assert_eq!((&entry["name"], &entry["path"]), (&json!(name), &json!(cache.entry(kind, file).path())));
        let source = if kind == Kind::Model { json!(SOURCE) } else { Value::Null };
        assert_eq!(entry["source"], source, "{name}");
        assert!(entry["bytes"].as_u64().unwrap() > 4 && entry["fetched"].as_u64().unwrap() > 1_700_000_000);
    }
    assert_eq!(list[3]["bytes"], 8);
    place.run("cache path").success().stdout(format!("{}\n", place.path("cache").display()));
    place.run("cache path --cache-dir other").success().stdout(format!("{}\n", place.path("other").display()));
    assert_eq!(place.json("cache list --json --cache-dir other"), json!([]));
}

#[test]
fn what_is_in_use_is_not_removed_of_any_kind() {
    let (place, cache) = with_cache();
    let mut left = all_names();
    for (kind, file, name) in ENTRIES {
        let remove = format!("cache remove {name}");
        let used = cache.use_entry(&cache.entry(kind, file)).unwrap();
        place.fails(&remove, 3, &format!("{name} is in use by a running process\nhint: end that process"));
        assert_eq!(listed(&place), left);
        drop(used);
        place.run(&remove).success().stdout(contains(format!("{name}: removed, ")).and(contains(" MB freed")));
        left.retain(|other| *other != name);
        assert_eq!(listed(&place), left);
    }
}

#[test]
fn what_is_not_there_is_not_removed_nor_is_anything_with_it() {
    let (place, _) = with_cache();
    place.fails("cache remove a0-base a9-base", 2, "'a9-base' is not in the cache");
    place.fails("cache remove", 2, "NAME");
    place.fails("cache remove a0-base --all", 2, "--all");
    assert_eq!(listed(&place), all_names());
}

#[test]
fn everything_is_removed_at_once_but_what_is_in_use() {
    let (place, cache) = with_cache();
    let used = cache.use_entry(&cache.entry(Kind::Prepared, "x")).unwrap();
    place.run("cache remove --all").code(3).stderr(contains("prepared-x is in use"));
    assert!(listed(&place).contains(&"prepared-x".to_owned()));
    drop(used);
    place.run("cache remove --all").success();
    assert!(listed(&place).is_empty());
    for (kind, file, name) in ENTRIES {
        let folder = cache.entry(kind, file).path().parent().unwrap().to_owned();
        assert_eq!(fs_err::read_dir(folder).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn damage_is_found_and_named() {
    let (place, cache) = with_cache();
    let damaged = |code| {
        let checks: Value = serde_json::from_str(&place.stdout("cache verify --json", code)).unwrap();
        let is_damaged = |check: &&Value| check["whole"] == false && check["damage"][0].is_string();
        let names = checks.as_array().unwrap().iter().filter(is_damaged).map(|check| check["name"].clone());
        names.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(damaged(1), ["kinetics_600_labels.txt"], "these are not the official ones");
    place.run("cache remove kinetics_600_labels.txt").success();
    assert!(damaged(0).is_empty());
    place.run("cache verify").success().stdout(contains("whole").count(5).and(contains("DAMAGED").not()));
    place.file("cache/models/a0-base/variables/variables.index", "xedni");
    place.file("cache/prepared/x/saved_model.pb", "grapg");
    place.file("cache/runtime/tensorflow-2.18.1/libtensorflow.so.2", "cut");
    place.file("cache/programs/ffmpeg-9.0.2/ffmpeg", "cut");
    fs_err::remove_file(cache.entry(Kind::Demo, "y").path().join("stream/saved_model.pb")).unwrap();
    assert_eq!(damaged(1), ["a0-base", "demo-y", "ffmpeg-9.0.2", "prepared-x", "tensorflow-2.18.1"]);
    let told = contains("DAMAGED: 'variables/variables.index' was changed").and(contains("cache remove a0-base"));
    place.run("cache verify").code(1).stdout(told);
}

#[test]
fn another_library_that_is_named_as_tensorflows_is_told_by_what_it_lacks() {
    let place = Place::with_clip(&[(3, RED)]);
    place.file("text/libtensorflow.so.2", "no library");
    place.file("empty/libtensorflow.so.2", "");
    std::os::unix::fs::symlink("nowhere", place.path("dangling")).unwrap();
    let itself = std::env::current_exe().unwrap();
    let half = fs_err::read(&itself).unwrap();
    place.file("half.so", &half[..half.len() / 2]);
    for (named, message) in [
        (itself, "is not TensorFlow's C library: it lacks TF_Version"),
        (c_library(), "is not TensorFlow's C library: it lacks TF_Version"),
        (place.path("text"), "is not TensorFlow's C library: it is not a whole shared library"),
        (place.path("text/libtensorflow.so.2"), "is not TensorFlow's C library: it is not a whole shared library"),
        (place.path("empty"), "is not TensorFlow's C library: it is not a whole shared library"),
        (place.path("half.so"), "is not TensorFlow's C library: it is not a whole shared library"),
        (place.path("dangling"), "it is a link to nothing"),
        (place.path("missing"), "there is no such file or folder"),
        (place.path("."), "the folder has none of libtensorflow.so.2"),
        ("/dev/null".into(), "it is no file"),
    ] {
        for line in ["compare", "fetch runtime", "doctor"] {
            let output = place.run_with(line, &[("MOVINET_TF_LIBTENSORFLOW", &named)]).code(3).get_output().clone();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(said.contains(message) && !said.contains("panicked"), "{line}, {}: {said}", named.display());
            assert!(line != "doctor" || said.contains("bundled demo: "), "the doctor ends with its report: {said}");
        }
    }
}

/// The C library that this process runs on.
fn c_library() -> std::path::PathBuf {
    let maps = fs_err::read_to_string("/proc/self/maps").unwrap();
    let paths = maps.lines().filter_map(|line| line.split_once('/')).map(|(_, path)| format!("/{path}"));
    paths.into_iter().find(|path| path.contains("/libc")).unwrap().into()
}

#[test]
fn another_library_on_the_search_path_is_passed_over_with_a_word() {
    let place = Place::with_clip(&[(3, RED)]);
    for (folder, content) in [("text", b"no library".to_vec()), ("other", fs_err::read(c_library()).unwrap())] {
        place.file(&format!("{folder}/libtensorflow.so.2"), content);
    }
    let path = std::env::join_paths([place.path("text"), place.path("other")]).unwrap();
    let mut command = place.command();
    command.arg("doctor").env("LD_LIBRARY_PATH", path).env_remove("MOVINET_TF_LIBTENSORFLOW");
    let output = command.env("PATH", place.path("not/there")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for (folder, reason) in [("text", "it is not a whole shared library"), ("other", "it lacks TF_Version")] {
        let library = place.path(folder).join("libtensorflow.so.2");
        let word = format!("passed over: '{}' is not TensorFlow's C library: {reason}", library.display());
        assert!(said.contains(&word), "{said}");
    }
}
