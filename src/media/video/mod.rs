//! Video files, decoded by ffmpeg as a program beside us.
//!
//! Frames are those of `mediapy.read_video` byte for byte, given the same ffmpeg: the first video stream, turned as its file
//! says, converted to RGB by ffmpeg's defaults; a stream that is a cover picture is passed over. Presentation times are the
//! stream's own. What a file's header claims of its length is not believed: its frames are read to the end.
//!
//! `command` says what is asked of ffmpeg; `decoding` runs it, in threads that read its frames and, by `listener` and `lines`,
//! what it says of them; `times` puts both together, and `verdict` judges how it ended.

mod child;
mod command;
mod decoding;
mod description;
mod lines;
mod listener;
mod times;
mod verdict;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::Array3;

pub use child::end_decoders;
pub use command::Decoder;

use self::command::{Threads, Wanted};
use self::decoding::{Decoding, bytes};
use self::lines::Shape;
use self::times::Times;
use super::kind::begins_like_a_container;
use super::{Format, Frame, FrameSource, MediaError, Moment, SourceInfo};

/// A frame may take so many bytes: one of 16384 x 16384 pixels.
const LARGEST: u64 = 3 << 28;

/// The frames of a video file.
///
/// It holds a few frames, decoded ahead in a thread of its own, and nothing that grows with their number. The ffmpeg that
/// decodes ends with it.
#[derive(Debug)]
pub struct VideoSource {
    info: SourceInfo,
    file: PathBuf,
    decoder: Decoder,
    decoding: Decoding,
    threads: Threads,
    times: Times,
    pixels: Array3<u8>,
    moment: Moment,
    given: usize,
    /// Pixels that are not square.
    odd_pixels: Option<String>,
    warning: Option<String>,
    ended: bool,
}

impl VideoSource {
    /// Starts decoding `file`; `name` is what reports call it.
    ///
    /// # Errors
    /// [`MediaError`] when the program cannot be started, or nothing comes out of the file.
    pub fn open(file: impl AsRef<Path>, name: impl Into<PathBuf>, decoder: &Decoder) -> Result<Self, MediaError> {
        let (file, name) = (file.as_ref(), name.into());
        let path = name.as_path();
        let mut decoding = start(decoder, file, path, Wanted::Frames, Threads::Any)?;
        let shape = decoding.hearsay.lock().shape;
        let Some((shape, bytes)) = shape.and_then(|shape| Some((shape, bytes(shape.width, shape.height)?))) else {
            return Err(no_frame(&mut decoding, file, path, decoder));
        };
        let (bytes, Shape { width, height, pixel_aspect }) = (bytes as u64, shape);
        if bytes > LARGEST {
            return Err(MediaError::TooLarge { path: path.to_owned(), bytes, limit: LARGEST });
        }
        let threads = Threads::suited(width, height);
        if threads != Threads::Any {
            drop(decoding);
            decoding = start(decoder, file, path, Wanted::Frames, threads)?;
        }
        let mut info = SourceInfo::new(path, Format::Video, width, height);
        let said = decoding.hearsay.lock();
        if let Some(stream) = said.description.stream() {
            info.codec = Some(stream.codec.clone());
            info.pixel_format = Some(stream.pixel_format.clone()).filter(|format| !format.is_empty());
            info.rotation = Some(stream.rotation);
        }
        let odd_pixels = pixel_aspect.filter(|aspect| (aspect - 1.0).abs() > 1e-6).map(|aspect| {
            format!(
                "'{}' has pixels that are {aspect:.3} times as wide as high; they are taken as square, as the reference does",
                path.display()
            )
        });
        drop(said);
        Ok(Self {
            info,
            file: file.to_owned(),
            decoder: decoder.clone(),
            decoding,
            threads,
            times: Times::default(),
            pixels: Array3::zeros((height, width, 3)),
            moment: Moment::default(),
            given: 0,
            warning: odd_pixels.clone(),
            odd_pixels,
            ended: false,
        })
    }

    fn stalled(&mut self) -> MediaError {
        self.ended = true;
        stalled(&self.info.path, self.given, &self.decoder)
    }

