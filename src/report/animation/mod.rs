//! The tutorial's animation: the clip above, below it the chart with a playhead, at the clip's own pace.
//!
//! Frames are made one after the other and handed to a GIF encoder, or to ffmpeg for WebP and MP4.

mod ffmpeg;
mod gif;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::Thumbnails;
use super::chart::{self, ChartError, Look, Sheet};
use super::thumbnails::LARGEST;
use crate::runtime::Ffmpeg;
use crate::timeline::Timeline;

const SHEET: Sheet = Sheet { width: 480, plot_height: 260, font: 12 };
/// Clips smaller than this are enlarged towards [`LARGEST`].
const SMALL: u32 = 240;
/// How long a frame is shown where the clip doesn't say.
const DELAY: Duration = Duration::from_millis(100);

/// What an animation is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnimationFormat {
    /// By this program.
    Gif,
    /// By ffmpeg.
    Webp,
    /// By ffmpeg.
    Mp4,
}

impl AnimationFormat {
    /// The format that the ending of `path` asks for.
    pub fn of(path: impl AsRef<Path>) -> Option<Self> {
        match path.as_ref().extension()?.to_str()?.to_lowercase().as_str() {
            "gif" => Some(Self::Gif),
            "webp" => Some(Self::Webp),
            "mp4" => Some(Self::Mp4),
            _ => None,
        }
    }

    /// Whether ffmpeg writes it.
    pub fn needs_ffmpeg(self) -> bool {
        self != Self::Gif
    }
}

/// An animation that ffmpeg writes was to be written without one.
#[derive(Debug, thiserror::Error)]
#[error("WebP and MP4 animations are made by ffmpeg, and there is none")]
pub struct FfmpegMissing;

/// Writes the animation of `clip` and its `timeline` to the file at `path`; `drawn` is called after each frame. `ffmpeg` is
/// needed where [`AnimationFormat::needs_ffmpeg`] says so.
///
/// # Errors
/// When the file cannot be written or ffmpeg fails; [`FfmpegMissing`] where it is needed.
pub fn write(
    clip: &Thumbnails,
    timeline: &Timeline,
    format: AnimationFormat,
    ffmpeg: Option<&Ffmpeg>,
    look: Look,
    path: impl AsRef<Path>,
    mut drawn: impl FnMut(),
) -> io::Result<()> {
    let path = path.as_ref();
    let scene = Scene::new(clip, timeline, look);
    let delays = scene.delays();
    let frames = (0..clip.len()).map(|frame| {
        let picture = scene.frame(frame).map_err(io::Error::other);
        drawn();
        picture
    });
    match format {
        AnimationFormat::Gif => {
            let palette = gif::Palette::of(&scene)?;
            let file = fs_err::OpenOptions::new().write(true).create(true).truncate(true).open(path)?.into_parts().0;
            gif::write(&palette, scene.size(), frames.zip(delays), file)
        }
        AnimationFormat::Webp | AnimationFormat::Mp4 => {
            let ffmpeg = ffmpeg.ok_or_else(|| io::Error::other(FfmpegMissing))?;
            ffmpeg::write(ffmpeg, format, scene.size(), frames, &delays, path)
        }
    }
}

/// Everything that the frames of an animation are made of.
struct Scene<'a> {
    clip: &'a Thumbnails,
    timeline: &'a Timeline,
    look: Look,
    /// Of the clip as it is shown.
    picture: (u32, u32),
}

impl<'a> Scene<'a> {
    fn new(clip: &'a Thumbnails, timeline: &'a Timeline, look: Look) -> Self {
        let (width, height) = clip.size();
        let (width, height) = (f64::from(width), f64::from(height));
        let largest = (f64::from(LARGEST.0) / width).min(f64::from(LARGEST.1) / height);
        let scale = if width.max(height) < f64::from(SMALL) { largest } else { largest.min(1.0) };
        let side = |length: f64| ((length * scale).round() as u32).max(1);
        Self { clip, timeline, look, picture: (side(width), side(height)) }
    }

    /// Width and height of a frame; even, as video formats want it.
    fn size(&self) -> (u32, u32) {
        let even = |length: u32| length.next_multiple_of(2);
        (even(SHEET.width), even(self.chart_top() + SHEET.height(self.timeline)))
    }

    /// Where the chart begins.
    fn chart_top(&self) -> u32 {
        self.picture.1 + SHEET.font
    }

    /// The columns and rows that the clip takes.
    fn clip_at(&self) -> (Range<u32>, Range<u32>) {
        let (left, top) = ((self.size().0 - self.picture.0) / 2, SHEET.font / 2);
        (left..left + self.picture.0, top..top + self.picture.1)
    }

    fn delays(&self) -> Vec<Duration> {
        let known = self.clip.durations().iter().map(|&delay| if delay.is_zero() { DELAY } else { delay });
        known.collect()
    }

    /// The clip's frame as it is shown.
    fn clip_frame(&self, frame: usize) -> RgbImage {
        let picture = &self.clip.pictures[frame];
        match picture.dimensions() == self.picture {
            true => picture.clone(),
            false => imageops::resize(picture, self.picture.0, self.picture.1, FilterType::Triangle),
        }
    }

    fn chart(&self, frame: usize) -> Result<RgbImage, ChartError> {
        let at = self.clip.frames().nth(frame);
        chart::picture(self.timeline, self.look, SHEET, at)
    }

    fn frame(&self, frame: usize) -> Result<RgbImage, ChartError> {
        let background = self.look.theme.background();
        let (width, height) = self.size();
        let mut canvas = RgbImage::from_pixel(width, height, Rgb([background.0, background.1, background.2]));
        let (columns, rows) = self.clip_at();
        imageops::replace(&mut canvas, &self.clip_frame(frame), columns.start.into(), rows.start.into());
        imageops::replace(&mut canvas, &self.chart(frame)?, 0, self.chart_top().into());
        Ok(canvas)
    }
}
