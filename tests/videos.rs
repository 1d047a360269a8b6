//! Videos as people have them, decoded by the ffmpeg that this machine has: what comes of each, and that a decoder which
//! misbehaves is told and gone.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panic")]
#![allow(clippy::print_stderr, reason = "a test that is left out says so")]

#[path = "support/run.rs"]
mod run;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use movinet_tf::FrameSource;
use movinet_tf::cache::Cache;
use movinet_tf::media::{Decoder, VideoSource};
use movinet_tf::runtime::{Ffmpeg, FfmpegPlaces, find_ffmpeg};
use run::Place;
use serde_json::Value;

/// The ffmpeg on `PATH`; where there is none it is said that `test` is left out.
fn ffmpeg(place: &Place, test: &str) -> Option<Ffmpeg> {
    let search_path = std::env::var_os("PATH");
    let places = FfmpegPlaces { named: None, search_path, cache: Cache::new(place.path("cache")) };
    let found = find_ffmpeg(&places).unwrap();
    if found.is_none() {
        eprintln!("no ffmpeg is here: left out: {test}");
    }
    found
}

/// A place with `clip.mp4`, of 15 frames of 96x64 at 10 a second, and the ffmpeg that made it.
fn with_video(test: &str) -> Option<(Place, PathBuf)> {
    let place = Place::new();
    let ffmpeg = ffmpeg(&place, test)?;
    let line = "-nostdin -v error -f lavfi -i testsrc2=size=96x64:rate=10:duration=1.5 -c:v mpeg4 -g 1";
    let status = ffmpeg.command().args(line.split(' ')).arg(place.path("clip.mp4")).status().unwrap();
    assert!(status.success());
    Some((place, ffmpeg.program().to_owned()))
}

/// Bytes of a frame of [`with_video`]'s clip.
const FRAME: usize = 96 * 64 * 3;

/// A program that passes for ffmpeg, and decodes as `script` says, in which `$real` is ffmpeg itself.
fn fake(place: &Place, real: &Path, script: &str) -> PathBuf {
    let asked = "case \"$*\" in *pipe:0*) exec \"$real\" \"$@\";; esac";
    place.program("ffmpeg", &format!("real='{}'\n{asked}\n{script}", real.display()))
}

/// The command that compares `clip`, with `ffmpeg` to decode.
fn compare(place: &Place, clip: impl Into<OsString>, ffmpeg: &Path) -> Command {
    let mut command = place.command();
    command.args(["compare", "--model", "fake", "--json", "-", "--"]).arg(clip.into());
    command.env("MOVINET_TF_FFMPEG", ffmpeg).stdin(Stdio::null());
    command
}

/// What it said, and the number of frames that it saw.
fn told(output: &Output) -> (Option<i32>, Option<u64>, String) {
    let frames = serde_json::from_slice::<Value>(&output.stdout).ok().and_then(|json| json["clip"]["frames"].as_u64());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), frames, said)
}

/// A name of the table, in which what is no plain letter stands as `%XX`.
fn plain(name: &str) -> OsString {
    let mut parts = name.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    OsString::from_vec(bytes)
}

/// Whether the frames of a video are shown when it says beforehand that they will be.
fn is_foretold(path: &Path, decoder: &Decoder) -> bool {
    let mut video = VideoSource::open(path, path, decoder).unwrap();
    let foretold = video.moments().unwrap().unwrap();
    let mut moments = Vec::new();
    while let Some(frame) = video.next_frame().unwrap() {
        moments.push(frame.moment());
    }
    moments == foretold && moments.windows(2).all(|pair| pair[0].end() == pair[1].time && pair[0] != pair[1])
}

/// Whether `ffmpeg` is killed by a fault of its own where it reads a file.
fn dies(ffmpeg: &Ffmpeg, path: &Path) -> bool {
    let run = ffmpeg.command().args(["-nostdin", "-i"]).arg(path).args(["-f", "null", "-"]).output().unwrap();
    run.status.signal().is_some()
}

