//! The demo's base model by OpenVINO, through the whole program. OpenVINO is the one that `MOVINET_TF_LIBOPENVINO` names, or that
//! the machine has, or it is installed by pip; where there is none, nothing is tested.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use assert_cmd::Command;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A cache with the demo's base model prepared, and the libraries that run it.
#[derive(Clone)]
struct Prepared {
    cache: PathBuf,
    /// Removes the cache in the end.
    _folder: Option<Arc<TempDir>>,
    tensorflow: String,
    openvino: String,
    /// The form that OpenVINO runs.
    form: Value,
}

/// What `fetch` says of a library, fetched where it isn't here.
fn library(name: &str) -> Option<String> {
    let mut fetch = Command::new(env!("CARGO_BIN_EXE_movinet-tf"));
    let output = fetch.args(["fetch", name, "--json", "--quiet"]).output().unwrap();
    let outcomes: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(outcomes[0]["path"].as_str()?.to_owned())
}

impl Prepared {
    /// A cache of its own; preparing is done once for all tests.
    fn new() -> Option<Self> {
        static ONCE: OnceLock<Option<Prepared>> = OnceLock::new();
        let first = ONCE.get_or_init(Self::made).as_ref()?;
        let folder = tempfile::tempdir().unwrap();
        let mut copy = std::process::Command::new("cp");
        assert!(copy.arg("-r").arg(first.cache.join(".")).arg(folder.path()).status().unwrap().success());
        Some(Self { cache: folder.path().to_owned(), _folder: Some(Arc::new(folder)), ..first.clone() })
    }

    /// Beside what the tests are built into, so that nothing is left elsewhere.
    fn made() -> Option<Self> {
        let (tensorflow, openvino) = (library("runtime")?, library("openvino")?);
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openvino");
        let _ = fs_err::remove_dir_all(&cache);
        fs_err::create_dir_all(&cache).unwrap();
        let mut prepared = Self { cache, _folder: None, tensorflow, openvino, form: Value::Null };
        let (_, output, _) = prepared.ends("prepare demo-base --size 64 --json", 0);
        prepared.form = serde_json::from_str::<Value>(&output).unwrap()[0]["openvino"].take();
        Some(prepared)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_movinet-tf"));
        command.args(line.split_whitespace()).arg("--cache-dir").arg(&self.cache).current_dir(&self.cache);
        command.env("MOVINET_TF_LIBTENSORFLOW", &self.tensorflow).env("MOVINET_TF_LIBOPENVINO", &self.openvino);
        command.env("MOVINET_TF_OFFLINE", "1");
        command
    }

    /// Runs `line`, which has to end so; its words.
    fn ends(&self, line: &str, code: i32) -> (i32, String, String) {
        let output = self.command(line).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{line}: {stdout}{stderr}");
        (code, stdout, stderr)
    }

    /// Engine and logits of the base model on the demo's clip.
    fn logits(&self, flags: &str) -> (String, Vec<f64>) {
        let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/jumping-jacks.gif");
        let line = format!("classify {} --base demo-base --network base --logits {flags}", clip.display());
        let row: Value = serde_json::from_str(self.ends(&line, 0).1.trim()).unwrap();
        let logits = row["logits"].as_array().expect("logits").iter().map(|logit| logit.as_f64().unwrap()).collect();
        (row["engine"].as_str().unwrap().to_owned(), logits)
    }
}

#[test]
fn a_base_model_is_compiled_proved_and_the_same_in_every_way() {
    let Some(prepared) = Prepared::new() else { return };
    assert!(prepared.form["proof"]["max_relative"].as_f64().unwrap() < 2e-5, "{}", prepared.form);
    for size in [64, 96] {
        let size = format!("--size {size}");
        let (engine, reference) = prepared.logits(&format!("--engine reference {size}"));
        assert_eq!(engine, "reference");
        let largest = reference.iter().fold(0.0f64, |largest, logit| largest.max(logit.abs()));
        let (engine, compiled) = prepared.logits(&format!("--engine openvino {size}"));
        assert_eq!(engine, "openvino");
        let differ = reference.iter().zip(&compiled).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(differ < 2e-5 * largest && compiled.len() == 12, "{differ} of {largest}");
        // Its numbers don't depend on the threads.
        for threads in [1, 2, 3] {
            assert_eq!(prepared.logits(&format!("--engine openvino {size} --threads {threads}")).1, compiled);
        }
    }
}

