//! GIF files, composed as `tf.io.decode_gif` composes them.
//!
//! Source: `tensorflow/core/lib/gif/gif_io.cc`. It differs from what viewers do: the canvas is the largest image's
//! width by the largest image's height (offsets and the logical screen play no part), every frame is drawn over the
//! one before, and disposal methods and the background colour are ignored.

use std::path::Path;
use std::time::Duration;

use ::gif::{ColorOutput, DecodeOptions, DecodingError, Frame, MemoryLimit};
use ndarray::Array4;

use super::{ClipError, Truncated, controls};

/// Decoded frames may take this much memory; a bomb ends here.
const LARGEST: u64 = 8 << 30;
const TRAILER: u8 = 0x3B;

/// The frames of a GIF.
pub(super) struct Decoded {
    /// RGB, `(frames, height, width, 3)`.
    pub frames: Array4<u8>,
    /// How long each frame is shown.
    pub delays: Vec<Duration>,
    /// Said of a file that ends early but was used.
    pub warning: Option<String>,
}

/// What is wrong with the bytes; the path is added where it is known.
pub(super) enum Fault {
    NotAGif(String),
    NoFrames,
    Truncated { whole: usize },
    Damaged { frame: usize, reason: String },
    TooLarge { bytes: u64 },
}

impl Fault {
    pub fn at(self, path: &Path) -> ClipError {
        let path = path.to_owned();
        match self {
            Self::NotAGif(reason) => ClipError::NotAGif { path, reason },
            Self::NoFrames => ClipError::NoFrames { path },
            Self::Truncated { whole } => ClipError::Truncated { path, whole },
            Self::Damaged { frame, reason } => ClipError::Damaged { path, frame, reason },
            Self::TooLarge { bytes } => ClipError::TooLarge { path, bytes, limit: LARGEST },
        }
    }
}

/// Decodes a whole file.
pub(super) fn decode(bytes: &[u8], truncated: Truncated) -> Result<Decoded, Fault> {
    if bytes.is_empty() {
        return Err(Fault::NotAGif("the file is empty".into()));
    }
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return Err(Fault::NotAGif("it does not begin with GIF87a or GIF89a".into()));
    }
    let mut images = read_images(bytes);
    let controls = controls::transparent_indices(bytes);
    if controls.is_empty() {
        return Err(Fault::NoFrames); // not even the beginning of one
    }
    for (image, transparent) in images.list.iter_mut().zip(controls) {
        image.transparent = transparent;
    }
    let whole = images.list.len();
    let warning = match images.end {
        End::Trailer => None,
        End::Early if whole > 0 && only_trailer_missing(bytes, whole) => {
            Some("the file lacks its last byte (the GIF trailer); all its frames are whole".into())
        }
        End::Early if whole > 0 && truncated == Truncated::Keep => {
            Some(format!("the file is cut short; the {whole} whole frames before the cut are used"))
        }
        End::Early => return Err(Fault::Truncated { whole }),
        End::Damaged(reason) => return Err(Fault::Damaged { frame: whole, reason }),
    };
    let frames = compose(&images)?;
    let delays = images.list.iter().map(|image| Duration::from_millis(10 * u64::from(image.delay))).collect();
    Ok(Decoded { frames, delays, warning })
}

enum End {
    Trailer,
    Early,
    Damaged(String),
}

struct Images {
    list: Vec<Frame<'static>>,
    global_palette: Option<Vec<u8>>,
    end: End,
}

fn read_images(bytes: &[u8]) -> Images {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Unlimited); // a frame has at most 65,535 x 65,535 indices; see LARGEST
    let mut images = Images { list: Vec::new(), global_palette: None, end: End::Trailer };
    let mut decoder = match options.read_info(bytes) {
        Ok(decoder) => decoder,
        Err(error) => return Images { end: ending(error), ..images },
    };
    images.global_palette = decoder.global_palette().map(<[u8]>::to_vec);
    let mut size = 0u64;
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) if frame.width == 0 || frame.height == 0 => {
                images.end = End::Damaged("it has no pixels".into());
                return images;
            }
            Ok(Some(frame)) => size += u64::from(frame.width) * u64::from(frame.height),
            Ok(None) => return images,
            Err(error) => {
                images.end = ending(error);
                return images;
            }
        }
        if size > LARGEST {
            images.end = End::Damaged(format!("the frames so far claim {size} pixels"));
            return images;
        }
        let mut indices = vec![0; decoder.buffer_size()];
        if let Err(error) = decoder.read_into_buffer(&mut indices) {
            images.end = ending(error);
            return images;
        }
        let mut frame = decoder.current_frame_info().cloned().unwrap_or_default(); // there is one: it was just read
        frame.buffer = indices.into();
        images.list.push(frame);
    }
}

fn ending(error: DecodingError) -> End {
    match error {
        DecodingError::UnexpectedEof => End::Early,
        DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => End::Early,
        other => End::Damaged(other.to_string()),
    }
}

fn only_trailer_missing(bytes: &[u8], whole: usize) -> bool {
    let completed = read_images(&[bytes, &[TRAILER]].concat());
    matches!(completed.end, End::Trailer) && completed.list.len() == whole
}

fn compose(images: &Images) -> Result<Array4<u8>, Fault> {
    let width = images.list.iter().map(|image| usize::from(image.width)).max().unwrap_or(0);
    let height = images.list.iter().map(|image| usize::from(image.height)).max().unwrap_or(0);
    let bytes = images.list.len() as u64 * width as u64 * height as u64 * 3;
    if bytes > LARGEST {
        return Err(Fault::TooLarge { bytes });
    }
    let canvas_len = width * height * 3;
    let mut pixels = vec![0u8; images.list.len() * canvas_len];
    for (index, image) in images.list.iter().enumerate() {
        let (before, rest) = pixels.split_at_mut(index * canvas_len);
        let canvas = &mut rest[..canvas_len];
        if index > 0 {
            canvas.copy_from_slice(&before[(index - 1) * canvas_len..]);
        }
        let damaged = |reason: String| Fault::Damaged { frame: index, reason };
        let palette = image.palette.as_deref().or(images.global_palette.as_deref());
        let palette = palette.ok_or_else(|| damaged("it has no palette".into()))?;
        draw(image, palette, canvas, width, height).map_err(damaged)?;
    }
    Array4::from_shape_vec((images.list.len(), height, width, 3), pixels)
        .map_err(|error| Fault::Damaged { frame: 0, reason: error.to_string() })
}

/// Draws `image` at its offset, cut off at the canvas; transparent pixels leave what is beneath.
fn draw(image: &Frame, palette: &[u8], canvas: &mut [u8], width: usize, height: usize) -> Result<(), String> {
    let (left, top) = (usize::from(image.left), usize::from(image.top));
    let visible_width = usize::from(image.width).min(width.saturating_sub(left));
    let visible_height = usize::from(image.height).min(height.saturating_sub(top));
    for (row, indices) in image.buffer.chunks_exact(usize::from(image.width)).take(visible_height).enumerate() {
        let start = ((top + row) * width + left) * 3;
        for (column, &index) in indices[..visible_width].iter().enumerate() {
            if image.transparent == Some(index) {
                continue;
            }
            let color = palette.get(usize::from(index) * 3..usize::from(index) * 3 + 3).ok_or_else(|| {
                format!("colour index {index} is outside its palette of {} colours", palette.len() / 3)
            })?;
            canvas[start + column * 3..start + column * 3 + 3].copy_from_slice(color);
        }
    }
    Ok(())
}
