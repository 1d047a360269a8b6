//! Frames that the program draws itself: for tests and measurements, without a file.

use ndarray::Array3;

use super::clock::Clock;
use super::{Format, Frame, FrameRate, FrameSource, MediaError, Moment, SourceInfo};

/// Frames drawn by the program, the same on every machine.
#[derive(Debug)]
pub struct MadeSource {
    info: SourceInfo,
    canvas: Array3<u8>,
    colors: Vec<[u8; 3]>,
    failing_at: Option<usize>,
    clock: Clock,
    frames: usize,
    /// Frames that were gone to.
    begun: usize,
}

impl MadeSource {
    /// `frames` frames of `height` x `width` pixels, `fps` a second, of a pattern that moves. An `fps` that is no
    /// frame rate leaves them without times.
    pub fn new(frames: usize, height: usize, width: usize, fps: f64) -> Self {
        let clock = Clock(match FrameRate::per_second(fps) {
            Ok(FrameRate::PerSecond(rate)) => Some(rate),
            Ok(FrameRate::Native) | Err(_) => None,
        });
        let info = SourceInfo {
            frames: Some(frames),
            duration: clock.total(frames),
            ..SourceInfo::new("made", Format::Made, width, height)
        };
        let canvas = Array3::zeros((height, width, 3));
        Self { info, canvas, colors: Vec::new(), failing_at: None, clock, frames, begun: 0 }
    }

    /// Going on to `frame`, counted from 0, fails with [`MediaError::Damaged`] and ends the source.
    #[must_use]
    pub fn failing_at(mut self, frame: usize) -> Self {
        self.failing_at = Some(frame);
        self
    }

    /// Frame `i` has `colors[i]` all over, and the last colour from then on. No colours leave the pattern.
    #[must_use]
    pub fn with_colors(mut self, colors: Vec<[u8; 3]>) -> Self {
        self.colors = colors;
        self
    }

    fn draw(&mut self, frame: usize) {
        let color = self.colors.get(frame).or(self.colors.last());
        for ((y, x, channel), value) in self.canvas.indexed_iter_mut() {
            *value = match color {
                Some(color) => color[channel],
                // A slope that goes to the right, each channel at a speed of its own.
                None => (5 * x + 3 * y).wrapping_sub((7 + 4 * channel).wrapping_mul(frame)) as u8,
            };
        }
    }
}

impl FrameSource for MadeSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        if self.begun >= self.frames {
            return Ok(false);
        }
        if self.failing_at == Some(self.begun) {
            self.frames = self.begun;
            let reason = "it was made to fail here".to_owned();
            return Err(MediaError::Damaged { path: self.info.path.clone(), frame: self.begun, reason, usable: 0 });
        }
        self.draw(self.begun);
        self.begun += 1;
        Ok(true)
    }

    fn frame(&self) -> Frame<'_> {
        let index = self.begun.saturating_sub(1);
        Frame { pixels: self.canvas.view().into(), time: self.clock.begin(index), duration: self.clock.duration(index) }
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        Ok(Some(self.clock.moments(self.frames)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_moves_and_is_always_the_same() {
        let drawn = || {
            let mut source = MadeSource::new(4, 6, 8, 25.0);
            let mut frames = Vec::new();
            while let Some(frame) = source.next_frame().unwrap() {
                frames.push(frame.pixels.bytes().into_owned());
            }
            frames
        };
        let frames = drawn();
        assert_eq!(frames.len(), 4);
        assert!(frames.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(frames, drawn());
    }

    #[test]
    fn colours_fill_frames_and_the_last_one_stays() {
        let mut source = MadeSource::new(3, 2, 2, 10.0).with_colors(vec![[1, 2, 3], [4, 5, 6]]);
        assert!(source.frame().pixels.bytes().iter().all(|&value| value == 0), "black before the first call");
        for color in [[1, 2, 3], [4, 5, 6], [4, 5, 6]] {
            let frame = source.next_frame().unwrap().unwrap();
            assert!(frame.pixels.bytes().chunks(3).all(|pixel| pixel == color));
        }
        assert!(!source.advance().unwrap());
    }

    #[test]
    fn it_fails_where_it_was_told_to_and_then_ends() {
        let mut source = MadeSource::new(3, 2, 2, 10.0).failing_at(1);
        assert!(source.advance().unwrap());
        assert!(matches!(source.advance(), Err(MediaError::Damaged { frame: 1, .. })));
        assert!(!source.advance().unwrap());
    }

    #[test]
    fn no_rate_and_no_frames_are_taken() {
        assert_eq!(MadeSource::new(3, 2, 2, f64::NAN).info().duration, None);
        assert!(!MadeSource::new(0, 2, 2, 10.0).advance().unwrap());
    }
}
