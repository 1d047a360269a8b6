//! Which ffmpeg is taken, what is passed over, and installing one: on scripts that pass for it, and on a real one where
//! this machine has it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panic")]
#![allow(clippy::print_stderr, reason = "a test that is left out says so")]

#[path = "support/run.rs"]
mod run;

use std::path::{Path, PathBuf};
use std::process::Command;

use movinet_tf::cache::{Cache, Kind};
use movinet_tf::catalog::FFMPEG_VERSION;
use movinet_tf::runtime::{FfmpegPlace, FfmpegPlaces, FfmpegSearch, RuntimeError, find_ffmpeg, search_ffmpeg};
use predicates::str::contains;
use run::{ANSWERS, Place, RED};

/// Places on a machine that has no other ffmpeg.
fn places(place: &Place, folders: &[&str]) -> FfmpegPlaces {
    let search_path = std::env::join_paths(folders.iter().map(|folder| place.path(folder))).unwrap();
    FfmpegPlaces { named: None, search_path: Some(search_path), cache: Cache::new(place.path("cache")) }
}

fn named(place: &Place, program: &Path) -> Result<Option<movinet_tf::runtime::Ffmpeg>, RuntimeError> {
    find_ffmpeg(&FfmpegPlaces { named: Some(program.to_owned()), ..places(place, &[]) })
}