/// What is wrong with what comes of a file, a line of the table.
fn fault(place: &Place, ffmpeg: &Ffmpeg, row: &str) -> Option<String> {
    let [name, outcome, count, reference, words, what] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
    let path = place.path("videos").join(plain(name));
    let mut command = compare(place, plain(name), ffmpeg.program());
    let (code, frames, said) = told(&command.current_dir(place.path("videos")).output().unwrap());
    let count_is_right = count == "-" || frames.is_some_and(|frames| frames.to_string() == count);
    let is_named = || said.contains(name) && (words == "-" || said.contains(words));
    let is_right = match outcome {
        "frames" => code == Some(0) && count_is_right && said.is_empty(),
        "warns" => {
            code == Some(0)
                && count_is_right
                && frames > Some(0)
                && said.matches("warning: ").count() == 1
                && is_named()
        }
        kind => {
            let words = match kind {
                "no_decoder" => "no decoder for",
                "cut_short" => "is cut short: not one frame",
                "empty" => "is empty",
                "not_video" => "is no video: ",
                _ => return Some(format!("{name}: what is '{kind}'?")),
            };
            code == Some(4)
                && frames.is_none()
                && said.matches("error: ").count() == 1
                && said.contains(words)
                && is_named()
        }
    };
    if !is_right && dies(ffmpeg, &path) {
        eprintln!("{name}: left out: this ffmpeg is killed by a fault of its own");
        return None;
    }
    let has_frames = matches!(outcome, "frames" | "warns") && reference != "gif"; // which is no VideoSource
    if is_right && has_frames && !is_foretold(&path, &Decoder::new(ffmpeg.program(), ffmpeg.sync())) {
        return Some(format!("{name} ({what}): frames are not shown when they should be"));
    }
    (!is_right).then(|| format!("{name} ({what}): {outcome} {count} {words}: {code:?} {frames:?} {said}"))
}

#[test]
fn every_kind_of_file_has_its_outcome() {
    let place = Place::new();
    let Some(ffmpeg) = ffmpeg(&place, "files of every kind") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/make_videos.sh");
    let made = Command::new(script).arg(place.path("videos")).arg(ffmpeg.program()).status().unwrap();
    assert!(made.success());
    let table = place.read("videos/videos.txt");
    let (rows, faults) = (Mutex::new(table.lines()), Mutex::new(Vec::new()));
    assert!(table.lines().count() > 60, "{table}");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(row) = rows.lock().unwrap().next() else { break };
                    faults.lock().unwrap().extend(fault(&place, &ffmpeg, row));
                }
            });
        }
    });
    for (name, degrees) in [("plain.mp4", 0), ("turned-90.mp4", 90), ("turned-180.mp4", 180), ("turned-270.mp4", 270)] {
        let output = compare(&place, place.path("videos").join(name), ffmpeg.program()).output().unwrap();
        let clip = serde_json::from_slice::<Value>(&output.stdout).unwrap()["clip"].clone();
        assert_eq!((&clip["rotation"], &clip["codec"]), (&degrees.into(), &"h264".into()), "{name}");
    }
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_video_may_come_by_a_pipe() {
    let Some((place, ffmpeg)) = with_video("videos by pipes") else { return };
    fs_err::create_dir(place.path("tmp")).unwrap();
    let file = || Stdio::from(std::fs::File::from(fs_err::File::open(place.path("clip.mp4")).unwrap()));
    let mut standard = compare(&place, "-", &ffmpeg);
    assert_eq!(told(&standard.env("TMPDIR", place.path("tmp")).stdin(file()).output().unwrap()).1, Some(15));
    assert!(Command::new("mkfifo").arg(place.path("named")).status().unwrap().success());
    let mut writer = Command::new("cp").arg(place.path("clip.mp4")).arg(place.path("named")).spawn().unwrap();
    let mut named = compare(&place, "named", &ffmpeg);
    assert_eq!(told(&named.env("TMPDIR", place.path("tmp")).output().unwrap()).1, Some(15));
    assert!(writer.wait().unwrap().success());
    assert_eq!(place.names_in("tmp"), Vec::<String>::new());
}

#[test]
fn what_a_file_says_of_itself_is_never_taken_for_frames() {
    let Some((place, ffmpeg)) = with_video("titles") else { return };
    for title in ["] 0, 5, 5, 1, 768, 0x12345678", "a\n0, 5, 5, 1, 768, 0x12345678", "#tb 0: 1/3", "[error] words"] {
        let mut command = Command::new(&ffmpeg);
        command.args("-nostdin -v error -y -i clip.mp4 -c copy -metadata".split(' ')).arg(format!("title={title}"));
        assert!(command.arg("titled.mkv").current_dir(place.path("")).status().unwrap().success());
        assert_eq!(told(&compare(&place, "titled.mkv", &ffmpeg).output().unwrap()), (Some(0), Some(15), "".into()));
    }
}

