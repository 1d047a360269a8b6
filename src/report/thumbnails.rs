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
    /// Bytes that so many frames of a clip of this size take once they are kept.
    pub fn bytes(frames: usize, width: usize, height: usize) -> u64 {
        let (width, height) = reduced(width, height).unwrap_or((width as u32, height as u32));
        (u64::from(width) * u64::from(height) * 3).saturating_mul(frames as u64)
    }

    /// Keeps `frame`.
    pub fn push(&mut self, frame: Frame<'_>) {
        let (height, width, _) = frame.pixels.dim();
        let pixels = frame.pixels.bytes().into_owned();
        let Some(picture) = RgbImage::from_raw(width as u32, height as u32, pixels) else { return }; // three channels
        self.pictures.push(match reduced(width, height) {
            Some((width, height)) => imageops::resize(&picture, width, height, FilterType::Triangle),
            None => picture,
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