/// What `line` says, with its exit code, where `PATH` is `folder` alone.
fn said(place: &Place, line: &str, folder: &Path, environment: &[(&str, &Path)]) -> (Option<i32>, String) {
    let output = place.run_with(line, &[&[("PATH", folder)], environment].concat()).get_output().clone();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// Lays `script` down as what was installed into the cache.
fn installed(place: &Place, script: &str) -> PathBuf {
    let program = place.program(&format!("cache/programs/ffmpeg-{FFMPEG_VERSION}/ffmpeg"), script);
    let content = fs_err::read(&program).unwrap();
    let sha256: String =
        <sha2::Sha256 as sha2::Digest>::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    fs_err::write(program.with_file_name("sizes.txt"), format!("{} ffmpeg {sha256}\n", content.len())).unwrap();
    program
}

#[test]
fn what_is_named_as_ffmpeg_must_be_one() {
    let place = Place::with_clip(&[(3, RED)]);
    place.file("text", "no program");
    place.file("folder/other", "");
    std::os::unix::fs::symlink("nowhere", place.path("dangling")).unwrap();
    place.program("talks", "echo >&2; echo 'no such thing' >&2; exit 1");
    place.program("copies", "exec /bin/cat");
    place.program("good/ffmpeg", ANSWERS); // found, were the name passed over
    for (program, reason) in [
        ("missing", "there is no such file"),
        ("folder", "there is no such file"),
        ("dangling", "it is a link to nothing"),
        ("text", "it cannot be run: Permission denied (os error 13)"),
        ("talks", "it runs but does not do what is needed: no such thing"),
        ("copies", "it runs but does not do what is needed: of 3 frames it told the times [], not [0, 0, 1, 2, "),
        ("/bin/true", "it runs but does not do what is needed: of 3 frames it gave 0 bytes back, not the same 2304"),
        ("/bin/false", "it runs but does not do what is needed: exit status: 1"),
    ] {
        let path = place.path(program);
        let told = format!("{}', named by MOVINET_TF_FFMPEG, is no ffmpeg that can be used: {reason}", program);
        let told = if program == "folder" { told.replace("folder'", "folder/ffmpeg'") } else { told };
        let error = named(&place, &path).unwrap_err();
        assert!(matches!(error, RuntimeError::Ffmpeg { place: FfmpegPlace::Named, .. }), "{error}");
        for line in ["fetch ffmpeg", "compare clip.gif --model fake --animation moving.mp4", "doctor"] {
            let (code, said) = said(&place, line, &place.path("good"), &[("MOVINET_TF_FFMPEG", &path)]);
            assert_eq!(code, Some(3), "{line}: {said}");
            assert!(said.contains(&told) && said.contains("set MOVINET_TF_FFMPEG to"), "{line}: {said}");
        }
    }
    assert!(!place.path("moving.mp4").exists());
}

#[test]
fn a_program_or_its_folder_may_be_named() {
    let place = Place::new();
    let program = place.program("a folder/ffmpeg", ANSWERS);
    for path in [&*program, program.parent().unwrap()] {
        let found = named(&place, path).unwrap().unwrap();
        assert_eq!((found.program(), found.place(), found.version()), (&*program, FfmpegPlace::Named, "9.9-made"));
        assert!(Command::new(found.program()).arg("framehash").output().unwrap().status.success());
    }
}

#[test]
fn what_is_of_no_use_on_the_search_path_is_passed_over_with_a_word() {
    let place = Place::new();
    for folder in ["folder/ffmpeg", "nothing", "good"] {
        fs_err::create_dir_all(place.path(folder)).unwrap();
    }
    place.file("text/ffmpeg", "no program");
    place.program("other/ffmpeg", "echo I am another >&2; exit 2");
    std::os::unix::fs::symlink(place.path("other/ffmpeg"), place.path("nothing/ffmpeg")).unwrap();
    let good = place.program("good/ffmpeg", ANSWERS);
    place.program("later/ffmpeg", ANSWERS);
    let folders = ["missing", "folder", "text", "other", "nothing", "good", "later"];
    let FfmpegSearch { found, passed_over, .. } = search_ffmpeg(&places(&place, &folders)).unwrap();
    let found = found.unwrap();
    assert_eq!((found.program(), found.place()), (&*good, FfmpegPlace::SearchPath));
    let words: Vec<_> = passed_over.iter().map(ToString::to_string).collect();
    assert_eq!(words.len(), 2, "the same file by another name is not tried again: {words:?}");
    assert!(
        words[0].ends_with(
            "text/ffmpeg', on PATH, is no ffmpeg that can be used: it cannot be run: Permission denied (os error 13)"
        ),
        "{words:?}"
    );
    assert!(words[1].ends_with("does not do what is needed: I am another"), "{words:?}");

    let path = places(&place, &folders).search_path.unwrap();
    let (code, told) = said(&place, "fetch ffmpeg", Path::new(&path), &[]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(told.matches("warning: passed over: ").count(), 2, "{told}");
    assert!(told.contains(&format!("ffmpeg             {}\n", good.display())), "{told}");
    let (code, told) = said(&place, "doctor", Path::new(&path), &[]);
    assert_eq!(code, Some(3), "there is no TensorFlow: {told}");
    assert!(told.contains(&format!("ok   ffmpeg 9.9-made on PATH, tried: {}\n", good.display())), "{told}");
    assert_eq!(told.matches("     passed over: ").count(), 2, "{told}");
}

#[test]
fn the_name_of_an_option_is_the_one_that_the_program_knows() {
    let place = Place::new();
    let refuses = |option: &str| {
        format!(
            "case \"$*\" in *-{option}*) echo \"Unrecognized option '{option}'.\" >&2\necho Option not found >&2; exit 1; esac\n{ANSWERS}"
        )
    };
    for (script, sync) in [
        (ANSWERS.to_owned(), ["-fps_mode", "vfr"]),
        (refuses("vsync"), ["-fps_mode", "vfr"]),
        (refuses("fps_mode"), ["-vsync", "vfr"]),
    ] {
        let program = place.program("ffmpeg", &script);
        assert_eq!(named(&place, &program).unwrap().unwrap().sync(), sync);
    }
    // What it lacks besides is what is told, whichever name it knows.
    for known in ["fps_mode", "vsync"] {
        let script = format!(
            "case \"$*\" in *-{known}*) echo 'no framehash' >&2; exit 1; esac\necho \"Unrecognized option '{}'.\" >&2; exit 1",
            if known == "vsync" { "fps_mode" } else { "vsync" }
        );
        let error = named(&place, &place.program("ffmpeg", &script)).unwrap_err().to_string();
        assert!(error.ends_with("does not do what is needed: no framehash"), "{error}");
    }
}

#[test]
fn what_a_program_says_beside_its_answer_harms_nothing_and_frames_that_differ_do() {
    let place = Place::new();
    for (script, told) in [
        (format!("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2\n{ANSWERS}"), None),
        (format!("yes 'a line of many' | head -n 100000 >&2\n{ANSWERS}"), None),
        (ANSWERS.replace("exec /bin/cat", "exec /bin/cat - /dev/null"), None),
        (ANSWERS.replace("exec /bin/cat", "head -c 2303"), Some("it gave 2303 bytes back, not the same 2304")),
        (ANSWERS.replace("exec /bin/cat", "tr '\\001' '\\002'"), Some("it gave 2304 bytes back, not the same 2304")),
        (
            ANSWERS.replace("exec /bin/cat", "/bin/cat; head -c 1000000 /dev/zero"),
            Some("bytes back, not the same 2304"),
        ),
        (
            ANSWERS.replace("exec /bin/cat", "/bin/cat; head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1"),
            Some(": …xxxx"),
        ),
        (
            ANSWERS.replace("0 1 2 0", "0 1 0"),
            Some("it told the times [0, 0, 1, 200000000, 400000000], not [0, 0, 1, 2, "),
        ),
        (ANSWERS.replace("400000000", "400000001"), Some("400000001], not [0, 0, 1, 2, 200000000, 400000000]")),
        ("kill -ABRT $$".to_owned(), Some("signal: 6 (SIGABRT)")),
    ] {
        let found = named(&place, &place.program("ffmpeg", &script));
        match told {
            None => assert_eq!(found.unwrap().unwrap().place(), FfmpegPlace::Named, "{script}"),
            Some(told) => {
                let error = found.unwrap_err().to_string();
                assert!(error.contains(told), "{script}: {error}");
            }
        }
    }
}

#[test]
fn variables_that_change_what_ffmpeg_writes_are_kept_from_it() {
    let place = Place::new();
    let program = place.program("ffmpeg", &format!("[ -z \"$FFREPORT$AV_LOG_FORCE_COLOR\" ] || exit 9\n{ANSWERS}"));
    let report = place.path("report.log");
    let environment = [("MOVINET_TF_FFMPEG", &*program), ("FFREPORT", &report), ("AV_LOG_FORCE_COLOR", Path::new("1"))];
    let (code, told) = said(&place, "fetch ffmpeg", &place.path("not/there"), &environment);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn where_there_is_none_it_is_told_how_to_have_one() {
    let place = Place::with_clip(&[(3, RED)]);
    let nowhere = place.path("not/there");
    for line in ["fetch ffmpeg", "compare clip.gif --model fake --animation moving.webp"] {
        let (code, told) = said(&place, line, &nowhere, &[]);
        assert_eq!(code, Some(3), "{line}: {told}");
        let message = "error: ffmpeg isn't on this machine and could not be installed: offline, imageio-ffmpeg==";
        assert!(told.contains(message), "{line}: {told}");
        for way in ["apt install ffmpeg", "MOVINET_TF_FFMPEG", "movinet-tf fetch ffmpeg"] {
            assert!(told.contains(way), "{line}: {told}");
        }
    }
    assert_eq!(place.names_in(""), ["clip.gif"], "nothing is left over, not even a cache");
    place.run_with("compare clip.gif --model fake --animation moving.gif", &[("PATH", &nowhere)]).success();
    let (_, told) = said(&place, "doctor", &nowhere, &[]);
    assert!(told.contains("no   ffmpeg is not here\n     GIFs are read without it"), "{told}");
    let (code, told) = said(&place, "fetch --list", &nowhere, &[]);
    assert!(
        code == Some(0) && told.lines().any(|line| line.starts_with("ffmpeg ") && line.ends_with(" MB  -")),
        "{told}"
    );
}

#[test]
fn an_installed_one_is_used_listed_checked_and_removed() {
    let place = Place::with_clip(&[(3, RED)]);
    let nowhere = place.path("not/there");
    let program = installed(&place, &format!("{ANSWERS}for path; do :; done\n/bin/cat > \"$path\""));
    let name = format!("ffmpeg-{FFMPEG_VERSION}");
    let found = find_ffmpeg(&places(&place, &[])).unwrap().unwrap();
    assert_eq!((found.program(), found.place().to_string().as_str()), (&*program, "in the cache"));
    let (code, told) = said(&place, "fetch ffmpeg", &nowhere, &[]);
    assert!(code == Some(0) && told.contains(&format!("ffmpeg             {}\n", program.display())), "{told}");
    let (code, told) = said(&place, "compare clip.gif --model fake --animation moving.mp4", &nowhere, &[]);
    assert!(code == Some(0) && fs_err::metadata(place.path("moving.mp4")).unwrap().len() > 100_000, "{told}");
    let (_, told) = said(&place, "fetch --list", &nowhere, &[]);
    assert!(told.lines().any(|line| line.starts_with("ffmpeg ") && line.ends_with("in the cache")), "{told}");

    place.run("cache list").success().stdout(contains(&name));
    place.run("cache verify").success().stdout(contains(format!("{name} whole")));
    // Of the same length, so that no quick look shows it.
    let content = fs_err::read_to_string(&program).unwrap();
    fs_err::write(&program, content.replace("framehash", "framehush")).unwrap();
    place.run("cache verify").code(1).stdout(contains(format!("{name} DAMAGED: 'ffmpeg' was changed")));
    let (code, told) = said(&place, "fetch ffmpeg", &nowhere, &[]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("warning: passed over: ") && told.contains("could not be installed: offline"), "{told}");
    // Cut, it is not even tried.
    fs_err::write(&program, "#!/bin/sh\n").unwrap();
    let (code, told) = said(&place, "fetch ffmpeg", &nowhere, &[]);
    assert!(code == Some(3) && !told.contains("passed over"), "{told}");

    installed(&place, ANSWERS);
    let cache = Cache::new(place.path("cache"));
    let used = cache.use_path(&program).unwrap();
    let remove = format!("cache remove {name}");
    place.fails(&remove, 3, "in use by a running process");
    drop(used);
    place.run(&remove).success();
    assert!(!program.exists() && find_ffmpeg(&places(&place, &[])).unwrap().is_none());
}

#[test]
fn one_that_writes_an_animation_is_not_removed_meanwhile() {
    let place = Place::with_clip(&[(3, RED)]);
    installed(
        &place,
        &format!("{ANSWERS}for path; do :; done\ntouch began; while [ ! -e go ]; do sleep 0.02; done; cat > \"$path\""),
    );
    let mut command = place.command();
    let line = "compare clip.gif --model fake --animation moving.mp4";
    let path = std::env::var_os("PATH").unwrap();
    let without: Vec<_> = std::env::split_paths(&path).filter(|folder| !folder.join("ffmpeg").exists()).collect();
    // The script needs programs that may lie beside a real one.
    let tools = place.path("tools");
    fs_err::create_dir(&tools).unwrap();
    for tool in ["touch", "sleep", "cat"] {
        let real = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|tool| tool.exists()).unwrap();
        std::os::unix::fs::symlink(real, tools.join(tool)).unwrap();
    }
    command.env("PATH", std::env::join_paths([tools].into_iter().chain(without)).unwrap());
    let mut child = command.args(line.split(' ')).stdout(std::process::Stdio::null()).spawn().unwrap();
    while !place.path("began").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    place.fails(&format!("cache remove ffmpeg-{FFMPEG_VERSION}"), 3, "in use by a running process");
    place.file("go", "");
    assert!(child.wait().unwrap().success());
}

/// Runs `fetch ffmpeg` with network, where pip is `script`; gives the exit code and what was said.
fn fetched_by(place: &Place, script: &str) -> (Option<i32>, String) {
    let pip = place.program("bin/python3", script);
    let mut command = place.command();
    command.args(["fetch", "ffmpeg"]).env_remove("MOVINET_TF_OFFLINE").env("PATH", pip.parent().unwrap());
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn what_pip_does_not_bring_is_not_installed() {
    let place = Place::new();
    let bring = "while [ \"$1\" != -d ]; do shift; done; echo nothing > \"$2/imageio_ffmpeg.whl\"";
    for (script, told) in [
        ("echo >&2; echo 'ERROR: no route' >&2; exit 1", "pip cannot download imageio-ffmpeg==0.8.1: ERROR: no route"),
        ("exit 0", "pip downloaded no wheel of imageio-ffmpeg==0.8.1"),
        (bring, "cannot unpack the wheel: its sha256 is "),
    ] {
        let (code, said) = fetched_by(&place, script);
        if said.contains("there is no build to install") {
            eprintln!("no build for this kind of machine: installing is not tried");
            return;
        }
        assert_eq!(code, Some(3), "{script}: {said}");
        assert!(said.contains("installing it into the cache, once") && said.contains(told), "{script}: {said}");
        assert!(said.contains("hint: install ffmpeg with your system's packages"), "{script}: {said}");
        assert_eq!(place.names_in("cache/programs"), Vec::<String>::new(), "{script}");
    }
    let entry = Cache::new(place.path("cache")).entry(Kind::Program, &format!("ffmpeg-{FFMPEG_VERSION}"));
    assert!(!entry.path().exists());
}

#[test]
fn a_real_one_is_found_and_gives_its_version() {
    let search_path = std::env::var_os("PATH");
    let place = Place::new();
    let search = search_ffmpeg(&FfmpegPlaces { search_path, ..places(&place, &[]) }).unwrap();
    let Some(found) = search.found else {
        eprintln!("no ffmpeg is here: only scripts that pass for it were tried");
        return;
    };
    let output = found.command().arg("-version").output().unwrap();
    let first = String::from_utf8(output.stdout).unwrap();
    assert_eq!(first.split_whitespace().nth(2), Some(found.version()));
    let mut run = found.command();
    run.args([
        "-loglevel",
        "error",
        "-f",
        "rawvideo",
        "-video_size",
        "2x2",
        "-pixel_format",
        "rgb24",
        "-i",
        "/dev/zero",
    ]);
    run.args(["-frames:v", "1"]).args(found.sync()).args(["-f", "null", "-"]);
    assert!(run.output().unwrap().status.success());
    place.run("doctor").stdout(contains(format!("ok   ffmpeg {} on PATH, tried: ", found.version())));
}
