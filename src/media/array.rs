//! Frames that are in memory already.

use std::path::PathBuf;

use ndarray::{Array3, Array4, Axis};

use super::clock::Clock;
use super::{Format, Frame, FrameRate, FrameSource, MediaError, Moment, Pixels, SourceInfo};

/// Frames from an array.
#[derive(Debug)]
pub struct ArraySource {
    info: SourceInfo,
    frames: Frames,
    black: Array3<u8>,
    clock: Clock,
    /// Frames that were gone to.
    begun: usize,
}

#[derive(Debug)]
enum Frames {
    Bytes(Array4<u8>),
    Unit(Array4<f32>),
}

impl Frames {
    fn at(&self, index: usize) -> Pixels<'_> {
        match self {
            Self::Bytes(frames) => frames.index_axis(Axis(0), index).into(),
            Self::Unit(frames) => frames.index_axis(Axis(0), index).into(),
        }
    }
}

impl ArraySource {
    /// RGB `frames`, `(frames, height, width, 3)`, shown `fps` a second; without it, nothing times them.
    ///
    /// # Errors
    /// [`MediaError::BadArray`] where a size is 0 or the channels are not three, [`MediaError::Rate`] where `fps` is
    /// no frame rate.
    pub fn new(frames: Array4<u8>, fps: Option<f64>) -> Result<Self, MediaError> {
        Self::of(frames.dim(), Frames::Bytes(frames), fps)
    }

    /// As [`ArraySource::new`], of values from 0 to 1: what a model sees, if the frames are of its size.
    ///
    /// # Errors
    /// Those of [`ArraySource::new`]; [`MediaError::BadArray`] for values beyond 0 and 1.
    pub fn unit(frames: Array4<f32>, fps: Option<f64>) -> Result<Self, MediaError> {
        if let Some(value) = frames.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            let reason =
                format!("it has {value}, and float32 frames go from 0 to 1: divide by 255, or save them as uint8");
            return Err(MediaError::BadArray { reason });
        }
        Self::of(frames.dim(), Frames::Unit(frames), fps)
    }

    fn of(dim: (usize, usize, usize, usize), frames: Frames, fps: Option<f64>) -> Result<Self, MediaError> {
        let (count, height, width, channels) = dim;
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
        let black = Array3::zeros((height, width, channels));
        Ok(Self { info, frames, black, clock, begun: 0 })
    }

    /// The same, called `name` in reports.
    #[must_use]
    pub fn named(mut self, name: impl Into<PathBuf>) -> Self {
        self.info.path = name.into();
        self
    }

    fn count(&self) -> usize {
        self.info.frames.unwrap_or_default()
    }
}

impl FrameSource for ArraySource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        let more = self.begun < self.count();
        self.begun += usize::from(more);
        Ok(more)
    }

    fn frame(&self) -> Frame<'_> {
        let (pixels, index) = match self.begun.checked_sub(1) {
            Some(index) => (self.frames.at(index), index),
            None => (self.black.view().into(), 0),
        };
        Frame { pixels, time: self.clock.begin(index), duration: self.clock.duration(index) }
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        Ok(Some(self.clock.moments(self.count())))
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
        assert!(source.frame().pixels.bytes().iter().all(|&value| value == 0), "black before the first call");
        for index in 0..3 {
            let frame = source.next_frame().unwrap().unwrap();
            assert_eq!(frame.pixels, frames.index_axis(Axis(0), index).into());
            assert_eq!(frame.time, Duration::from_millis(250 * index as u64));
            assert_eq!(frame.duration, Duration::from_millis(250));
        }
        assert!(!source.advance().unwrap() && !source.advance().unwrap());
        assert_eq!(source.frame().pixels, frames.index_axis(Axis(0), 2).into());
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
