//! What every source of frames is: frames one after the other, one of them held at a time.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{MediaError, Pixels};

/// Frames one after the other, each with its presentation time. A source may be long or never end, so it holds one
/// frame.
pub trait FrameSource: Send {
    /// What is known before the first frame.
    fn info(&self) -> &SourceInfo;

    /// Goes on to the next frame; `false` at the end, and from then on.
    ///
    /// # Errors
    /// [`MediaError`] when the next frame cannot be had. Afterwards the source fails again or is at its end.
    fn advance(&mut self) -> Result<bool, MediaError>;

    /// The frame that [`advance`](Self::advance) went to last; after the end still the last one, before the first call
    /// a black one. After an error, the pixels may be those of a frame half drawn.
    fn frame(&self) -> Frame<'_>;

    /// What a careful user wants to know of the source although it can be used (it was cut short, say). It may change
    /// until the end.
    fn warning(&self) -> Option<&str> {
        None
    }

    /// When each frame will be shown, from the first one on, without going on to any; `None` where that cannot be told.
    /// It may take as long as reading all frames.
    ///
    /// # Errors
    /// [`MediaError`] when the source cannot be read.
    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        Ok(None)
    }

    /// [`advance`](Self::advance) and [`frame`](Self::frame) in one: the next frame, `None` at the end.
    ///
    /// # Errors
    /// Those of [`advance`](Self::advance).
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, MediaError> {
        Ok(if self.advance()? { Some(Self::frame(self)) } else { None })
    }
}

macro_rules! delegate {
    ($($pointer:ty),*) => { $(
        impl<S: FrameSource + ?Sized> FrameSource for $pointer {
            fn info(&self) -> &SourceInfo {
                (**self).info()
            }

            fn advance(&mut self) -> Result<bool, MediaError> {
                (**self).advance()
            }

            fn frame(&self) -> Frame<'_> {
                (**self).frame()
            }

            fn warning(&self) -> Option<&str> {
                (**self).warning()
            }

            fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
                (**self).moments()
            }
        }
    )* };
}

delegate!(&mut S, Box<S>);

/// A frame and when it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// With the height and width of [`SourceInfo`].
    pub pixels: Pixels<'a>,
    /// When it is shown, since the beginning.
    pub time: Duration,
    /// How long; zero where the source doesn't say.
    pub duration: Duration,
}

impl Frame<'_> {
    /// When it is shown, and how long.
    pub fn moment(&self) -> Moment {
        Moment { time: self.time, duration: self.duration }
    }
}

/// When a frame is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Since the beginning.
    pub time: Duration,
    /// How long; zero where the source doesn't say.
    pub duration: Duration,
}

impl Moment {
    /// When the frame goes.
    pub fn end(self) -> Duration {
        self.time.saturating_add(self.duration)
    }
}

/// What is known of a source before its first frame.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// The file, or what stands for one in reports.
    pub path: PathBuf,
    /// What the frames come from.
    pub format: Format,
    /// Width of every frame in pixels.
    pub width: usize,
    /// Height of every frame in pixels.
    pub height: usize,
    /// Number of frames, where known; it may turn out smaller where a file is damaged.
    pub frames: Option<usize>,
    /// How long all frames together are shown, where known and not zero.
    pub duration: Option<Duration>,
    /// When its first frame is shown, where that is not the first one that is read from it.
    pub origin: Option<Duration>,
    /// How many frames say that they are shown so briefly that viewers don't do it (they take 100 ms instead): what such
    /// a clip says of its rate is hardly meant.
    pub too_brief: usize,
    /// What a video is encoded by, as ffmpeg calls it: `h264`.
    pub codec: Option<String>,
    /// How its pixels are kept, as ffmpeg calls it: `yuv420p`.
    pub pixel_format: Option<String>,
    /// By how many degrees its frames were turned clockwise, as the file says, to be what they are here.
    pub rotation: Option<u16>,
}

impl SourceInfo {
    /// A source of which neither the number of frames nor the duration is known.
    pub fn new(path: impl Into<PathBuf>, format: Format, width: usize, height: usize) -> Self {
        Self {
            path: path.into(),
            format,
            width,
            height,
            frames: None,
            duration: None,
            origin: None,
            too_brief: 0,
            codec: None,
            pixel_format: None,
            rotation: None,
        }
    }

    /// Whether it is known that nothing says when its frames are shown.
    pub fn is_untimed(&self) -> bool {
        self.frames.is_some() && self.duration.is_none()
    }

    /// Frames a second over the whole clip; `None` where the frames or their duration are not known.
    pub fn fps(&self) -> Option<f64> {
        Some(self.frames? as f64 / self.duration?.as_secs_f64())
    }
}

/// What frames come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A GIF file: [`GifSource`](super::GifSource).
    Gif,
    /// A video file: [`VideoSource`](super::VideoSource).
    Video,
    /// A folder of pictures: [`PicturesSource`](super::PicturesSource).
    Pictures,
    /// An array in memory: [`ArraySource`](super::ArraySource).
    Array,
    /// Drawn by the program: [`MadeSource`](super::MadeSource).
    Made,
    /// A source of the caller's own, by its name.
    Other(&'static str),
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Gif => "gif",
            Self::Video => "video",
            Self::Pictures => "pictures",
            Self::Array => "array",
            Self::Made => "made",
            Self::Other(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::MadeSource;
    use super::*;

    #[test]
    fn frames_a_second_need_frames_and_a_duration() {
        let mut info = SourceInfo::new("clip", Format::Array, 4, 3);
        assert_eq!(info.fps(), None);
        info.frames = Some(13);
        assert_eq!(info.fps(), None);
        info.duration = Some(Duration::from_millis(1300));
        assert_eq!(info.fps(), Some(10.0));
    }

    #[test]
    fn borrowed_and_boxed_sources_are_the_source() {
        let mut made = MadeSource::new(3, 2, 2, 10.0);
        fn begin(mut source: impl FrameSource) -> bool {
            source.next_frame().unwrap().is_some()
        }
        assert!(begin(&mut made));
        let mut boxed: Box<dyn FrameSource> = Box::new(made);
        assert_eq!(boxed.next_frame().unwrap().unwrap().time, Duration::from_millis(100));
        assert_eq!((boxed.info().frames, boxed.warning()), (Some(3), None));
        assert!(boxed.advance().unwrap() && !boxed.advance().unwrap() && !boxed.advance().unwrap());
        assert_eq!(boxed.frame().time, Duration::from_millis(200), "after the end still the last one");
    }

    #[test]
    fn formats_have_short_names() {
        assert_eq!([Format::Gif, Format::Array, Format::Made].map(|f| f.to_string()), ["gif", "array", "made"]);
    }
}
