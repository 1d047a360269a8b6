//! The frames of a clip as bytes: `cargo run --release --example frames -- CLIP > frames.rgb`. Each is height x width x 3
//! bytes, RGB; standard error tells their size, and of each when it is shown and how long, in nanoseconds. A video is
//! decoded by the ffmpeg that MOVINET_TF_FFMPEG names, or the one on PATH.

use std::io::{BufWriter, Write, stderr, stdout};
use std::path::Path;

use movinet_tf::cache::Cache;
use movinet_tf::media::{ClipKind, Decoder};
use movinet_tf::runtime::{FfmpegPlaces, find_ffmpeg};
use movinet_tf::{FrameSource, Truncated};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clip = std::env::args_os().nth(1).ok_or("which clip?")?;
    let (path, kind) = (Path::new(&clip), ClipKind::of(&clip)?);
    let mut decoder = None;
    if kind.needs_decoder() {
        let places = FfmpegPlaces {
            named: std::env::var_os("MOVINET_TF_FFMPEG").map(Into::into),
            search_path: std::env::var_os("PATH"),
            cache: Cache::new("cache"),
        };
        decoder = find_ffmpeg(&places)?.map(|ffmpeg| Decoder::new(ffmpeg.program(), ffmpeg.sync()));
    }
    let mut source = kind.open(path, path, Truncated::Refuse, decoder.as_ref())?;
    let mut told = stderr().lock();
    writeln!(told, "{}x{}", source.info().width, source.info().height)?;
    let mut output = BufWriter::new(stdout().lock());
    while let Some(frame) = source.next_frame()? {
        output.write_all(&frame.pixels.bytes())?;
        writeln!(told, "{} {}", frame.time.as_nanos(), frame.duration.as_nanos())?;
    }
    output.flush()?;
    if let Some(warning) = source.warning() {
        writeln!(told, "warning: {warning}")?;
    }
    Ok(())
}
