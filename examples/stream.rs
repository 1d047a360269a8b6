//! Frames of one's own through a stream model, as they come: `cargo run --release --example stream -- FRAMES|CLIP
//! STREAM_FOLDER`; 30 frames through the demo without arguments. Memory doesn't grow with the number of frames.

use std::path::{Path, PathBuf};
use std::time::Duration;

use movinet_tf::cache::Cache;
use movinet_tf::fetch::Downloads;
use movinet_tf::media::{ClipKind, Decoder, Format, SourceInfo};
use movinet_tf::runtime::{FfmpegPlaces, find_ffmpeg};
use movinet_tf::{Frame, FrameSource, Loader, LogLines, MediaError, Session, Truncated};
use ndarray::Array3;

/// A camera would stand here: whatever gives RGB frames one after the other.
struct Camera {
    info: SourceInfo,
    pixels: Array3<u8>,
    shown: u32,
    frames: u32,
}

impl Camera {
    fn new(frames: u32) -> Self {
        let (width, height) = (480, 270);
        let pixels = Array3::from_shape_fn((height, width, 3), |(y, x, channel)| (x + 2 * y + 80 * channel) as u8);
        Self { info: SourceInfo::new("camera", Format::Other("camera"), width, height), pixels, shown: 0, frames }
    }
}

impl FrameSource for Camera {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        if self.shown == self.frames {
            return Ok(false);
        }
        self.shown += 1;
        self.pixels.iter_mut().for_each(|value| *value = value.wrapping_add(1));
        Ok(true)
    }

    fn frame(&self) -> Frame<'_> {
        const INTERVAL: Duration = Duration::from_millis(200);
        Frame { pixels: self.pixels.view().into(), time: INTERVAL * self.shown.saturating_sub(1), duration: INTERVAL }
    }
}

/// Whatever is named as a clip: a GIF, a video, a folder of pictures, an array.
fn open(path: &Path) -> Result<Box<dyn FrameSource>, Box<dyn std::error::Error>> {
    let kind = ClipKind::of(path)?;
    let search_path = std::env::var_os("PATH");
    let ffmpeg = find_ffmpeg(&FfmpegPlaces { named: None, search_path, cache: Cache::new("cache") })?;
    let decoder = ffmpeg.map(|ffmpeg| Decoder::new(ffmpeg.program(), ffmpeg.sync()));
    Ok(kind.open(path, path, Truncated::Refuse, decoder.as_ref())?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: no other thread runs yet.
    let loader = unsafe { Loader::new(LogLines::Hidden) };
    let mut arguments = std::env::args().skip(1);
    let frames = arguments.next().unwrap_or_else(|| "30".into());
    let model = arguments.next().map_or_else(|| "demo-stream".into(), PathBuf::from);
    let session = Session::builder().tensorflow(&loader).downloads(Downloads::default()).stream(model).build()?;

    let source: Box<dyn FrameSource> = match frames.parse() {
        Ok(frames) => Box::new(Camera::new(frames)),
        Err(_) => open(frames.as_ref())?,
    };
    for step in session.stream(source)? {
        let step = step?;
        let best = &session.top(step.logits.view())?[0];
        show(&format!(
            "{:6.2} s  {} ({:.3}), {:?}",
            step.time.as_secs_f64(),
            best.label,
            best.probability,
            step.elapsed
        ));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn show(line: &str) {
    println!("{line}");
}
