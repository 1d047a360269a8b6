//! Frames to WebP or MP4 through ffmpeg, where it is installed.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use image::RgbImage;

use super::AnimationFormat;

const PROGRAM: &str = "ffmpeg";

/// ffmpeg is not on this machine.
#[derive(Debug, thiserror::Error)]
#[error("WebP and MP4 animations are made by ffmpeg, which is not installed")]
pub struct FfmpegMissing;

pub(super) fn check() -> Result<(), FfmpegMissing> {
    let version =
        Command::new(PROGRAM).arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.ok().filter(|status| status.success()).map(drop).ok_or(FfmpegMissing)
}

/// Encodes `frames` of `size` into the file at `path`, all as long as they are on average, so that the whole keeps its
/// pace.
pub(super) fn write(
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
    let mut child = Command::new(PROGRAM)
        .args(["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"])
        .args(["-s", &format!("{width}x{height}"), "-r", &format!("{rate:.6}"), "-i", "-"])
        .args(encoding)
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let fed = child.stdin.take().map_or(Ok(()), |mut input| {
        for frame in frames {
            input.write_all(&frame?)?;
        }
        Ok(())
    });
    let output = child.wait_with_output()?;
    match output.status.success() {
        true => fed,
        false => Err(io::Error::other(format!("ffmpeg failed: {}", String::from_utf8_lossy(&output.stderr).trim()))),
    }
}
