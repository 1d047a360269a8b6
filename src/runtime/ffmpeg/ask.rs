//! What an ffmpeg can do is asked of it: its version says little, and every build has other parts.
//!
//! It is given three frames as they would come out of a video, and must give them back byte for byte, and the time of each
//! in two ways, by the options that decoding uses.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use super::child::{self, ChildError, Done};
use super::{command, said};

/// An answer takes some hundredths of a second.
const LIMIT: Duration = Duration::from_secs(10);
/// Both names of what keeps times and drops equal ones: the newer one came with 5.1, and 9 lost the older one.
pub(super) const SYNC: [[&str; 2]; 2] = [["-fps_mode", "vfr"], ["-vsync", "vfr"]];
/// Height and width of a frame in pixels.
const SIDE: usize = 16;
const BYTES: usize = SIDE * SIDE * 3;
/// Frames at 5 a second.
const FRAMES: usize = 3;
/// Their times as both ways count them: in fifths of a second, and in nanoseconds.
const TIMES: [u64; 2 * FRAMES] = [0, 0, 1, 2, 200_000_000, 400_000_000];

/// What a program says that does what is needed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub version: String,
    pub sync: [&'static str; 2],
}

/// Asks `program`; else why it is of no use.
pub(super) fn ask(program: &Path) -> Result<Answer, String> {
    ask_within(program, LIMIT)
}

/// As [`ask`], where it may take until `limit` is over.
fn ask_within(program: &Path, limit: Duration) -> Result<Answer, String> {
    let deadline = Instant::now() + limit;
    let mut faults = Vec::new();
    for sync in SYNC {
        let done = match child::run(command(program).args(arguments(sync)), &frames(), deadline) {
            // The file itself is there.
            Err(ChildError::Start(error)) if error.kind() == ErrorKind::NotFound => {
                return Err("it cannot be run: what should load it is not on this machine".into());
            }
            Err(ChildError::Start(error)) => return Err(format!("it cannot be run: {error}")),
            Err(ChildError::TooLong) => {
                return Err(format!("it does not answer within {} seconds", limit.as_secs_f64()));
            }
            Ok(done) => done,
        };
        let text = String::from_utf8_lossy(&done.stderr);
        match fault(&done, &text) {
            None => return Ok(Answer { version: version(&text), sync }),
            // What is of no use for another reason than the option's name says more.
            Some(fault) => faults.push((text.contains(sync[0].trim_start_matches('-')), fault)),
        }
    }
    let fault = faults.into_iter().min_by_key(|(is_name, _)| *is_name).map(|(_, fault)| fault);
    Err(format!("it runs but does not do what is needed: {}", fault.unwrap_or_default()))
}

/// The arguments with which it reads frames and gives them and their times, with one of both names of [`SYNC`].
fn arguments(sync: [&str; 2]) -> Vec<String> {
    // The banner, which has the version, comes at the level `info`.
    let mut words = format!(
        "-nostdin -nostats -loglevel info -f rawvideo -pixel_format rgb24 -video_size {SIDE}x{SIDE} -framerate 5 -i pipe:0"
    );
    for output in [
        "-c:v wrapped_avframe -f framecrc pipe:2",
        "-enc_time_base 1/1000000000 -f framehash -hash crc32 pipe:2",
        "-vcodec rawvideo -pix_fmt rgb24 -f rawvideo pipe:1",
    ] {
        words += &format!(" -map 0:v:0 {} {output}", sync.join(" "));
    }
    words.split(' ').map(str::to_owned).collect()
}

/// Frames of which no two rows, and no two frames, are equal.
fn frames() -> Vec<u8> {
    (0..FRAMES * BYTES).map(|at| (at / 3 + at / BYTES) as u8).collect()
}

/// What is wrong with what it did, of which `text` is what it wrote beside the frames.
fn fault(done: &Done, text: &str) -> Option<String> {
    if !done.status.success() {
        let line = said::last_line(&done.stderr);
        return Some(if line.is_empty() { done.status.to_string() } else { line });
    }
    if done.stdout != frames() {
        return Some(format!(
            "of {FRAMES} frames it gave {} bytes back, not the same {}",
            done.stdout.len(),
            FRAMES * BYTES
        ));
    }
    let mut times: Vec<u64> = text.lines().filter_map(time).collect();
    times.sort_unstable();
    (times != TIMES).then(|| format!("of {FRAMES} frames it told the times {times:?}, not {TIMES:?}"))
}

/// The time of the frame that `line` is about: `stream, decoding time, time, duration, bytes, checksum`. Something else may
/// stand before it, where what it logs comes in between.
fn time(line: &str) -> Option<u64> {
    let mut fields = line.rsplit(',').map(str::trim);
    let checksum = fields.next()?.trim_start_matches("0x");
    let (_bytes, _duration) = (fields.next()?.parse::<u64>().ok()?, fields.next()?.parse::<u64>().ok()?);
    let (time, _decoding) = (fields.next()?.parse().ok()?, fields.next()?.parse::<u64>().ok()?);
    let is_checksum = checksum.len() == 8 && checksum.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_checksum && fields.next()?.ends_with('0')).then_some(time)
}

/// The word that the first line of the banner has as its version.
fn version(text: &str) -> String {
    let word = text.lines().find_map(|line| line.strip_prefix("ffmpeg version ")?.split_whitespace().next());
    word.unwrap_or("of unknown version").to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn one_that_never_ends_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        for (at, script) in
            ["exec sleep 60", "exec yes", "exec yes >&2", "cat >&2; exec sleep 60", "trap '' TERM; exec sleep 60"]
                .into_iter()
                .enumerate()
        {
            let program = folder.path().join(at.to_string());
            fs_err::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
            let began = Instant::now();
            let refused = ask_within(&program, Duration::from_millis(300));
            assert_eq!(refused, Err("it does not answer within 0.3 seconds".to_owned()), "{script}");
            assert!(began.elapsed() < Duration::from_secs(10), "{script}: {:?}", began.elapsed());
        }
    }

    #[test]
    fn times_are_read_wherever_log_lines_come_between() {
        for (line, expected) in [
            ("0,          2,          2,        1,      768, 0x0b0ca2d0", Some(2)),
            ("0,  400000000,  400000001, 200000000,      768, 0b0ca2d0", Some(400_000_001)),
            ("[out#0/framecrc @ 0x5581] 0,          1,          1,        1,      768, 0x0b0ca2d0", Some(1)),
            ("1,          2,          2,        1,      768, 0x0b0ca2d0", None),
            ("#dimensions 0: 16x16", None),
            ("  Stream #0:0: Video: rawvideo (RGB[24] / 0x18424752), rgb24, 16x16, 30 kb/s, 5 fps, 5 tbr, 5 tbn", None),
            ("0,          2,          2,        1,      768", None),
        ] {
            assert_eq!(time(line), expected, "{line}");
        }
    }
}