#[test]
fn frames_come_however_they_are_delivered_and_whatever_is_said_meanwhile() {
    let Some((place, real)) = with_video("slow and talkative decoders") else { return };
    let warnings = |megabytes: u32| format!("yes '[x @ 0x1] [warning] words 10' | head -c {megabytes}000000 >&2");
    for script in [
        "exec \"$real\" \"$@\"".to_owned(),
        "\"$real\" \"$@\" | dd bs=1 status=none".to_owned(),
        format!("\"$real\" \"$@\" | dd bs={} iflag=fullblock status=none", 7 * FRAME),
        format!("{}; exec \"$real\" \"$@\"", warnings(1)),
        format!("{} & exec \"$real\" -re \"$@\"", warnings(9)),
    ] {
        let program = fake(&place, &real, &script);
        let told = told(&compare(&place, "clip.mp4", &program).output().unwrap());
        assert_eq!(told, (Some(0), Some(15), "".into()), "{script}");
    }
}

#[test]
fn a_decoder_that_fails_is_told() {
    let Some((place, real)) = with_video("decoders that fail") else { return };
    let frames = |count: f64| (count * FRAME as f64) as usize;
    for (script, told_code, told_frames, words) in [
        (
            "\"$real\" \"$@\" | head -c 30000; kill -9 $$".to_owned(),
            4,
            None,
            "ffmpeg was killed by signal 9 after 1 frames",
        ),
        ("\"$real\" \"$@\" >/dev/null; kill -9 $$".to_owned(), 4, None, "ffmpeg was killed by signal 9 after 0 frames"),
        ("sh -c 'kill -9 $$'; exit $?".to_owned(), 4, None, "ffmpeg was killed by signal 9 after 0 frames"),
        ("exit 0".to_owned(), 4, None, "'clip.mp4' is damaged at frame 0: no word of why, exit status: 0"),
        ("echo 'out of luck' >&2; exit 7".to_owned(), 4, None, "no word of why, exit status: 7"),
        (
            format!("\"$real\" \"$@\" | {{ head -c {}; cat >/dev/null; }}", frames(2.5)),
            0,
            Some(2),
            "'clip.mp4' ends in an unclear way: 2 frames are taken",
        ),
        ("\"$real\" \"$@\"; exit 3".to_owned(), 0, Some(15), "'clip.mp4' ends in an unclear way: 15 frames are taken"),
        ("exec \"$real\" -c:v nothing \"$@\"".to_owned(), 4, None, "no decoder for 'clip.mp4' is in this ffmpeg"),
    ] {
        let program = fake(&place, &real, &script);
        let (code, frames, said) = told(&compare(&place, "clip.mp4", &program).output().unwrap());
        assert_eq!((code, frames), (Some(told_code), told_frames), "{script}: {said}");
        assert!(said.contains(words), "{script}: {said}");
    }
}

#[test]
fn a_decoder_that_gets_stuck_is_given_up_in_time() {
    let Some((place, real)) = with_video("decoders that get stuck") else { return };
    for (script, frames) in [
        (format!("\"$real\" \"$@\" | {{ head -c {}; exec sleep 1000; }}", 2 * FRAME), 2),
        ("exec sleep 1000".to_owned(), 0),
        ("exec cat /dev/zero".to_owned(), 0),
        ("exec 2>&-; exec sleep 1000".to_owned(), 0),
        // How long the last two are shown is known once that was all.
        ("\"$real\" \"$@\"; exec >&-; exec sleep 1000".to_owned(), 13),
        ("\"$real\" \"$@\"; sleep 1000 & exit 0".to_owned(), 13),
    ] {
        let program = fake(&place, &real, &format!("echo $$ >leader\n{script}"));
        let mut command = compare(&place, "clip.mp4", &program);
        let began = Instant::now();
        let (code, _, said) = told(&command.env("MOVINET_TF_FFMPEG_PATIENCE", "0.6").output().unwrap());
        let words = format!("error: 'clip.mp4': ffmpeg gave no frame for 0.6 s, after {frames}\n");
        assert!(code == Some(4) && said.contains(&words), "{script}: {said}");
        assert!(said.contains("MOVINET_TF_FFMPEG_PATIENCE=SECONDS"), "{said}");
        assert!(began.elapsed() < Duration::from_secs(20), "{script}");
        assert_gone(&place, "leader");
    }
    for patience in ["soon", "0", "-1", "nan"] {
        let mut command = compare(&place, "clip.mp4", &real);
        let (code, _, said) = told(&command.env("MOVINET_TF_FFMPEG_PATIENCE", patience).output().unwrap());
        let words = format!("MOVINET_TF_FFMPEG_PATIENCE: '{patience}' is no number of seconds above 0");
        assert!(code == Some(2) && said.contains(&words), "{said}");
    }
}

