//! What the machine does to outputs: encoders that misbehave, disks that are full, names of all sorts, on the fake engine.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use run::{ANSWERS, BLUE, Place, RED};
use serde_json::Value;
use std::path::Path;

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
    place.program("bin/ffmpeg", &format!("{ANSWERS}for path; do :; done\n{script}"));
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
        (400, "compare long.gif --model fake --size 400 --fps 2", "no memory for 600 frames of 400x400"),
        (
            400,
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
