//! What ffmpeg is asked for.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The program that decodes, and what it understands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decoder {
    /// The program, an ffmpeg.
    pub program: PathBuf,
    /// How it is told to keep the frames' own times: `-fps_mode vfr`, before ffmpeg 5.1 `-vsync vfr`.
    pub sync: [&'static str; 2],
    /// How long it may take for a frame.
    pub patience: Duration,
}

impl Decoder {
    /// How long a frame may take where nothing else is said.
    pub const PATIENCE: Duration = Duration::from_secs(60);

    /// `program`, told by `sync` to keep the frames' own times.
    pub fn new(program: impl Into<PathBuf>, sync: [&'static str; 2]) -> Self {
        Self { program: program.into(), sync, patience: Self::PATIENCE }
    }
}

/// The unit of presentation times that ffmpeg is asked for: nanoseconds, as a [`Duration`] has.
const NANOSECONDS: &str = "1/1000000000";

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Frames and their times.
    Frames,
    /// Their times alone.
    Times,
}

/// How many threads decode. Each holds frames of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// As many as ffmpeg finds good.
    Any,
    One,
}

impl Threads {
    /// Above so many pixels a frame one thread decodes: of frames of 3840 x 2160 two more take 50 MB, sixteen 400 MB.
    const MOST_PIXELS: usize = 4_000_000;

    /// What suits frames of so many pixels.
    pub fn suited(width: usize, height: usize) -> Self {
        if width.saturating_mul(height) > Self::MOST_PIXELS { Self::One } else { Self::Any }
    }
}

/// The command that decodes the file at `path`: pixels to its standard output as the reference, mediapy, has them, and to its
/// standard error, before a frame, its times.
///
/// A line of muxer framecrc for each frame tells when it is shown in the unit that the reference goes by, 1 / rate, in
/// which two frames of the same time become one. A line of muxer framehash tells the exact time of every frame. What is
/// written there are not the frames but their descriptions (`wrapped_avframe`), which costs nothing. Nothing is encoded, so a
/// thread is enough for it; more of them would hold copies of frames.
pub(super) fn command(decoder: &Decoder, path: &Path, wanted: Wanted, threads: Threads) -> Command {
    let mut command = Command::new(&decoder.program);
    // The first video stream that is no cover picture. A name is never taken for an option, a protocol or a pattern.
    const STREAM: [&str; 2] = ["-map", "0:V:0"];
    // Of an output the file's titles and chapters would be told among its frames: they may be like a frame's line.
    const WITHOUT_WORDS: [&str; 4] = ["-map_metadata", "-1", "-map_chapters", "-1"];
    const ONE_THREAD: [&str; 2] = ["-threads", "1"];
    const DESCRIBED: [&str; 2] = ["-c:v", "wrapped_avframe"];
    const TOLD: [&str; 2] = ["-flush_packets", "1"];
    command
        // A report in a file, or colours, would change what is read here.
        .env_remove("FFREPORT")
        .env_remove("AV_LOG_FORCE_COLOR")
        .env("AV_LOG_FORCE_NOCOLOR", "1")
        .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"])
        .args(if is_like_a_pattern(path) { ONE_PICTURE.as_slice() } else { &[] })
        .args(if threads == Threads::One { ONE_THREAD.as_slice() } else { &[] })
        .arg("-i")
        .arg(file_url(path))
        .args(STREAM)
        .args(WITHOUT_WORDS)
        .args(DESCRIBED)
        .args(decoder.sync)
        .args(TOLD)
        .args(["-f", "framecrc", "pipe:2"])
        .args(STREAM)
        .args(WITHOUT_WORDS)
        .args(DESCRIBED)
        .args(decoder.sync)
        .args(["-enc_time_base", NANOSECONDS])
        .args(TOLD)
        .args(["-f", "framehash", "-hash", "crc32", "pipe:2"]);
    if wanted == Wanted::Frames {
        command
            .args(STREAM)
            .args(WITHOUT_WORDS)
            .args(["-vcodec", "rawvideo", "-pix_fmt", "rgb24"])
            .args(ONE_THREAD)
            .args(decoder.sync)
            .args(["-f", "rawvideo", "pipe:1"]);
    }
    command
}

/// How a picture is read of which the name would else be taken for a pattern of many names.
const ONE_PICTURE: [&str; 4] = ["-f", "image2", "-pattern_type", "none"];

fn is_like_a_pattern(path: &Path) -> bool {
    const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff"];
    let ending = path.extension().unwrap_or_default();
    path.as_os_str().as_encoded_bytes().contains(&b'%')
        && PICTURES.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

fn file_url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push::<&OsStr>(path.as_ref());
    url
}
