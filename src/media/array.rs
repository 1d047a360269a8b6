//! Frames that are in memory already.

use ndarray::{Array4, Axis};

use super::clock::Clock;
use super::{Format, Frame, FrameRate, FrameSource, MediaError, SourceInfo};

/// Frames from an array.
#[derive(Debug)]
pub struct ArraySource {
    info: SourceInfo,
    frames: Array4<u8>,
    black: ndarray::Array3<u8>,
    clock: Clock,
    /// Frames that were gone to.
    begun: usize,
}

impl ArraySource {
    /// RGB `frames`, `(frames, height, width, 3)`, shown `fps` a second; without it, nothing times them.
    ///
    /// # Errors
    /// [`MediaError::BadArray`] where a size is 0 or the channels are not three, [`MediaError::Rate`] where `fps` is
    /// no frame rate.
    pub fn new(frames: Array4<u8>, fps: Option<f64>) -> Result<Self, MediaError> {
        let (count, height, width, channels) = frames.dim();
        let reason = match () {
            () if channels != 3 => format!("it has {channels} channels, not red, green and blue"),
            () if count == 0 => "it has no frames".to_owned(),
            () if height == 0 || width == 0 => format!("its frames are {width}x{height} pixels"),
            () => String::new(),
        };
        if !reason.is_empty() {
            return Err(MediaError::BadArray { reason });
        }
        let rate = match fps.map(FrameRate::per_second).transpose()? {
            Some(FrameRate::PerSecond(rate)) => Some(rate),
            Some(FrameRate::Native) | None => None,
        };
        let clock = Clock(rate);
        let info = SourceInfo {
            frames: Some(count),
            duration: clock.total(count),
            ..SourceInfo::new("array", Format::Array, width, height)
        };
        let black = ndarray::Array3::zeros((height, width, channels));
        Ok(Self { info, frames, black, clock, begun: 0 })
    }
}

impl FrameSource for ArraySource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        let more = self.begun < self.frames.len_of(Axis(0));
        self.begun += usize::from(more);
        Ok(more)
    }

    fn frame(&self) -> Frame<'_> {
        let (pixels, index) = match self.begun.checked_sub(1) {
            Some(index) => (self.frames.index_axis(Axis(0), index), index),
            None => (self.black.view(), 0),
        };
        Frame { pixels, time: self.clock.begin(index), duration: self.clock.duration(index) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn frames_come_in_order_and_in_time() {
        let frames = Array4::from_shape_fn((3, 2, 4, 3), |(t, y, x, c)| (t * 24 + y * 12 + x * 3 + c + 1) as u8);
        let mut source = ArraySource::new(frames.clone(), Some(4.0)).unwrap();
        assert_eq!((source.info().height, source.info().width, source.info().frames), (2, 4, Some(3)));
        assert_eq!((source.info().duration, source.info().fps()), (Some(Duration::from_millis(750)), Some(4.0)));
        assert!(source.frame().pixels.iter().all(|&value| value == 0), "black before the first call");
        for index in 0..3 {
            let frame = source.next_frame().unwrap().unwrap();
            assert_eq!(frame.pixels, frames.index_axis(Axis(0), index));
            assert_eq!(frame.time, Duration::from_millis(250 * index as u64));
            assert_eq!(frame.duration, Duration::from_millis(250));
        }
        assert!(!source.advance().unwrap() && !source.advance().unwrap());
        assert_eq!(source.frame().pixels, frames.index_axis(Axis(0), 2));
    }

    #[test]
    fn without_a_rate_nothing_is_timed() {
        let mut source = ArraySource::new(Array4::zeros((2, 1, 1, 3)), None).unwrap();
        assert_eq!((source.info().duration, source.info().fps()), (None, None));
        source.advance().unwrap();
        let second = source.next_frame().unwrap().unwrap();
        assert_eq!((second.time, second.duration), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn what_is_no_clip_is_refused() {
        for shape in [(0, 1, 1, 3), (1, 0, 1, 3), (1, 1, 0, 3), (1, 1, 1, 4), (1, 1, 1, 0)] {
            let refused = ArraySource::new(Array4::zeros(shape), None);
            assert!(matches!(refused, Err(MediaError::BadArray { .. })), "{shape:?}");
        }
        let refused = ArraySource::new(Array4::zeros((1, 1, 1, 3)), Some(0.0));
        assert!(matches!(refused, Err(MediaError::Rate { .. })));
    }
}
