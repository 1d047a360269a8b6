//! GIF files, composed as `tf.io.decode_gif` composes them.
//!
//! Source: `tensorflow/core/lib/gif/gif_io.cc`. It differs from what viewers do: the canvas is the largest image's
//! width by the largest image's height (offsets and the logical screen play no part), every frame is drawn over the
//! one before, and disposal methods and the background colour are ignored.
//!
//! `scan` goes through the file once without decoding, because the canvas depends on all images; `images` then decodes
//! one at a time and `draw` puts it on the canvas.

mod draw;
mod images;
mod scan;

use std::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::Array3;

use self::images::{Images, Stop};
use self::scan::{End, Scan};
use super::{Format, Frame, FrameSource, MediaError, SourceInfo};

/// A canvas may take this much memory; a bomb ends here.
const LARGEST: u64 = 8 << 30;

/// What to do with a file that ends in the middle of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncated {
    /// Refuse it: [`MediaError::Truncated`] says how many frames are whole.
    Refuse,
    /// Use the frames before the cut, as `tf.io.decode_gif` does.
    Keep,
}

/// The frames of a GIF as `tf.io.decode_gif` gives them.
///
/// It holds a canvas (3 bytes a pixel), the colour indices of an image (1 byte a pixel) and nothing that grows with the
/// number of frames. The file is gone through twice: for its sizes when it is opened, then frame by frame.
pub struct GifSource {
    info: SourceInfo,
    truncated: Truncated,
    warning: Option<String>,
    images: Images,
    canvas: Array3<u8>,
    /// Whole images from the beginning; after an error, those that were drawn.
    whole: usize,
    drawn: usize,
    time: Duration,
    duration: Duration,
}

impl GifSource {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`MediaError`] when the file cannot be read, is no GIF, holds no frame, is cut short (with
    /// [`Truncated::Refuse`], or before its first frame is whole), has damaged blocks or too large a canvas. What is
    /// wrong with pixels is told by [`advance`](FrameSource::advance).
    pub fn open(path: impl AsRef<Path>, truncated: Truncated) -> Result<Self, MediaError> {
        let path = path.as_ref();
        let file = fs_err::File::open(path).map_err(|source| MediaError::Read { path: path.to_owned(), source })?;
        Self::new(file, path, truncated)
    }

    /// Reads from where `reader` stands; `path` is what reports call it.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn new(
        mut reader: impl Read + Seek + Send + 'static,
        path: impl Into<PathBuf>,
        truncated: Truncated,
    ) -> Result<Self, MediaError> {
        let path = path.into();
        let found = match scan_and_rewind(&mut reader) {
            Ok(found) => found,
            Err(source) => return Err(MediaError::Read { path, source }),
        };
        let (scan, end) = match found {
            Ok(found) => found,
            Err(reason) => return Err(MediaError::NotAGif { path, reason: reason.to_owned() }),
        };
        let warning = match verdict(&scan, end, truncated) {
            Ok(warning) => warning,
            Err(fault) => return Err(fault(path)),
        };
        let (width, height) = (usize::from(scan.width), usize::from(scan.height));
        let info = SourceInfo {
            frames: Some(scan.whole),
            duration: Some(Duration::from_millis(10 * scan.hundredths)).filter(|duration| !duration.is_zero()),
            ..SourceInfo::new(path, Format::Gif, width, height)
        };
        Ok(Self {
            info,
            truncated,
            warning,
            images: Images::new(Box::new(reader), scan.pixels),
            canvas: Array3::zeros((height, width, 3)),
            whole: scan.whole,
            drawn: 0,
            time: Duration::ZERO,
            duration: Duration::ZERO,
        })
    }

    fn draw_next(&mut self) -> Result<(), Stop> {
        let image = self.images.next()?;
        let canvas = self.canvas.as_slice_mut().unwrap_or_default(); // zeros are always in one piece
        draw::draw(&image, canvas, self.info.width, self.info.height).map_err(Stop::Damaged)?;
        self.time += self.duration;
        self.duration = Duration::from_millis(10 * u64::from(image.delay));
        self.drawn += 1;
        Ok(())
    }

    /// What it means that there is no next frame.
    fn end(&mut self, stop: Stop) -> Result<bool, MediaError> {
        let (path, drawn) = (self.info.path.clone(), self.drawn);
        self.whole = drawn;
        match stop {
            Stop::Early if self.truncated == Truncated::Keep && drawn > 0 => {
                self.warning = Some(format!("frame {drawn} ends early; the {drawn} whole frames before it are used"));
                Ok(false)
            }
            Stop::Early => Err(MediaError::Truncated { path, whole: drawn }),
            Stop::Damaged(reason) => Err(MediaError::Damaged { path, frame: drawn, reason }),
            Stop::Io(source) => Err(MediaError::Read { path, source }),
        }
    }
}

impl FrameSource for GifSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        if self.drawn == self.whole {
            return Ok(false);
        }
        match self.draw_next() {
            Ok(()) => Ok(true),
            Err(stop) => self.end(stop),
        }
    }

    fn frame(&self) -> Frame<'_> {
        Frame { pixels: self.canvas.view(), time: self.time, duration: self.duration }
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

impl fmt::Debug for GifSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("GifSource");
        shown.field("info", &self.info).field("warning", &self.warning).field("drawn", &self.drawn);
        shown.finish_non_exhaustive()
    }
}

/// What the file holds, or why it is no GIF; leaves `reader` where it was.
fn scan_and_rewind(reader: &mut (impl Read + Seek)) -> io::Result<Result<(Scan, End), &'static str>> {
    let start = reader.stream_position()?;
    let mut buffered = BufReader::new(&mut *reader);
    let mut signature = Vec::with_capacity(6);
    buffered.by_ref().take(6).read_to_end(&mut signature)?;
    let found = match &signature[..] {
        b"GIF87a" | b"GIF89a" => Ok(scan::scan(&mut buffered)?),
        [] => Err("the file is empty"),
        _ => Err("it does not begin with GIF87a or GIF89a"),
    };
    reader.seek(SeekFrom::Start(start))?;
    Ok(found)
}

/// The warning that goes with the file, or what is wrong with it.
fn verdict(
    scan: &Scan,
    end: End,
    truncated: Truncated,
) -> Result<Option<String>, Box<dyn FnOnce(PathBuf) -> MediaError>> {
    let whole = scan.whole;
    let warning = match end {
        End::Damaged(reason) => {
            return Err(Box::new(move |path| MediaError::Damaged { path, frame: whole, reason: reason.to_owned() }));
        }
        _ if !scan.begun => return Err(Box::new(|path| MediaError::NoFrames { path })),
        End::Trailer => None,
        End::NoTrailer => Some("the file lacks its last byte (the GIF trailer); all its frames are whole".to_owned()),
        End::Cut if whole > 0 && truncated == Truncated::Keep => {
            Some(format!("the file is cut short; the {whole} whole frames before the cut are used"))
        }
        End::Cut => return Err(Box::new(move |path| MediaError::Truncated { path, whole })),
    };
    let bytes = u64::from(scan.width) * u64::from(scan.height) * 3;
    if bytes > LARGEST {
        return Err(Box::new(move |path| MediaError::TooLarge { path, bytes, limit: LARGEST }));
    }
    Ok(warning)
}
