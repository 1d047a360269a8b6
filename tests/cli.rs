//! The whole program, run as a user runs it: exit codes, errors, and the main job on the bundled demo.
//!
//! TensorFlow comes from wherever the program finds it; where there is none, the first of these tests installs it into
//! the cache of the checkout, as a first run does.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

const PREPARED: &str = "prepared";

fn program() -> Command {
    Command::cargo_bin("movinet-tf").unwrap()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity").join(name)
}

fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs_err::write(&path, content).unwrap();
    path
}

/// Runs `arguments` and expects exit code `code` and one error line with `message` on stderr, after which there is at
/// most a hint.
fn fails(arguments: &[&dyn AsRef<std::ffi::OsStr>], code: i32, message: &str) {
    let output =
        program().args(arguments.iter().map(|argument| argument.as_ref())).assert().code(code).get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let errors: Vec<_> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{stderr}");
    assert!(errors[0].contains(message), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.stdout.is_empty());
}

/// The demo's two SavedModels, copied to where they can be damaged.
struct Models {
    folder: TempDir,
}

impl Models {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = movinet_tf::cache::Cache::new(folder.path());
        movinet_tf::models::demo::unpack(&cache).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        let unpacked = fs_err::read_dir(self.folder.path().join("unpacked-demo")).unwrap().next().unwrap().unwrap();
        unpacked.path().join(name)
    }

    fn compare(&self, base: &str, stream: &str, more: &[&str], code: i32, message: &str) {
        let (clip, base, stream) = (self.path("jumping-jacks.gif"), self.path(base), self.path(stream));
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"compare", &clip, &"--base", &base, &"--stream", &stream, &"--size", &"64"];
        arguments.extend(more.iter().map(|argument| argument as &dyn AsRef<std::ffi::OsStr>));
        fails(&arguments, code, message);
    }
}

#[test]
fn the_demo_is_recognised_by_both_models() {
    let output = program().args(["compare", "--json", "-"]).assert().success().get_output().clone();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["schema"], "movinet-tf/compare/1");
    assert_eq!(json["agreement"]["final"]["top1"], true);
    for top in [&json["base"]["top"][0], &json["stream"]["final"]["top"][0]] {
        assert_eq!(top["label"], "jumping jacks");
        assert!(top["probability"].as_f64().unwrap() >= 0.8, "{top}");
    }
    assert_eq!(json["stream"]["label_by_frame"].as_array().unwrap().len(), json["clip"]["frames"]);
    let engines = ["base", "stream"].map(|model| &json["models"][model]["engine"]);
    assert_eq!(engines, [PREPARED; 2], "the first run prepares the demo");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("bundled demo"), "{stderr}");
    assert!(!stderr.contains("XLA"), "TensorFlow's chatter: {stderr}");
}

#[test]
fn the_demo_gives_the_recorded_numbers_of_python_tensorflow() {
    let models = Models::new();
    let clip = models.path("jumping-jacks.gif");
    let verify_with = |reference: &Path, engine: &str| {
        let mut command = program();
        command.arg("verify").arg(&clip).args(["--model", "demo", "--atol", "1e-4", "--rtol", "1e-4"]);
        command.args(["--engine", engine]).arg("--against").arg(reference).assert()
    };
    let verify = |reference: &Path| verify_with(reference, "reference");
    verify(&golden("demo.npz")).success().stdout(contains("equal (allowed: "));
    verify_with(&golden("demo.npz"), "auto").success();

    // The same check sees a difference in a single frame's logits.
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.npz");
    let mut reference = ndarray_npy::NpzReader::new(fs_err::File::open(golden("demo.npz")).unwrap()).unwrap();
    let mut logits: ndarray::Array2<f32> = reference.by_name("stream_logits").unwrap();
    logits[[7, 3]] += 0.01;
    let mut npz = ndarray_npy::NpzWriter::new(fs_err::File::create(&changed).unwrap());
    npz.add_array("stream_logits", &logits).unwrap();
    npz.finish().unwrap();
    verify(&changed)
        .code(1)
        .stdout(contains("first at frame 7, ").and(contains("would pass with --atol stream_logits=")));
}