    /// The next frame's time.
    fn moment(&mut self) -> Result<Moment, MediaError> {
        loop {
            if let Some(moment) = self.times.next() {
                return Ok(moment);
            }
            match self.decoding.event() {
                Ok(Some(event)) => self.times.take(event),
                Ok(None) if self.times.has_ended() => {
                    let (path, frame) = (self.info.path.clone(), self.given);
                    let reason = "ffmpeg didn't say when it is shown".into();
                    return Err(MediaError::Damaged { path, frame, reason, usable: 0 });
                }
                Ok(None) => self.times.end(),
                Err(_) => return Err(self.stalled()),
            }
        }
    }

    /// The file's end: what is to be said of it.
    fn end(&mut self) -> Result<(), MediaError> {
        self.ended = true;
        let Some(ended) = self.decoding.end() else { return Ok(()) };
        if ended.given_up {
            return Err(self.stalled());
        }
        let reached = self.moment.time.saturating_add(self.moment.duration);
        let warning = verdict::verdict(&self.info.path, &self.decoding.hearsay.lock(), &ended, self.given, reached)?;
        self.warning = match (warning, self.odd_pixels.take()) {
            (Some(warning), Some(odd)) => Some(format!("{warning}; {odd}")),
            (warning, odd) => warning.or(odd),
        };
        Ok(())
    }
}

impl FrameSource for VideoSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        if self.ended {
            return Ok(false);
        }
        let Ok(next) = self.decoding.next() else { return Err(self.stalled()) };
        let Some(frame) = next else { return self.end().map(|()| false) };
        let moment = self.moment().inspect_err(|_| self.ended = true)?;
        let Ok(pixels) = Array3::from_shape_vec(self.pixels.raw_dim(), frame) else { return Ok(false) }; // as many as asked
        let before = std::mem::replace(&mut self.pixels, pixels);
        self.decoding.reuse(before.into_raw_vec_and_offset().0);
        self.moment = moment;
        self.given += 1;
        Ok(true)
    }

    fn frame(&self) -> Frame<'_> {
        Frame { pixels: self.pixels.view().into(), time: self.moment.time, duration: self.moment.duration }
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Decodes the file a second time, without its pixels.
    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        let path = &self.info.path;
        let mut decoding = start(&self.decoder, &self.file, path, Wanted::Times, self.threads)?;
        let (mut times, mut moments) = (Times::default(), Vec::new());
        loop {
            match decoding.event() {
                Ok(Some(event)) => times.take(event),
                Ok(None) => break,
                Err(_) => return Err(stalled(path, moments.len(), &self.decoder)),
            }
            moments.extend(std::iter::from_fn(|| times.next()));
        }
        times.end();
        moments.extend(std::iter::from_fn(|| times.next()));
        Ok(Some(moments))
    }
}

/// Starts decoding `file`, which is called `path`.
fn start(
    decoder: &Decoder,
    file: &Path,
    path: &Path,
    wanted: Wanted,
    threads: Threads,
) -> Result<Decoding, MediaError> {
    let cannot = |source| MediaError::Decoder { program: decoder.program.clone(), source };
    match Decoding::start(decoder, file, wanted, threads).map_err(cannot)? {
        Ok(decoding) => Ok(decoding),
        Err(_) => Err(stalled(path, 0, decoder)),
    }
}

fn stalled(path: &Path, frames: usize, decoder: &Decoder) -> MediaError {
    MediaError::Stalled { path: path.to_owned(), frames, seconds: decoder.patience.as_secs_f64() }
}

/// Why `decoding` of `file`, which is called `path`, ended before it had any.
fn no_frame(decoding: &mut Decoding, file: &Path, path: &Path, decoder: &Decoder) -> MediaError {
    let nothing = || MediaError::NoFrames { path: path.to_owned() };
    let Some(ended) = decoding.end() else { return nothing() };
    if ended.given_up {
        return stalled(path, 0, decoder);
    }
    match verdict::verdict(path, &decoding.hearsay.lock(), &ended, 0, Duration::ZERO) {
        // ffmpeg believes a name where the content says nothing.
        Err(MediaError::CutShort { .. }) if !begins_like_a_container(file) => {
            MediaError::NotVideo { path: path.to_owned(), reason: verdict::NO_FORMAT.into() }
        }
        judged => judged.err().unwrap_or_else(nothing),
    }
}
