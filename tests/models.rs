//! Models of the kinds that people have, through TensorFlow: they give Python's numbers, or the word that says why not.
//!
//! tests/models/make.py makes the models, and records what Python gives for the demo's clip at 32 pixels.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use flate2::read::GzDecoder;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::TempDir;

static MODELS: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let packed = fs_err::File::open(root().join("tests/models/models.tar.gz")).unwrap();
    tar::Archive::new(GzDecoder::new(packed)).unpack(folder.path()).unwrap();
    folder
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn model(name: &str) -> PathBuf {
    MODELS.path().join(name)
}

/// Runs the program on the demo's clip, where a command takes one. `@name` in `line` is a model's folder.
fn run(line: &str) -> Assert {
    let word = |word: &str| match word.strip_prefix('@') {
        Some(name) => model(name).into_os_string(),
        None if word == "CLIP" => root().join("cache/demo/jumping-jacks.gif").into_os_string(),
        None => word.into(),
    };
    Command::cargo_bin("movinet-tf").unwrap().args(line.split_whitespace().map(word)).assert()
}

/// The line fails with exit code 4, and its one error holds all `words`.
fn refused(line: &str, words: &[&str]) {
    let output = run(line).code(4).get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let error = stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{stderr}"));
    assert!(words.iter().all(|word| error.contains(word)), "{line}: {error}, not {words:?}");
    assert!(output.stdout.is_empty() && !stderr.contains("panicked"), "{stderr}");
}

/// The model gives Python's numbers to the last bit.
fn equals_python(name: &str, role: &str) {
    let against = model(name).join("reference.npz");
    let line = format!("verify CLIP --against {} --{role} @{name} --size 32 --atol 0 --rtol 0", against.display());
    run(&line).success().stdout(contains("identical to the last bit").count(1));
}

