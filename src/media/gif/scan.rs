//! What the blocks of a GIF tell without decoding a pixel: how many images are whole, and how large a canvas they take.
//!
//! An image is whole only with the empty sub-block that ends it; this is how giflib, and so TensorFlow, counts.

use std::io::{self, BufReader, Read, Seek};

/// What a GIF holds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Number of whole images, from the beginning.
    pub whole: usize,
    /// Width of the widest whole image.
    pub width: u16,
    /// Height of the highest whole image.
    pub height: u16,
    /// Pixels of the largest whole image.
    pub pixels: usize,
    /// How long the whole images are shown, in hundredths of a second.
    pub hundredths: u64,
    /// Whether so much as the first byte of an image is there.
    pub begun: bool,
}

/// How a GIF ends.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    /// With a trailer; what is behind it plays no part.
    Trailer,
    /// Behind a whole block, without a trailer.
    NoTrailer,
    /// In the middle of a block.
    Cut,
    /// With a block that no decoder could go on behind.
    Damaged(&'static str),
}

/// Why it did not come to the trailer.
enum Stop {
    Io(io::Error),
    Ended(End),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Ended(End::Cut),
            _ => Self::Io(error),
        }
    }
}

/// Walks the blocks behind the signature.
pub(super) fn scan(reader: &mut BufReader<impl Read + Seek>) -> io::Result<(Scan, End)> {
    let mut walk = Walk { reader, scan: Scan::default(), global_palette: false, delay: 0 };
    let end = match walk.blocks() {
        Ok(end) | Err(Stop::Ended(end)) => end,
        Err(Stop::Io(error)) => return Err(error),
    };
    Ok((walk.scan, end))
}

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3B;
const CONTROL: u8 = 0xF9;
/// Plain text, graphic control, comment, application: those that the decoder takes.
const EXTENSIONS: [u8; 4] = [0x01, CONTROL, 0xFE, 0xFF];

struct Walk<'a, R> {
    reader: &'a mut BufReader<R>,
    scan: Scan,
    global_palette: bool,
    /// That of the graphic controls in front of the next image, the last one's where there are several.
    delay: u16,
}

impl<R: Read + Seek> Walk<'_, R> {
    fn blocks(&mut self) -> Result<End, Stop> {
        let screen: [u8; 7] = self.read()?;
        self.global_palette = has_palette(screen[4]);
        self.skip(palette_len(screen[4]))?;
        loop {
            let mut block = [0];
            if let Err(error) = self.reader.read_exact(&mut block) {
                return if error.kind() == io::ErrorKind::UnexpectedEof {
                    Ok(End::NoTrailer)
                } else {
                    Err(error.into())
                };
            }
            match block[0] {
                IMAGE => self.image()?,
                EXTENSION => self.extension()?,
                TRAILER => return Ok(End::Trailer),
                _ => {
                    self.read::<1>()?; // the file's last byte is no block
                    return Ok(if self.scan.begun { End::Damaged("unknown block type") } else { End::NoTrailer });
                }
            }
        }
    }

    fn image(&mut self) -> Result<(), Stop> {
        self.scan.begun = true;
        let [_, _, _, _, w0, w1, h0, h1, flags]: [u8; 9] = self.read()?;
        let (width, height) = (u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1]));
        self.skip(palette_len(flags))?;
        let [code_size, first] = self.read()?;
        let wrong = match () {
            () if !(1..=11).contains(&code_size) => Some("its pixels are coded in no valid way"),
            () if !has_palette(flags) && !self.global_palette => Some("it has no palette"),
            () if width == 0 || height == 0 => Some("it has no pixels"),
            () => None,
        };
        if let Some(reason) = wrong {
            return Err(Stop::Ended(End::Damaged(reason)));
        }
        if first == 0 {
            // No data at all: to giflib an image that ends early, to the decoder one whose data comes behind.
            return Err(Stop::Ended(End::Cut));
        }
        self.skip_blocks(first)?;
        self.scan.whole += 1;
        self.scan.width = self.scan.width.max(width);
        self.scan.height = self.scan.height.max(height);
        self.scan.pixels = self.scan.pixels.max(usize::from(width) * usize::from(height));
        self.scan.hundredths += u64::from(std::mem::take(&mut self.delay));
        Ok(())
    }

    fn extension(&mut self) -> Result<(), Stop> {
        let [label] = self.read()?;
        if !EXTENSIONS.contains(&label) {
            return Err(Stop::Ended(End::Damaged("unknown extension block")));
        }
        let [mut length] = self.read()?;
        if label != CONTROL {
            return self.skip_blocks(length);
        }
        let mut last = None;
        while length != 0 {
            last = if length == 4 { Some(self.read::<4>()?) } else { None };
            if last.is_none() {
                self.skip(usize::from(length))?;
            }
            [length] = self.read()?;
        }
        let [_, low, high, _] = last.ok_or(Stop::Ended(End::Damaged("its graphic control is of the wrong length")))?;
        self.delay = u16::from_le_bytes([low, high]);
        Ok(())
    }

    /// Goes behind the sub-blocks of which the first has `length` bytes.
    fn skip_blocks(&mut self, mut length: u8) -> Result<(), Stop> {
        while length != 0 {
            self.skip(usize::from(length))?;
            [length] = self.read()?;
        }
        Ok(())
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// May go behind the end; a byte is read after every skip, which finds out.
    fn skip(&mut self, bytes: usize) -> Result<(), Stop> {
        Ok(self.reader.seek_relative(bytes as i64)?)
    }
}

fn has_palette(flags: u8) -> bool {
    flags & 0x80 != 0
}

fn palette_len(flags: u8) -> usize {
    if has_palette(flags) { 3 << ((flags & 7) + 1) } else { 0 }
}