#[test]
fn what_is_in_the_way_of_openvino_is_told() {
    let Some(prepared) = Prepared::new() else { return };
    prepared.ends("compare --engine openvino --model demo --size 64 --json -", 0);
    let (_, _, told) = prepared.ends("bench --stream demo-stream --engine openvino", 2);
    assert!(told.contains("which clip?"), "{told}");
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/jumping-jacks.gif");
    let clip = clip.display();
    let (_, _, told) = prepared.ends(&format!("classify {clip} --stream demo-stream --engine openvino"), 3);
    assert!(told.contains("OpenVINO runs base models alone"), "{told}");
    let base = format!("classify {clip} --base demo-base --network base --size 64 --engine");

    // Another library, and one that was cut.
    let other = prepared.cache.join("libopenvino_c.so.2641");
    fs_err::write(&other, b"no library").unwrap();
    for named in [Path::new("/nowhere"), &other] {
        let output =
            prepared.command(&format!("{base} openvino")).env("MOVINET_TF_LIBOPENVINO", named).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("is no OpenVINO that can be used"), "{told}");
    }

    // A form that is not what it was is never run.
    let path = entry(&prepared).join("model.blob");
    let mut blob = fs_err::read(&path).unwrap();
    let middle = blob.len() / 2;
    blob[middle] ^= 1;
    fs_err::write(&path, &blob).unwrap();
    let (_, output, _) = prepared.ends("cache verify", 1);
    assert!(output.contains("'model.blob' was changed"), "{output}");
    let (_, _, told) = prepared.ends(&format!("{base} openvino"), 3);
    assert!(told.contains("its form for OpenVINO is damaged") && told.contains("movinet-tf prepare"), "{told}");
    let (_, row, told) = prepared.ends(&format!("{base} fastest"), 0);
    assert!(told.contains("is damaged") && row.contains(r#""engine":"prepared""#), "{told}{row}");
    // Preparing makes it anew.
    prepared.ends("prepare demo-base --size 64", 0);
    assert!(!prepared.ends(&format!("{base} openvino"), 0).2.contains("damaged"));
}

#[test]
fn a_form_that_does_not_load_gives_way_to_tensorflow() {
    let Some(prepared) = Prepared::new() else { return };
    // As one that was compiled on another processor: whole, the fastest, and refused.
    let folder = entry(&prepared);
    fs_err::write(folder.join("model.blob"), b"of another processor").unwrap();
    let mut record: Value = serde_json::from_slice(&fs_err::read(folder.join("form.json")).unwrap()).unwrap();
    let digest = Sha256::digest(b"of another processor");
    record["sha256"] = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    record["seconds"] = 1e-9.into();
    fs_err::write(folder.join("form.json"), record.to_string()).unwrap();
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/jumping-jacks.gif");
    let line = format!("classify {} --base demo-base --network base --size 64 --engine", clip.display());
    let (_, row, told) = prepared.ends(&format!("{line} fastest"), 0);
    assert!(told.contains("its faster form is left aside: OpenVINO cannot load"), "{told}");
    assert!(row.contains(r#""engine":"prepared""#), "{row}");
    let (_, _, told) = prepared.ends(&format!("{line} openvino"), 4);
    assert!(told.contains("OpenVINO cannot load"), "{told}");
}

/// The folder in the cache of the form that OpenVINO runs.
fn entry(prepared: &Prepared) -> PathBuf {
    let entries = fs_err::read_dir(prepared.cache.join("prepared")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| path.join("model.blob").exists()).expect("a form")
}
