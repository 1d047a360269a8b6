use std::process::ExitStatus;

use super::*;
use crate::media::Fault;
use crate::media::video::listener::{Hearsay, listen};

/// What a file is judged as of which `frames` came, after `log` was said and it ended with `code`.
fn judged(log: &str, code: i32, frames: usize, in_part: bool) -> Result<Option<String>, MediaError> {
    let hearsay = Hearsay::default();
    listen(log.as_bytes(), &std::sync::mpsc::channel().0, &hearsay, || {});
    let ended = Ended { status: Ok(ExitStatus::from_raw(code << 8)), in_part, no_memory: None, given_up: false };
    verdict(Path::new("x.mp4"), &hearsay.lock(), &ended, frames, Duration::from_millis(700))
}

#[test]
fn a_file_that_is_whole_has_no_warning() {
    for log in ["", "[info] words", "[swscaler @ 0x1] [warning] deprecated pixel format used"] {
        assert!(matches!(judged(log, 0, 7, false), Ok(None)), "{log}");
    }
}

#[test]
fn what_is_used_in_part_is_warned_of_once() {
    let duration = "[info]   Duration: 00:00:01.50, start: 0.000000, bitrate: 99 kb/s\n";
    for (log, code, in_part, told) in [
        (
            &*format!("{duration}[in#0/mov @ 0x1] [error] stream 0, offset 0x254c: partial file"),
            0,
            false,
            "'x.mp4' is cut short: 7 frames (0.7 of 1.5 s) are taken (ffmpeg: in#0/mov: stream 0, offset 0x254c: partial file)",
        ),
        (
            "[matroska,webm @ 0x1] [warning] File ended prematurely",
            0,
            false,
            "'x.mp4' is cut short: 7 frames (0.7 s) are taken (ffmpeg: matroska,webm: File ended prematurely)",
        ),
        ("[h264 @ 0x1] [error] one", 0, false, "'x.mp4' is damaged: 7 frames are taken (ffmpeg: h264: one)"),
        (
            "[h264 @ 0x1] [error] one\n[h264 @ 0x1] [error] two\n[warning] three",
            69,
            true,
            "'x.mp4' is damaged in 2 places: 7 frames are taken (ffmpeg, first: h264: one)",
        ),
        ("", 1, false, "'x.mp4' ends in an unclear way: 7 frames are taken (ffmpeg: no word of why, exit status: 1)"),
        ("[warning] words", 0, true, "'x.mp4' ends in an unclear way: 7 frames are taken (ffmpeg: words)"),
    ] {
        assert_eq!(judged(log, code, 7, in_part).unwrap().as_deref(), Some(told));
    }
    assert!(judged("[error] words", 0, 1, false).unwrap().unwrap().contains(": 1 frame are taken"));
}

#[test]
fn what_gives_nothing_is_told_by_its_kind() {
    for (log, fault, told) in [
        ("[mov @ 0x1] [error] moov atom not found\n[error] Invalid data found", Fault::CutShort, "moov atom not found"),
        ("[error] x.mp4: Invalid data found when processing input", Fault::NotVideo, "ffmpeg knows no such format"),
        ("[fatal] Stream map '0:V:0' matches no streams.", Fault::NotVideo, "it has no video stream"),
        ("[error] Decoder (codec none) not found for input stream #0:0", Fault::NoDecoder, "(codec none)"),
        (
            "[vist#0:0/none @ 0x1] [error] Decoding requested, but no decoder found for: none",
            Fault::NoDecoder,
            "vist#0:0",
        ),
        ("[error] something else", Fault::BadClip, "something else"),
        ("", Fault::BadClip, "no word of why, exit status: 1"),
    ] {
        let error = judged(log, 1, 0, false).unwrap_err();
        assert_eq!(error.fault(), fault, "{error}");
        assert!(error.to_string().contains(told) && error.to_string().contains("x.mp4"), "{error}");
    }
}

#[test]
fn one_that_was_killed_is_not_believed_whoever_tells_it() {
    for (log, raw, told) in [
        ("", libc::SIGKILL, 9),
        ("[error] words", libc::SIGSEGV, 11),
        ("[info] Exiting normally, received signal 15.", 255 << 8, 15),
        ("", 137 << 8, 9),
        ("", 130 << 8, 2),
    ] {
        let hearsay = Hearsay::default();
        listen(log.as_bytes(), &std::sync::mpsc::channel().0, &hearsay, || {});
        let ended = Ended { status: Ok(ExitStatus::from_raw(raw)), in_part: true, no_memory: None, given_up: false };
        for frames in [0, 7] {
            let error = verdict(Path::new("x.mp4"), &hearsay.lock(), &ended, frames, Duration::ZERO).unwrap_err();
            assert!(matches!(error, MediaError::DecoderKilled { signal, .. } if signal == told), "{error}");
        }
    }
    // ffmpeg's own codes: what cannot be read, and what is no video.
    for code in [183, 234, 255] {
        assert!(matches!(judged("", code, 7, false), Ok(Some(_))), "{code}");
    }
}

#[test]
fn memory_that_is_not_there_is_told() {
    let ended = Ended { status: Ok(ExitStatus::from_raw(9)), in_part: false, no_memory: Some(7), given_up: false };
    let error = verdict(Path::new("x.mp4"), &Said::default(), &ended, 1, Duration::ZERO).unwrap_err();
    assert!(matches!(error, MediaError::Memory { bytes: 7, .. }), "{error}");
}
