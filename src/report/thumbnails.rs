//! The frames of a clip, kept to be drawn: reduced as they come, since they are all held.

use std::time::Duration;

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::media::Frame;

/// Frames that are wider or higher are reduced to fit: one takes at most half a megabyte.
pub(super) const LARGEST: (u32, u32) = (480, 360);

/// The frames of a clip for pictures and pages.
#[derive(Debug, Clone, Default)]
pub struct Thumbnails {
    pub(super) pictures: Vec<RgbImage>,
    pub(super) durations: Vec<Duration>,
}

impl Thumbnails {
    /// Keeps `frame`.
    pub fn push(&mut self, frame: Frame<'_>) {
        let (height, width, _) = frame.pixels.dim();
        let pixels = frame.pixels.iter().copied().collect();
        let Some(picture) = RgbImage::from_raw(width as u32, height as u32, pixels) else { return }; // three channels
        let largest = (f64::from(LARGEST.0) / width as f64).min(f64::from(LARGEST.1) / height as f64);
        let side = |length: usize| ((length as f64 * largest).round() as u32).max(1);
        self.pictures.push(match largest < 1.0 {
            true => imageops::resize(&picture, side(width), side(height), FilterType::Triangle),
            false => picture,
        });
        self.durations.push(frame.duration);
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// How long each frame is shown; zero where the source doesn't say.
    pub fn durations(&self) -> &[Duration] {
        &self.durations
    }

    /// Width and height of the pictures in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        self.pictures.first().map_or((1, 1), RgbImage::dimensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{FrameSource, MadeSource};

    #[test]
    fn large_frames_are_reduced_and_small_ones_kept_as_they_are() {
        for ((height, width), kept) in [((90, 100), (100, 90)), ((720, 1280), (480, 270)), ((4000, 10), (1, 360))] {
            let mut source = MadeSource::new(2, height, width, 10.0);
            let mut thumbnails = Thumbnails::default();
            while let Some(frame) = source.next_frame().unwrap() {
                thumbnails.push(frame);
            }
            assert_eq!((thumbnails.len(), thumbnails.size()), (2, kept));
        }
    }
}
