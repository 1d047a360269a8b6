//! The frames of a clip, kept to be drawn: reduced as they come, and of a long clip every other one, every fourth, ..., so
//! that what is held has a bound.

use std::time::Duration;

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::media::Frame;

/// Frames that are wider or higher are reduced to fit: one takes at most half a megabyte.
pub(super) const LARGEST: (u32, u32) = (480, 360);

/// No more frames than this are kept.
const MOST: usize = 300;

/// The frames of a clip for pictures and pages.
#[derive(Debug, Clone)]
pub struct Thumbnails {
    pub(super) pictures: Vec<RgbImage>,
    /// Of each picture, until the next one.
    durations: Vec<Duration>,
    /// Every how manieth frame is kept.
    every: usize,
    /// Frames that came.
    seen: usize,
}

impl Default for Thumbnails {
    fn default() -> Self {
        Self { pictures: Vec::new(), durations: Vec::new(), every: 1, seen: 0 }
    }
}

impl Thumbnails {
    /// Bytes that so many frames of a clip of this size take at most.
    pub fn bytes(frames: usize, width: usize, height: usize) -> u64 {
        let (width, height) = reduced(width, height).unwrap_or((width as u32, height as u32));
        (u64::from(width) * u64::from(height) * 3).saturating_mul(frames.min(MOST) as u64)
    }

    /// Keeps `frame`, the next one, if it is one of those that are kept.
    pub fn push(&mut self, frame: Frame<'_>) {
        let number = self.seen;
        self.seen += 1;
        if !number.is_multiple_of(self.every) {
            if let Some(last) = self.durations.last_mut() {
                *last = last.saturating_add(frame.duration);
            }
            return;
        }
        if self.pictures.len() == MOST {
            self.thin();
            if !number.is_multiple_of(self.every) {
                self.seen = number;
                return self.push(frame);
            }
        }
        let (height, width, _) = frame.pixels.dim();
        let pixels = frame.pixels.bytes().into_owned();
        let Some(picture) = RgbImage::from_raw(width as u32, height as u32, pixels) else { return }; // three channels
        self.pictures.push(match reduced(width, height) {
            Some((width, height)) => imageops::resize(&picture, width, height, FilterType::Triangle),
            None => picture,
        });
        self.durations.push(frame.duration);
    }

    /// Lets go of every other picture.
    fn thin(&mut self) {
        self.every *= 2;
        let mut at = 0;
        self.pictures.retain(|_| {
            at += 1;
            at % 2 == 1
        });
        self.durations = self.durations.chunks(2).map(|pair| pair.iter().sum()).collect();
    }

    /// Lets go of what comes after the first `frames` of the clip.
    pub fn truncate(&mut self, frames: usize) {
        self.pictures.truncate(frames.div_ceil(self.every));
        self.durations.truncate(self.pictures.len());
    }

    /// Which frame of the clip each picture is, from 0.
    pub fn frames(&self) -> impl Iterator<Item = usize> {
        (0..self.pictures.len()).map(|picture| picture * self.every)
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// How long each picture is shown; zero where the source doesn't say.
    pub fn durations(&self) -> &[Duration] {
        &self.durations
    }

    /// Width and height of the pictures in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        self.pictures.first().map_or((1, 1), RgbImage::dimensions)
    }
}

/// What a frame of this width and height is reduced to, if it is.
fn reduced(width: usize, height: usize) -> Option<(u32, u32)> {
    let largest = (f64::from(LARGEST.0) / width as f64).min(f64::from(LARGEST.1) / height as f64);
    let side = |length: usize| ((length as f64 * largest).round() as u32).max(1);
    (largest < 1.0).then(|| (side(width), side(height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{FrameSource, MadeSource};

    #[test]
    fn of_a_long_clip_no_more_than_a_few_hundred_are_kept() {
        for (frames, kept, every) in [(300, 300, 1), (301, 151, 2), (600, 300, 2), (601, 151, 4), (5000, 157, 32)] {
            let mut source = MadeSource::new(frames, 2, 2, 10.0);
            let mut thumbnails = Thumbnails::default();
            while let Some(frame) = source.next_frame().unwrap() {
                thumbnails.push(frame);
            }
            assert_eq!((thumbnails.len(), thumbnails.frames().nth(1)), (kept, Some(every)), "{frames}");
            let total = thumbnails.durations().iter().sum::<Duration>();
            assert_eq!(total.as_millis(), 100 * frames as u128, "{frames}");
        }
    }

    #[test]
    fn large_frames_are_reduced_and_small_ones_kept_as_they_are() {
        for ((height, width), kept) in [((90, 100), (100, 90)), ((720, 1280), (480, 270)), ((4000, 10), (1, 360))] {
            let mut source = MadeSource::new(2, height, width, 10.0);
            let mut thumbnails = Thumbnails::default();
            while let Some(frame) = source.next_frame().unwrap() {
                thumbnails.push(frame);
            }
            assert_eq!((thumbnails.len(), thumbnails.size()), (2, kept));
            assert_eq!(Thumbnails::bytes(2, width, height), u64::from(kept.0 * kept.1) * 6);
        }
    }
}