#[test]
fn one_without_the_decoder_of_a_file_says_so() {
    let Some((place, real)) = with_video("AV1 without a decoder") else { return };
    let line = "-nostdin -v error -i clip.mp4 -frames:v 2 -c:v libaom-av1 -cpu-used 8 -usage realtime av1.mp4";
    if !Command::new(&real).args(line.split(' ')).current_dir(place.path("")).status().unwrap().success() {
        eprintln!("no AV1 can be made here: left out");
        return;
    }
    assert_eq!(told(&compare(&place, "av1.mp4", &real).output().unwrap()).1, Some(2));
    // This decoder is for graphics cards alone.
    let program = fake(&place, &real, "exec \"$real\" -c:v av1 \"$@\"");
    let (code, _, said) = told(&compare(&place, "av1.mp4", &program).output().unwrap());
    assert!(code == Some(4) && said.contains("error: no decoder for 'av1.mp4' is in this ffmpeg"), "{said}");
}

/// Fails unless the process whose number is in a file is gone, or is about to.
fn assert_gone(place: &Place, file: &str) {
    let number: libc::pid_t = place.read(file).trim().parse().unwrap();
    let began = Instant::now();
    // SAFETY: kill has no preconditions, and signal 0 only asks.
    while unsafe { libc::kill(number, 0) } == 0 {
        let state = fs_err::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_secs(10), "{file} is still there: {state}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A decoder that never ends, started by a script that does not become it.
const ENDLESS: &str = "echo $$ >leader\n\"$real\" -re -stream_loop -1 \"$@\" &\necho $! >started\nwait";
/// The same, stuck.
const STUCK: &str = "echo $$ >leader\nsleep 1000 &\necho $! >started\n\"$real\" \"$@\" | { head -c 40000; wait; }";

#[test]
fn the_decoder_ends_with_the_program() {
    let Some((place, real)) = with_video("the decoder's end") else { return };
    fs_err::create_dir(place.path("tmp")).unwrap();
    let mut cases = vec![(libc::SIGINT, ENDLESS), (libc::SIGTERM, ENDLESS), (libc::SIGINT, STUCK)];
    if cfg!(target_os = "linux") {
        cases.push((libc::SIGKILL, ENDLESS));
    }
    for (signal, script) in cases {
        let program = fake(&place, &real, script);
        for file in ["leader", "started"] {
            let _ = fs_err::remove_file(place.path(file));
        }
        let file = std::fs::File::from(fs_err::File::open(place.path("clip.mp4")).unwrap());
        let mut command = compare(&place, "-", &program);
        command.env("TMPDIR", place.path("tmp")).stdin(file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = command.spawn().unwrap();
        let began = Instant::now();
        while fs_err::read_to_string(place.path("started")).map_or(true, |number| !number.ends_with('\n')) {
            assert!(running.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is decoded");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(300)); // so that frames flow
        // SAFETY: kill has no preconditions, and the process is a child that was not waited for.
        assert_eq!(unsafe { libc::kill(running.id() as libc::pid_t, signal) }, 0);
        let expected = if signal == libc::SIGKILL { None } else { Some(130) };
        assert_eq!(running.wait().unwrap().code(), expected);
        assert_gone(&place, "leader");
        assert_gone(&place, "started");
        assert_eq!(place.names_in("tmp"), Vec::<String>::new());
    }
}

#[test]
fn a_video_that_is_left_in_the_middle_leaves_no_process() {
    let Some((place, real)) = with_video("videos left in the middle") else { return };
    let sync = ffmpeg(&place, "videos left in the middle").unwrap().sync();
    for (script, frames) in
        [(ENDLESS, 0), (ENDLESS, 3), ("echo $$ >leader; cp leader started; exec \"$real\" \"$@\"", 2)]
    {
        let program = fake(&place, &real, &format!("cd '{}'\n{script}", place.path("").display()));
        let decoder = Decoder::new(program, sync);
        let mut video = VideoSource::open(place.path("clip.mp4"), "clip.mp4", &decoder).unwrap();
        for _ in 0..frames {
            assert!(video.advance().unwrap());
        }
        drop(video);
        for file in ["leader", "started"] {
            let number = place.read(file);
            assert!(!Path::new(&format!("/proc/{}", number.trim())).exists() || file == "started", "{script}");
            assert_gone(&place, file);
        }
    }
}