#[test]
fn a_run_is_its_own_reference() {
    let models = Models::new();
    let (clip, folder) = (models.path("jumping-jacks.gif"), tempfile::tempdir().unwrap());
    let npz = folder.path().join("run.npz");
    let exact = ["--model", "demo", "--atol", "0", "--rtol", "0"];
    program()
        .args(["compare", "--engine", "reference", "--npz"])
        .arg(&npz)
        .assert()
        .success()
        .stdout(contains("jumping jacks"));
    program().arg("verify").arg(clip).args(exact).arg("--against").arg(npz).assert().success();
}

#[test]
fn a_recorded_run_verifies_and_says_so_to_ci() {
    let models = Models::new();
    let (clip, folder) = (models.path("jumping-jacks.gif"), tempfile::tempdir().unwrap());
    let (npz, junit) = (folder.path().join("ref.npz"), folder.path().join("parity.xml"));
    let verify = || {
        let mut command = program();
        command.arg("verify").arg(&clip).args(["--model", "demo"]);
        command
    };
    verify().arg("--record").arg(&npz).assert().success();
    let against = |more: &[&str]| verify().arg("--against").arg(&npz).args(more).assert();
    let exact = ["--atol", "0", "--rtol", "0"];
    verify().arg("--against").arg(&npz).args(exact).arg("--junit").arg(&junit).assert().success();
    let xml = fs_err::read_to_string(&junit).unwrap();
    assert!(xml.contains("tests=\"3\" ") && xml.contains("failures=\"0\"") && xml.contains("stream_logits"), "{xml}");
    // The prepared models round differently, and each output has a tolerance of its own.
    let stdout =
        against(&["--engine", "prepared", "--atol", "0", "--rtol", "0", "--json", "-"]).get_output().stdout.clone();
    let verdict: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!((&verdict["passed"], &verdict["checks"][0]["passed"]), (&false.into(), &true.into()));
    let own = ["--atol", "0", "--rtol", "0", "--atol", "base_logits=1e-3", "--atol", "stream_logits=1e-3"];
    against(&[&["--engine", "prepared"], own.as_slice()].concat()).success();
    against(&["--atol", "logits=1"]).code(2).stderr(contains("the outputs are video, base_logits, stream_logits"));
    verify().assert().code(2);
}

#[test]
fn a_stream_model_agrees_with_itself_and_not_with_another() {
    let models = Models::new();
    let bisect = |other: &Path| {
        let mut command = program();
        command.arg("verify").arg(models.path("jumping-jacks.gif")).args(["--model", "demo", "--bisect"]);
        command.arg(other).args(["--atol", "0", "--rtol", "0"]).assert()
    };
    bisect(&models.path("stream")).success().stdout(contains("the models agree"));
    bisect(Path::new("demo-stream")).success();
    // The prepared form rounds differently from the first layers on.
    program().args(["prepare", "demo-stream"]).assert().success();
    let shown = program().args(["show", "demo-stream", "--json"]).assert().success().get_output().stdout.clone();
    let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
    bisect(Path::new(shown["prepared"]["path"].as_str().unwrap()))
        .code(1)
        .stdout(contains("part at frame 0").and(contains("first in block ")));
}

