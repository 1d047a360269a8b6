//! The images of a GIF one after the other, their pixels still indices, in one buffer.

use std::io::{self, BufRead, BufReader, Read};

use ::gif::streaming_decoder::{Block, Decoded, OutputBuffer, StreamingDecoder};
use ::gif::{AnyExtension, DecodingError, Extension};

/// Why there is no next image.
pub(super) enum Stop {
    /// The file, or the image's data, end before the image does.
    Early,
    Damaged(String),
    Io(io::Error),
}

/// An image.
pub(super) struct Image<'a> {
    pub left: usize,
    pub top: usize,
    /// Never zero, like the height.
    pub width: usize,
    pub height: usize,
    pub interlaced: bool,
    /// In hundredths of a second.
    pub delay: u16,
    pub transparent: Option<u8>,
    /// RGB after RGB.
    pub palette: &'a [u8],
    /// `width * height` colour indices, the rows in the file's order.
    pub indices: &'a [u8],
}

/// Reads image after image.
pub(super) struct Images {
    reader: BufReader<Box<dyn Read + Send>>,
    decoder: StreamingDecoder,
    global_palette: Box<[u8]>,
    local_palette: Vec<u8>,
    indices: Vec<u8>,
}

impl Images {
    /// From the beginning of a file whose largest image has `pixels` pixels.
    pub fn new(reader: Box<dyn Read + Send>, pixels: usize) -> Self {
        Self {
            reader: BufReader::new(reader),
            decoder: StreamingDecoder::new(),
            global_palette: Box::default(),
            local_palette: Vec::new(),
            indices: vec![0; pixels],
        }
    }

    /// The next image.
    pub fn next(&mut self) -> Result<Image<'_>, Stop> {
        let transparent = self.go_to_pixels()?;
        let frame = self.decoder.current_frame();
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        let (interlaced, delay) = (frame.interlaced, frame.delay);
        let local = frame.palette.as_deref();
        self.local_palette.clear();
        self.local_palette.extend_from_slice(local.unwrap_or_default());
        let is_local = local.is_some();
        let pixels = width * height;
        if pixels == 0 || pixels > self.indices.len() {
            return Err(Stop::Damaged("the file changed while it was read".into()));
        }
        self.read_pixels(pixels)?;
        let palette = if is_local { &self.local_palette[..] } else { &self.global_palette[..] };
        let indices = &self.indices[..pixels];
        Ok(Image { left, top, width, height, interlaced, delay, transparent, palette, indices })
    }

    /// Goes on to where an image's pixels begin, and gives its transparent index.
    ///
    /// The format allows one graphic control an image. Where there are several, TensorFlow's decoder (giflib) goes by
    /// the first; the `gif` crate goes by the last, which leaves it only the delay.
    fn go_to_pixels(&mut self) -> Result<Option<u8>, Stop> {
        const CONTROL: AnyExtension = AnyExtension(Extension::Control as u8);
        let mut control = None;
        loop {
            match event(&mut self.reader, &mut self.decoder, &mut OutputBuffer::None)? {
                Decoded::GlobalPalette(palette) => self.global_palette = palette,
                Decoded::SubBlock { ext: CONTROL, .. } if control.is_none() => {
                    control = Some(match *self.decoder.last_ext_sub_block() {
                        [flags, _, _, transparent] => (flags & 1 != 0).then_some(transparent),
                        _ => None,
                    });
                }
                Decoded::FrameMetadata(_) => return Ok(control.flatten()),
                Decoded::BlockStart(Block::Trailer) => return Err(Stop::Early),
                _ => {}
            }
        }
    }

    fn read_pixels(&mut self, pixels: usize) -> Result<(), Stop> {
        let mut rest = &mut self.indices[..pixels];
        while !rest.is_empty() {
            match event(&mut self.reader, &mut self.decoder, &mut OutputBuffer::Slice(rest))? {
                Decoded::BytesDecoded(count) => rest = rest.split_at_mut(count.get()).1,
                _ => return Err(Stop::Early), // the data's end: nothing else comes among pixels
            }
        }
        Ok(())
    }
}

fn event(
    reader: &mut impl BufRead,
    decoder: &mut StreamingDecoder,
    output: &mut OutputBuffer<'_>,
) -> Result<Decoded, Stop> {
    loop {
        let bytes = match reader.fill_buf() {
            Ok([]) => return Err(Stop::Early),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stop::Io(error)),
        };
        let (consumed, decoded) = decoder.update(bytes, output).map_err(|error| match error {
            DecodingError::UnexpectedEof => Stop::Early,
            other => Stop::Damaged(other.to_string()),
        })?;
        reader.consume(consumed);
        if !matches!(decoded, Decoded::Nothing) {
            return Ok(decoded);
        }
    }
}
