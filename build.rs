//! Embeds the bundled demo, after checking it against its list of hashes, and stamps version and commit.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a build script speaks to cargo and has no fs-err")]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use sha2::{Digest, Sha256};

const FOLDER: &str = "cache/demo";
const SUMS: &str = "SHA256SUMS";
const EMBEDDED: [(&str, &str); 4] = [
    ("base", "demo-base.tar.gz"),
    ("stream", "demo-stream.tar.gz"),
    ("labels", "labels.txt"),
    ("clip", "jumping-jacks.gif"),
];

fn main() -> Result<(), Box<dyn Error>> {
    if env::var_os("CARGO_FEATURE_DEMO").is_some() {
        println!("cargo::rerun-if-changed={FOLDER}");
        embed_demo()?;
    }
    stamp_version()
}

fn embed_demo() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(FOLDER);
    let read =
        |name: &str| fs::read(folder.join(name)).map_err(|error| format!("cannot read {FOLDER}/{name}: {error}"));
    let sums = String::from_utf8(read(SUMS)?)?;
    let mut table = String::from("static EMBEDDED: Embedded = Embedded {\n");
    for (field, name) in EMBEDDED {
        let found = hex(&Sha256::digest(read(name)?));
        let listed = sums.lines().filter_map(|line| line.split_once("  ")).find(|(_, file)| *file == name);
        if listed.map(|(hash, _)| hash) != Some(found.as_str()) {
            return Err(format!("{FOLDER}/{name} is not the file that {SUMS} lists").into());
        }
        let include = if field == "labels" { "include_str" } else { "include_bytes" };
        table += &format!("    {field}: {include}!({:?}),\n", folder.join(name).display().to_string());
    }
    table += &format!("    sha256: \"{}\",\n}};\n", hex(&Sha256::digest(sums.as_bytes())));
    fs::write(Path::new(&env::var("OUT_DIR")?).join("demo.rs"), table)?;
    Ok(())
}

/// `0.1.0 (1a2b3c4)` in a checkout, `0.1.0` elsewhere.
fn stamp_version() -> Result<(), Box<dyn Error>> {
    for path in [".git/HEAD", ".git/refs/heads"].iter().filter(|path| Path::new(path).exists()) {
        println!("cargo::rerun-if-changed={path}");
    }
    let version = env::var("CARGO_PKG_VERSION")?;
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let stamped = match commit {
        Ok(output) if output.status.success() => format!("{version} ({})", String::from_utf8(output.stdout)?.trim()),
        _ => version,
    };
    println!("cargo::rustc-env=MOVINET_TF_VERSION={stamped}");
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