#[test]
fn a_comparison_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut command = program();
    command.arg("compare");
    for (flag, name) in [("--plot", "plot.png"), ("--animation", "clip.gif"), ("--html", "page.html")] {
        command.arg(flag).arg(path(name));
    }
    command.assert().success().stdout(contains("▁"));
    assert!(fs_err::read(path("plot.png")).unwrap().starts_with(b"\x89PNG"));
    let decoded = gif::DecodeOptions::new().read_info(fs_err::File::open(path("clip.gif")).unwrap());
    let mut decoded = decoded.unwrap();
    let mut hundredths = 0;
    let mut frames = 0;
    while let Some(frame) = decoded.read_next_frame().unwrap() {
        (hundredths, frames) = (hundredths + u32::from(frame.delay), frames + 1);
    }
    assert_eq!((frames, hundredths), (16, 192), "every frame, at the clip's own pace");
    let page = fs_err::read_to_string(path("page.html")).unwrap();
    assert!(page.contains("jumping jacks") && !page.contains("src=\"http") && !page.contains("{{"));

    let mut svg = program();
    svg.args(["compare", "--log", "--theme", "dark", "--plot"]).arg(path("plot.svg")).assert().success();
    assert!(fs_err::read_to_string(path("plot.svg")).unwrap().contains("<svg"));
    program()
        .args(["compare", "--html", "-"])
        .assert()
        .success()
        .stdout(predicates::str::starts_with("<!doctype html>"));
    fails(&[&"compare", &"--plot", &path("plot.bmp")], 2, "ends in neither .png nor .svg");
    fails(&[&"compare", &"--html", &"-", &"--json", &"-"], 2, "only one output can go to stdout");
    fails(&[&"compare", &"--animation", &path("clip.avi")], 2, "ends in none of");

    // What was there stays when the run fails.
    fails(&[&"compare", &path("missing.gif"), &"--model", &"demo", &"--html", &path("page.html")], 4, "missing.gif");
    assert_eq!(fs_err::read_to_string(path("page.html")).unwrap(), page);
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn a_model_is_shown() {
    let output = program().args(["show", "demo-stream", "--json"]).assert().success().get_output().clone();
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&shown["schema"], &shown["kind"]), (&"movinet-tf/show/1".into(), &"stream".into()));
    let states = shown["states"]["states"].as_array().unwrap();
    assert_eq!(shown["signatures"][0]["inputs"].as_array().unwrap().len(), states.len() + 1);
    assert!(shown["parameters"]["numbers"].as_u64().unwrap() > 1_000_000);
    let text = program().args(["show", "demo-base"]).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("parameters  ") && text.contains("image  float32 (?, ?, ?, ?, 3)"), "{text}");
}

#[test]
fn bad_clips_end_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs_err::read(Models::new().path("jumping-jacks.gif")).unwrap();
    let empty = file(&folder, "empty.gif", "");
    let text = file(&folder, "text.gif", "not a picture");
    let half = file(&folder, "half.gif", &good[..good.len() / 2]);
    let no_frames = file(&folder, "no-frames.gif", b"GIF89a\x01\0\x01\0\0\0\0;");
    let missing = folder.path().join("missing.gif");
    let demo = |clip: &Path, message| fails(&[&"compare", &clip, &"--model", &"demo"], 4, message);
    demo(&missing, "missing.gif");
    fails(&[&"compare", &missing], 4, "missing.gif"); // before any model is looked for
    demo(&empty, "is empty");
    demo(&text, "is not a GIF: it does not begin with GIF87a");
    demo(&half, "frames are whole");
    demo(&no_frames, "is a GIF without frames");
    program().args(["compare", "--model", "demo"]).arg(&half).assert().stderr(contains("hint: use the whole frames"));
}

#[test]
fn a_cut_clip_is_used_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs_err::read(Models::new().path("jumping-jacks.gif")).unwrap();
    let half = file(&folder, "half.gif", &good[..good.len() / 2]);
    let mut command = program();
    command.args(["compare", "--model", "demo", "--keep-truncated"]).arg(half);
    command.assert().success().stderr(contains("warning: the file is cut short"));
}

#[test]
fn bad_models_end_with_4() {
    let models = Models::new();
    models.compare("stream", "stream", &[], 4, "is a stream model; a base model is needed");
    models.compare("base", "base", &[], 4, "is a base model; a stream model is needed");
    let labels = file(&models.folder, "labels.txt", "one\ntwo\n");
    models.compare("base", "stream", &["--labels", labels.to_str().unwrap()], 4, "has 2 labels, but the model has 12");
    let proto = models.path("base/saved_model.pb");
    let good = fs_err::read(&proto).unwrap();
    fs_err::write(&proto, &good[..good.len() / 2]).unwrap();
    models.compare("base", "stream", &[], 4, "its saved_model.pb is damaged");
    fs_err::write(&proto, good).unwrap();
    fs_err::remove_dir_all(models.path("base/variables")).unwrap();
    models.compare("base", "stream", &[], 4, "it has no variables/variables.index");
    models.compare("nowhere", "stream", &[], 4, "is not a folder");
    fails(&[&"prepare", &models.path("nowhere")], 4, "is not a folder");
    fails(&[&"prepare", &models.folder.path()], 4, "is not a whole SavedModel: it has no saved_model.pb");
    fails(&[&"show", &models.folder.path()], 4, "is not a whole SavedModel: it has no saved_model.pb");
}

