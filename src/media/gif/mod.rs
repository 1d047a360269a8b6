//! GIF files, composed as `tf.io.decode_gif` composes them.
//!
//! Source: `tensorflow/core/lib/gif/gif_io.cc`. It differs from what viewers do: the canvas is the largest image's
//! width by the largest image's height (offsets and the logical screen play no part), every frame is drawn over the
//! one before, and disposal methods and the background colour are ignored.
//!
//! An image whose data are cut or damaged ends the clip there: TensorFlow has the whole images before it. Something
//! else that cannot be drawn, a colour outside the palette, fails the whole clip there and here.
//!
//! `scan` goes through the file once without decoding, because the canvas depends on all images; `images` then decodes
//! one at a time and `draw` puts it on the canvas. Both read by `blocks`, pixels are decoded by `lzw`.

mod blocks;
mod draw;
mod images;
mod lzw;
mod scan;
mod verdict;

use std::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::Array3;

use self::blocks::{End, Stop};
use self::images::Images;
use self::scan::Scan;
use super::{Format, Frame, FrameSource, MediaError, Moment, SourceInfo};

/// What to do with a file in which a frame is cut short or damaged.
///
/// Something behind the last whole frame that belongs to no frame is a warning either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncated {
    /// Refuse it: [`MediaError::Truncated`] and [`MediaError::Damaged`] say how many frames are whole.
    Refuse,
    /// Use the whole frames before the cut or the damage, as `tf.io.decode_gif` does.
    Keep,
}

/// The frames of a GIF as `tf.io.decode_gif` gives them.
///
/// It holds a canvas (3 bytes a pixel), the colour indices of an image (1 byte a pixel) and the delays (2 bytes a frame). The file is gone through twice: for its sizes when it is opened, then frame by frame.
pub struct GifSource {
    info: SourceInfo,
    truncated: Truncated,
    warning: Option<String>,
    images: Images,
    /// Of each whole image, in hundredths of a second.
    delays: Vec<u16>,
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
    /// [`MediaError`] when the file cannot be read, is no GIF, holds no frame, is cut short or has damaged blocks (with
    /// [`Truncated::Refuse`], or before its first frame is whole), or takes too large a canvas. What is wrong with
    /// pixels is told by [`advance`](FrameSource::advance).
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
        let warning = verdict::of_file(&scan, end, truncated, &path)?;
        let info = SourceInfo {
            frames: Some(scan.whole),
            duration: Some(scan.delays.iter().copied().map(delay).sum()).filter(|total: &Duration| !total.is_zero()),
            too_brief: scan.too_brief,
            ..SourceInfo::new(path, Format::Gif, scan.width, scan.height)
        };
        Ok(Self {
            info,
            truncated,
            warning,
            images: Images::new(Box::new(reader), scan.pixels),
            delays: scan.delays,
            canvas: Array3::zeros((scan.height, scan.width, 3)),
            whole: scan.whole,
            drawn: 0,
            time: Duration::ZERO,
            duration: Duration::ZERO,
        })
    }

    /// The next frame; `false` where the clip ends before it.
    fn draw_next(&mut self) -> Result<bool, MediaError> {
        let (path, drawn) = (&self.info.path, self.drawn);
        let image = match self.images.next() {
            Ok(image) => image,
            Err(Stop::Io(source)) => return Err(MediaError::Read { path: path.clone(), source }),
            Err(Stop::End(end)) => {
                self.warning = Some(verdict::of_frame(drawn, end, self.truncated, path)?);
                return Ok(false);
            }
        };
        let canvas = self.canvas.as_slice_mut().unwrap_or_default(); // zeros are always in one piece
        draw::draw(&image, canvas, self.info.width, self.info.height).map_err(|reason| MediaError::Damaged {
            path: path.clone(),
            frame: drawn,
            reason,
            usable: 0,
        })?;
        self.time += self.duration;
        self.duration = delay(image.header.delay);
        self.drawn += 1;
        Ok(true)
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
        let drawn = self.draw_next();
        if !matches!(drawn, Ok(true)) {
            self.whole = self.drawn;
        }
        drawn
    }

    fn frame(&self) -> Frame<'_> {
        Frame { pixels: self.canvas.view().into(), time: self.time, duration: self.duration }
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        let mut time = Duration::ZERO;
        let moment = |&hundredths: &u16| {
            let moment = Moment { time, duration: delay(hundredths) };
            time = moment.end();
            moment
        };
        Ok(Some(self.delays.iter().map(moment).collect()))
    }
}

/// What a delay in hundredths of a second is.
fn delay(hundredths: u16) -> Duration {
    Duration::from_millis(10 * u64::from(hundredths))
}

impl fmt::Debug for GifSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("GifSource");
        shown.field("info", &self.info).field("warning", &self.warning).field("drawn", &self.drawn);
        shown.finish_non_exhaustive()
    }
}

/// What the file holds, or why it is no GIF; leaves `reader` where it was.
///
/// Of a signature TensorFlow looks at four bytes.
fn scan_and_rewind(reader: &mut (impl Read + Seek)) -> io::Result<Result<(Scan, End), &'static str>> {
    let start = reader.stream_position()?;
    let mut signature = Vec::with_capacity(6);
    reader.by_ref().take(6).read_to_end(&mut signature)?;
    let mut scan_first = |decoded| {
        reader.seek(SeekFrom::Start(start))?;
        scan::scan(BufReader::new(&mut *reader), decoded)
    };
    let found = match signature[..] {
        [b'G', b'I', b'F', b'8', _, _] => {
            let (scan, end) = scan_first(0)?;
            match scan.canvas_depends_on() {
                0 => Ok((scan, end)),
                images => Ok(scan_first(images)?),
            }
        }
        [] => Err("the file is empty"),
        _ => Err("it does not begin with GIF87a or GIF89a"),
    };
    reader.seek(SeekFrom::Start(start))?;
    Ok(found)
}