fn compared(base: &str, stream: &str) -> Value {
    let output = run(&format!("compare CLIP --base @{base} --stream @{stream} --size 32 --json -")).success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn inputs_outputs_and_bytes_are_known_by_rank_and_type() {
    for name in ["base", "input-1-base", "two-outputs-base", "bytes-base", "sixteen-frames-base"] {
        equals_python(name, "base");
    }
    equals_python("stream", "stream");
    // The same weights, the same answer, whatever the names.
    let top = |base, stream| compared(base, stream)["stream"]["final"]["top"][0].clone();
    assert_eq!(top("base", "input-1-stream"), top("input-1-base", "stream"));
}

#[test]
fn several_outputs_without_a_telling_name_are_refused_with_the_list() {
    refused("show @nameless-outputs-base/none", &["not a folder"]);
    refused(
        "compare CLIP --base @nameless-outputs-base --stream @stream",
        &["called logits or probs", "a float32", "b"],
    );
    run("show @nameless-outputs-base").success().stdout(contains("no MoViNet that can run").and(contains("a float32")));
}

#[test]
fn pictures_in_another_form_are_refused_with_the_reason() {
    for (name, words) in [
        ("half-precision-base", ["'image' is float16", "takes image float16 (?, ?, ?, ?, 3)"]),
        ("channels-first-base", ["channels first", "(1, 3, ?, ?, ?)"]),
        ("still-base", ["a clip is (batch, frames, height, width, 3)", "image float32 (?, ?, ?, 3)"]),
        ("no-classes-base", ["no classes", "(?, 0)"]),
    ] {
        refused(&format!("compare CLIP --base @{name} --stream @stream --size 32"), &words);
        run(&format!("show @{name}"))
            .success()
            .stdout(contains("no MoViNet that can run here").and(contains(words[0])));
    }
}

#[test]
fn a_batch_above_one_is_refused_before_anything_is_loaded() {
    for (base, stream) in [("batch-of-2-base", "stream"), ("base", "batch-of-2-stream")] {
        let line = format!("compare CLIP --base @{base} --stream @{stream} --size 32");
        refused(&line, &["exported for a batch of 2"]);
        run(&line).stderr(contains("prepare").not());
        let named = if base == "base" { stream } else { base };
        refused(&format!("prepare @{named}"), &["exported for a batch of 2"]);
    }
}

#[test]
fn frames_are_fed_as_many_at_a_time_as_a_model_takes() {
    equals_python("four-frames-stream", "stream");
    equals_python("fixed-size-stream", "stream");
    let line = "compare CLIP --base @base --stream @four-frames-stream --fps 7 --json -";
    run(line).success().stderr(contains("takes 4 frames at a time: the last "));
    refused(
        "compare CLIP --base @twelve-frames-base --stream @stream --size 32",
        &["takes clips of 12 frames, and this one has 16"],
    );
}

#[test]
fn a_model_of_one_size_is_prepared_at_it() {
    let cache = tempfile::tempdir().unwrap();
    let models = "@fixed-size-stream @four-frames-stream @sixteen-frames-base @hands-its-frame-on";
    let line = format!("prepare {models} --size 32 --json --cache-dir {}", cache.path().display());
    let output = run(&line).success().get_output().stdout.clone();
    let prepared: Value = serde_json::from_slice(&output).unwrap();
    let sizes: Vec<_> = prepared.as_array().unwrap().iter().map(|model| model["record"]["size"].clone()).collect();
    assert_eq!(sizes, [json!(32), json!(32), json!(32), json!(32)]);
    let own = format!("prepare @fixed-size-stream --json --cache-dir {}", cache.path().display());
    let output = run(&own).success().get_output().stdout.clone();
    assert_eq!(serde_json::from_slice::<Value>(&output).unwrap()[0]["record"]["size"], 32);
    let missing =
        format!("compare CLIP --base @base --stream @stream --engine prepared --cache-dir {}", cache.path().display());
    run(&missing).code(3).stderr(contains("is not prepared").and(contains("movinet-tf prepare")));
}

#[test]
fn an_input_that_a_state_took_over_is_never_overwritten() {
    let cache = tempfile::tempdir().unwrap();
    for name in ["hands-its-frame-on", "hands-its-frame-on-flat", "hands-its-frame-on-in-part"] {
        equals_python(name, "stream");
        run(&format!("prepare @{name} --size 32 --cache-dir {}", cache.path().display())).success();
        let against = model(name).join("reference.npz");
        let (against, cache) = (against.display(), cache.path().display());
        let line =
            format!("verify CLIP --against {against} --stream @{name} --size 32 --engine prepared --cache-dir {cache}");
        run(&line).success();
    }
}

#[test]
fn what_is_no_number_is_told_by_model_frame_and_class_and_never_the_same() {
    let picture = tempfile::tempdir().unwrap();
    let plot = picture.path().join("plot.png");
    for (base, stream, words) in [
        ("nan-base", "stream", ["nan-base gave no number", "'class 2' is NaN"]),
        ("inf-base", "stream", ["inf-base gave no number", "'class 2' is inf"]),
        ("base", "minus-inf-stream", ["minus-inf-stream gave no number at frame 0", "'class 2' is -inf"]),
        ("base", "nan-stream-from-3", ["nan-stream-from-3 gave no number at frame 3", "'class 2' is NaN"]),
    ] {
        let line = format!("compare CLIP --base @{base} --stream @{stream} --size 32 --require-agreement");
        refused(&format!("{line} --json - --plot {}", plot.display()), &words);
        assert!(!plot.exists());
        let reference = picture.path().join("reference.npz");
        let line = format!("verify CLIP --base @{base} --stream @{stream} --size 32 --record {}", reference.display());
        refused(&line, &words);
        assert!(!reference.exists());
    }
}

#[test]
fn a_bisection_stops_where_one_is_no_number() {
    let part = |stream: &str, other: &str| {
        run(&format!("verify CLIP --stream @{stream} --bisect @{other} --size 32 --json -"))
            .code(1)
            .get_output()
            .stdout
            .clone()
    };
    let parting = |stream, other| serde_json::from_slice::<Value>(&part(stream, other)).unwrap();
    let found = parting("stream", "nan-stream-from-3");
    assert_eq!((&found["frame"], &found["no_numbers"]), (&json!(3), &json!([0, 1])));
    // Of two that give the same NaN nobody can say that they agree.
    let found = parting("nan-stream-from-3", "nan-stream-from-3");
    assert_eq!((&found["frame"], &found["no_numbers"]), (&json!(3), &json!([1, 1])));
    let found = parting("nan-state", "nan-state");
    assert_eq!((&found["frame"], &found["states"][0]["state"]), (&json!(0), &json!("state_spare")));
    assert_eq!(found["states"][0]["no_numbers"], json!([1, 1]));
    // A state that only one of them has parts them, whichever that is.
    for (stream, other) in [("stream", "nan-state"), ("nan-state", "stream")] {
        assert_eq!(parting(stream, other)["states"][0]["state"], "state_spare");
    }
    run("verify CLIP --stream @stream --bisect @input-1-stream --size 32").success().stdout(contains("agree"));
}

#[test]
fn nan_equals_nan_alone_in_a_reference_and_is_counted() {
    equals_python("nan-base", "base");
    let against = model("nan-base").join("reference.npz");
    let line = format!("verify CLIP --against {} --base @base --size 32 --atol 1e9", against.display());
    run(&line).code(1).stdout(contains("NaN or infinite: 0 here, 1 in the reference, 0 alike"));
    run(&format!("{line} --atol inf")).code(2).stderr(contains("a finite number"));
    let against = model("base").join("reference.npz");
    run(&format!("verify CLIP --against {} --base @nan-base --size 32", against.display())).code(1);
    run(&format!("verify CLIP --against {} --stream @stream --size 32", against.display()))
        .code(1)
        .stdout(contains("the reference holds nothing of what was run"));
}

#[test]
fn nothing_is_measured_or_prepared_of_a_model_that_gives_no_numbers() {
    let bench = "bench CLIP --size 32 --frames 4 --clips 2 --engine reference";
    refused(&format!("{bench} --base @nan-base --stream @stream"), &["gave no number", "is NaN"]);
    refused("prepare @nan-base --size 32", &["gave no number", "is NaN"]);
    let output = run(&format!("{bench} --base @base --stream @four-frames-stream --json")).success();
    let figures: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert!(figures[0]["min"].as_f64().unwrap() > 1e-6, "a frame that only fills the input is no step: {figures}");
}

#[test]
fn what_is_fetched_is_told_by_its_graph_whatever_it_is_called() {
    let cache = tempfile::tempdir().unwrap();
    for (what, given, word) in [
        ("a0-base", "stream", "is not a0-base: it is a stream model"),
        ("a0-stream", "base", "is not a0-stream: it is a base model"),
        ("a2-base", "base", "is not a2-base: it is a base model of 5 classes, not of 600"),
        ("a2-base", "still-base", "is not a2-base: it is no MoViNet"),
    ] {
        let line = format!("fetch {what} --from @{given} --no-prepare --cache-dir {}", cache.path().display());
        refused(&line, &[word]);
    }
    run(&format!("cache list --json --cache-dir {}", cache.path().display())).success().stdout("[]\n");
}

#[test]
fn one_logit_is_read_as_a_sigmoids_and_said() {
    let comparison = compared("one-logit-base", "one-logit-stream");
    let top = comparison["base"]["top"].as_array().unwrap();
    assert_eq!(top.len(), 2);
    let sum: f64 = top.iter().map(|guess| guess["probability"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9 && top[0]["probability"] != json!(1.0), "{top:?}");
    run("compare CLIP --base @one-logit-base --stream @one-logit-stream --size 32")
        .success()
        .stderr(contains("one-logit-base tells two classes apart by one logit: a sigmoid is applied"));
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.txt");
    for (names, first) in [("fall\n", "fall"), ("no fall\nfall\n", "fall"), ("fall\n", "not fall")] {
        fs_err::write(&labels, names).unwrap();
        let line = format!(
            "compare CLIP --base @one-logit-base --stream @one-logit-stream --size 32 --labels {}",
            labels.display()
        );
        run(&line).success().stdout(contains(first));
    }
    fs_err::write(&labels, "one\ntwo\nthree\n").unwrap();
    refused(
        &format!(
            "compare CLIP --base @one-logit-base --stream @one-logit-stream --size 32 --labels {}",
            labels.display()
        ),
        &["3 labels"],
    );
}

#[test]
fn probabilities_are_used_as_they_are_and_doubts_are_told() {
    let line = "compare CLIP --base @softmax-base --stream @softmax-stream --size 32";
    run(line).success().stderr(contains("softmax-base gives probabilities: no softmax is applied"));
    let comparison = compared("softmax-base", "softmax-stream");
    assert_eq!(
        (&comparison["models"]["base"]["output"], &comparison["models"]["stream"]["output"]),
        (&json!("probabilities"), &json!("probabilities"),)
    );
    assert!(comparison["base"]["top"][0]["probability"].as_f64().unwrap() > 0.1, "a second softmax leaves 0.03");
    assert_eq!(compared("base", "stream")["models"]["base"]["output"], "logits");
    run("compare CLIP --base @sigmoids-base --stream @stream --size 32")
        .success()
        .stderr(contains("may be a probability for each class by itself"));
    run("compare CLIP --base @one-probability-base --stream @one-logit-stream --size 32")
        .success()
        .stderr(contains("read as a logit, and may be a probability").and(contains("movinet.json")));
}

#[test]
fn a_state_that_no_machine_holds_is_told_with_its_size() {
    let words = ["state 'state_huge'", "[1, 100000, 100000, 100000]", "4.0 PB"];
    refused("compare CLIP --base @base --stream @huge-state --size 32", &words);
    refused("show @huge-state --size 32", &words);
    refused("prepare @huge-state --size 32", &words);
}

#[test]
fn functions_that_call_themselves_are_refused() {
    for name in ["calls-itself", "calls-itself-by-way-of-another"] {
        for command in ["show @", "prepare @", "compare CLIP --stream @stream --size 32 --base @"] {
            refused(&format!("{command}{name}"), &["damaged", "calls itself"]);
        }
    }
}

#[test]
fn parameters_are_those_that_a_signature_reads() {
    for (name, numbers) in [("base", 15), ("spare-variables-base", 15)] {
        let output = run(&format!("show @{name} --json")).success().get_output().stdout.clone();
        let shown: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(shown["parameters"], json!({"numbers": numbers, "variables": 1}), "{name}");
    }
}

#[test]
fn a_card_beside_the_models_stands_for_flags() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["base", "stream"] {
        let copy = folder.path().join(name);
        fs_err::create_dir_all(copy.join("variables")).unwrap();
        for file in
            ["saved_model.pb", "fingerprint.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
        {
            fs_err::copy(model(name).join(file), copy.join(file)).unwrap();
        }
    }
    let labels = folder.path().join("names.csv");
    fs_err::write(&labels, "id,name\n0,sit\n1,stand\n2,fall\n3,walk\n4,run\n").unwrap();
    let folder = folder.path().display().to_string();
    let label = format!("label {folder}/base --labels {folder}/names.csv --size 32 --fps 2 --sampling model");
    run(&label).success().stdout(contains("labels    5: sit, stand, fall, walk, run"));
    let compare = format!("compare CLIP --base {folder}/base --stream {folder}/stream");
    let output = run(&format!("{compare} --json -")).success().get_output().stdout.clone();
    let comparison: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!((&comparison["clip"]["size"], &comparison["clip"]["frames"]), (&json!(32), &json!(4)));
    assert!(["sit", "stand", "fall", "walk", "run"].contains(&comparison["base"]["top"][0]["label"].as_str().unwrap()));
    // Flags come before cards, and cards that contradict each other are an error.
    let native = run(&format!("{compare} --json - --fps native --size 40")).success().get_output().stdout.clone();
    let native: Value = serde_json::from_slice(&native).unwrap();
    assert_eq!((&native["clip"]["size"], &native["clip"]["frames"]), (&json!(40), &json!(16)));
    run(&format!("label {folder}/stream --size 64")).success();
    run(&compare).code(4).stderr(contains("contradict each other on size").and(contains("--size")));
    run(&format!("{compare} --size 32")).success();
    refused(
        &format!("label {folder}/base --labels {}", root().join("cache/demo/labels.txt").display()),
        &["12 labels", "5 classes"],
    );
    run(&format!("label {folder}/base --fps 0")).code(2).stderr(contains("a number above 0"));
    fs_err::write(format!("{folder}/base/movinet.json"), r#"{"sise": 3}"#).unwrap();
    run(&compare).code(4).stderr(contains("movinet.json").and(contains("sise")));
}

const FILES: [&str; 3] = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];

/// Cuts `content`, or changes a bit of it.
fn damage(content: &[u8], round: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut damaged = content.to_vec();
    match round % 2 {
        0 => damaged.truncate(random.usize(..content.len())),
        _ => damaged[random.usize(..content.len())] ^= 1 << random.u8(..8),
    }
    damaged
}

/// Damages each file of a tiny model, so many times: it is refused, or gives the same, or the warning that it was changed.
fn damaged_so_often(name: &str, rounds: usize) {
    let base = name == "base";
    let whole = compared("base", "stream");
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(folder.path().join("variables")).unwrap();
    let path = folder.path().display();
    let pair = if base { format!("--base {path} --stream @stream") } else { format!("--base @base --stream {path}") };
    let line = format!("compare CLIP {pair} --size 32 --json -");
    let mut random = fastrand::Rng::with_seed(1);
    for file in FILES {
        let content = fs_err::read(model(name).join(file)).unwrap();
        for round in 0..rounds {
            for file in FILES.iter().chain(&["fingerprint.pb"]) {
                fs_err::copy(model(name).join(file), folder.path().join(file)).unwrap();
            }
            fs_err::write(folder.path().join(file), damage(&content, round, &mut random)).unwrap();
            let output = run(&line).get_output().clone();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(4) => assert!(stderr.contains("error: "), "{stderr}"),
                Some(0) => {
                    let given: Value = serde_json::from_slice(&output.stdout).unwrap();
                    let same = given["base"] == whole["base"] && given["stream"] == whole["stream"];
                    assert!(same || stderr.contains("is not what was saved"), "{file}: {stderr}");
                }
                other => panic!("{file}: {other:?} {stderr}"),
            }
        }
    }
}

/// Damages each file of the unpacked demo, so many times: it is mended, and gives the same.
fn demo_damaged_so_often(rounds: usize) {
    let cache = tempfile::tempdir().unwrap();
    let line = format!("compare --json - --cache-dir {}", cache.path().display());
    // With TensorFlow where other tests have it.
    let answers = |line: &str| {
        let output = run(line).success().get_output().stdout.clone();
        let given: Value = serde_json::from_slice(&output).unwrap();
        (given["base"].clone(), given["stream"].clone())
    };
    let whole = answers(&line);
    let unpacked = fs_err::read_dir(cache.path().join("unpacked-demo")).unwrap().next().unwrap().unwrap().path();
    let mut random = fastrand::Rng::with_seed(2);
    for file in ["base", "stream"].iter().flat_map(|folder| FILES.map(|file| format!("{folder}/{file}"))) {
        let content = fs_err::read(unpacked.join(&file)).unwrap();
        for round in 0..rounds {
            fs_err::write(unpacked.join(&file), damage(&content, round, &mut random)).unwrap();
            assert_eq!(answers(&line), whole, "{file}");
            assert_eq!(fs_err::read(unpacked.join(&file)).unwrap(), content, "{file} is mended");
        }
    }
}

#[test]
fn a_damaged_model_never_ends_in_a_signal_or_in_other_numbers_without_a_word() {
    damaged_so_often("base", 5);
    damaged_so_often("stream", 2);
}

/// `cargo test --release --test models -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn models_damaged_in_360_ways() {
    damaged_so_often("base", 60);
    damaged_so_often("stream", 60);
}

/// `cargo test --release --test models -- --ignored`; it needs TensorFlow in `MOVINET_TF_LIBTENSORFLOW`, or installs it.
#[test]
#[ignore = "takes minutes"]
fn the_demo_damaged_in_360_ways() {
    demo_damaged_so_often(60);
}

#[test]
fn each_row_of_the_document_is_a_test() {
    let read = |path: &str| fs_err::read_to_string(root().join(path)).unwrap();
    let tests = ["tests/models.rs", "tests/parity/make_kinds.py", "tests/parity/run.sh"].map(read).concat();
    let document = read("docs/models.md");
    let rows: Vec<_> = document.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        let last = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<_> = last.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let there = [
                format!("fn {name}("),
                format!("\"{name}\""),
                format!("pair {name} "),
                format!("def {}(", name.replace('-', "_")),
            ];
            assert!(root().join(name).is_file() || there.iter().any(|form| tests.contains(form)), "{name} is no test");
        }
    }
}