#[test]
fn a_model_is_prepared_once_and_then_used() {
    let models = Models::new();
    let (clip, base, stream) = (models.path("jumping-jacks.gif"), models.path("base"), models.path("stream"));
    let compare = |engine: &str| {
        let mut command = program();
        command.arg("compare").arg(&clip).arg("--base").arg(&base).arg("--stream").arg(&stream);
        command.args(["--size", "64", "--json", "-", "--engine", engine]).arg("--cache-dir").arg(models.folder.path());
        command.env("MOVINET_TF_LIBTENSORFLOW", library()).assert()
    };
    compare("prepared").code(3).stderr(contains("is not prepared").and(contains("hint: movinet-tf prepare")));
    let reference = compare("auto").success().stderr(contains("once it is prepared")).get_output().clone();
    let mut command = program();
    command.arg("prepare").arg(&base).arg(&stream).args(["--size", "64"]).arg("--cache-dir").arg(models.folder.path());
    command.env("MOVINET_TF_LIBTENSORFLOW", library()).assert().success().stdout(contains("equal on"));
    let prepared = compare("auto").success().get_output().clone();
    let [reference, prepared] =
        [reference, prepared].map(|output| serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap());
    assert_eq!(prepared["models"]["stream"]["engine"], PREPARED);
    assert!(prepared["models"]["base"]["proof"]["max_relative"].as_f64().unwrap() < 2e-5);
    assert_eq!(prepared["stream"]["label_by_frame"], reference["stream"]["label_by_frame"]);
    for path in ["/base/top/0/probability", "/stream/final/top/0/probability"] {
        let [a, b] = [&reference, &prepared].map(|json| json.pointer(path).unwrap().as_f64().unwrap());
        assert!((a - b).abs() < 1e-4, "{path}: {a} and {b}");
    }
}

/// TensorFlow's library as the program finds it, for runs with a cache of their own.
fn library() -> String {
    let output = program().args(["fetch", "runtime", "--json"]).assert().success().get_output().clone();
    let outcomes: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    outcomes[0]["path"].as_str().unwrap().to_owned()
}

#[test]
fn bad_usage_ends_with_2() {
    fails(&[&"compare", &"--size", &"0"], 2, "invalid value '0' for '--size <PIXELS>'");
    fails(&[&"compare", &"clip.gif", &"--model", &"a9"], 2, "there is no model 'a9'; did you mean 'a0'?");
    fails(&[&"show", &"a2-steam"], 2, "did you mean 'a2-stream'?");
    fails(&[&"compare", &"--model", &"a0"], 2, "which clip?");
    fails(&[&"compare", &"--json", &"/nowhere/at/all.json"], 2, "cannot write '/nowhere/at/all.json'");
    program().assert().code(2);
    program().arg("--help").assert().success().stdout(contains("Exit codes:"));
}

#[test]
fn what_is_not_here_ends_with_3() {
    let cache = tempfile::tempdir().unwrap();
    let here = ["--cache-dir", cache.path().to_str().unwrap(), "--offline"];
    let without = |name: &str, value: &str| {
        let mut command = program();
        command.args(here).env(name, value);
        command
    };
    let nothing = tempfile::tempdir().unwrap();
    let mut command = without("PATH", nothing.path().to_str().unwrap());
    command.env_remove("LD_LIBRARY_PATH").env_remove("MOVINET_TF_LIBTENSORFLOW").arg("compare");
    command.assert().code(3).stderr(contains("offline").and(contains("hint:")));
    let mut command = without("MOVINET_TF_LIBTENSORFLOW", env!("CARGO_MANIFEST_DIR"));
    command.arg("compare").assert().code(3).stderr(contains("there is no TensorFlow library at"));
    let mut command = program();
    command.args(here).args(["compare", golden("clips/whole-frames.gif").to_str().unwrap(), "--model", "a4"]);
    command.assert().code(3).stderr(contains("a4-base is not here"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("movinet-tf"));
    let output = command.arg("compare").stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_interrupt_ends_with_130() {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("movinet-tf"));
    let mut child = command.arg("compare").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn the_doctor_says_what_is_found() {
    // After another test's run there is a TensorFlow; before it, that is what the doctor says.
    let output = program().arg("doctor").assert().get_output().clone();
    let stdout = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => assert!(stdout.contains("ok   TensorFlow 2."), "{stdout}"),
        Some(3) => assert!(stdout.contains("no   TensorFlow is not here"), "{stdout}"),
        other => panic!("exit {other:?}: {stdout}"),
    }
}
