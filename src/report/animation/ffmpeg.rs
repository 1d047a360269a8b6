//! Frames to WebP or MP4 through ffmpeg.

use std::io::{self, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use image::RgbImage;

use super::AnimationFormat;
use crate::runtime::Ffmpeg;
use crate::runtime::ffmpeg::said;

const PROGRAM: &str = "ffmpeg";
/// Of what the encoder says, so many bytes are kept from the end.
const KEPT: usize = 4096;

/// Encodes `frames` of `size` into the file at `path`, all as long as they are on average, so that the whole keeps its
/// pace.
pub(super) fn write(
    ffmpeg: &Ffmpeg,
    format: AnimationFormat,
    (width, height): (u32, u32),
    frames: impl Iterator<Item = io::Result<RgbImage>>,
    delays: &[Duration],
    path: &Path,
) -> io::Result<()> {
    let total: Duration = delays.iter().sum();
    let rate = delays.len() as f64 / total.as_secs_f64();
    let encoding: &[&str] = match format {
        AnimationFormat::Mp4 => &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4"],
        _ => &["-c:v", "libwebp_anim", "-loop", "0", "-quality", "80", "-f", "webp"],
    };
    let mut command = ffmpeg.command();
    command
        .args(["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"])
        .args(["-s", &format!("{width}x{height}"), "-r", &format!("{rate:.6}"), "-i", "-"])
        .args(encoding)
        .arg(path);
    encode(&mut command, frames, path).map_err(io::Error::other)
}

/// The encoder did not make what was asked of it.
#[derive(Debug, thiserror::Error)]
enum EncoderError {
    #[error("{PROGRAM} cannot be run: {0}")]
    Start(io::Error),
    #[error("{0}")]
    Frame(io::Error),
    #[error("{PROGRAM} ended before it had read all frames ({status}){}", said(last_line))]
    Early { status: ExitStatus, last_line: String },
    #[error("{PROGRAM} failed ({status}){}", said(last_line))]
    Failed { status: ExitStatus, last_line: String },
    #[error("{PROGRAM} ended well but wrote nothing{}", said(last_line))]
    Nothing { last_line: String },
}

fn said(last_line: &str) -> String {
    if last_line.is_empty() { String::new() } else { format!(": {last_line}") }
}

/// Lets `command` encode `frames`, which it reads from its standard input, into the file at `path`. It may take as long as
/// it likes.
fn encode(
    command: &mut Command,
    frames: impl Iterator<Item = io::Result<RgbImage>>,
    path: &Path,
) -> Result<(), EncoderError> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(EncoderError::Start)?;
    let complaints = child.stderr.take();
    let input = child.stdin.take();
    let (fed, last_line) = thread::scope(|scope| {
        // Read meanwhile: an encoder whose complaints fill the pipe reads no more frames.
        let last_line = |stream| said::last_line(&said::kept(stream, KEPT));
        let reader = scope.spawn(move || complaints.map(last_line).unwrap_or_default());
        let fed = feed(frames, input);
        if matches!(fed, Err(Unfed::Frame(_))) {
            // Half an animation is none. What has ended already cannot be killed, and need not be.
            let _ = child.kill();
        }
        (fed, reader.join().unwrap_or_default())
    });
    let status = child.wait().map_err(EncoderError::Start)?;
    match fed {
        Err(Unfed::Frame(error)) => Err(EncoderError::Frame(error)),
        _ if !status.success() => Err(EncoderError::Failed { status, last_line }),
        Err(Unfed::Closed) => Err(EncoderError::Early { status, last_line }),
        Ok(()) if is_nothing(path) => Err(EncoderError::Nothing { last_line }),
        Ok(()) => Ok(()),
    }
}

/// Why not all frames went to the encoder.
enum Unfed {
    /// It reads no more.
    Closed,
    /// There was no frame to be had.
    Frame(io::Error),
}

/// Hands `frames` to the encoder and closes its input.
fn feed(frames: impl Iterator<Item = io::Result<RgbImage>>, input: Option<ChildStdin>) -> Result<(), Unfed> {
    let mut input = input.ok_or(Unfed::Closed)?;
    for frame in frames {
        input.write_all(&frame.map_err(Unfed::Frame)?).map_err(|_| Unfed::Closed)?;
    }
    Ok(())
}

/// Whether `path` is no file or an empty one; a device is what it is.
fn is_nothing(path: &Path) -> bool {
    fs_err::metadata(path).map_or(true, |found| found.is_file() && found.len() == 0)
}
