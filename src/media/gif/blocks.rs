//! The blocks of a GIF one after the other, read as giflib reads them, and so TensorFlow.

use std::io::{self, BufRead};

/// No image has more pixels: giflib counts them in a signed 32-bit number.
pub(super) const MOST_PIXELS: u64 = i32::MAX as u64;

/// How a GIF ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// With a trailer; what is behind it plays no part.
    Trailer,
    /// Behind a whole block, without a trailer.
    NoTrailer,
    /// With something behind a whole block that is no block.
    Junk,
    /// In the middle of a block, or with an image whose data end before its pixels do.
    Cut,
    /// With an image of so many pixels.
    TooLarge(u64),
    /// With an image that no decoder could draw.
    Damaged(&'static str),
}

/// Why there is no next image.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file cannot be read.
    Io(io::Error),
    /// It has no further one.
    End(End),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::End(End::Cut),
            _ => Self::Io(error),
        }
    }
}

/// What stands before an image's data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub left: usize,
    pub top: usize,
    /// Never zero, like the height; width by height is at most [`MOST_PIXELS`].
    pub width: usize,
    pub height: usize,
    pub interlaced: bool,
    /// In hundredths of a second; that of the last graphic control where there are several.
    pub delay: u16,
    /// Of several graphic controls, the first one's.
    pub transparent: Option<u8>,
    /// The size of a pixel in its data, in bits; at most 8.
    pub code_size: u8,
}

impl Header {
    /// Number of its pixels.
    pub fn pixels(&self) -> usize {
        self.width * self.height
    }
}

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3B;
const CONTROL: u8 = 0xF9;

/// Reads block after block.
pub(super) struct Blocks<R> {
    reader: R,
    begun: bool,
    global_palette: Vec<u8>,
    /// That of the image whose header was read last.
    local_palette: Option<Vec<u8>>,
}

impl<R: BufRead> Blocks<R> {
    /// From the beginning of a file whose signature was looked at.
    pub fn new(reader: R) -> Self {
        Self { reader, begun: false, global_palette: Vec::new(), local_palette: None }
    }

    /// Goes on to where the next image's data begin; [`Stop::End`] with [`End::Trailer`] where there is none.
    pub fn next_image(&mut self) -> Result<Header, Stop> {
        if !self.begun {
            let [.., flags, _, _]: [u8; 13] = self.read()?;
            self.global_palette = self.palette_of(flags)?.unwrap_or_default();
            self.begun = true;
        }
        let mut control = Control::default();
        loop {
            let mut block = [0];
            match self.reader.read_exact(&mut block) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Stop::End(End::NoTrailer)),
                outcome => outcome?,
            }
            match block[0] {
                IMAGE => return self.header(control),
                EXTENSION => self.extension(&mut control)?,
                TRAILER => return Err(Stop::End(End::Trailer)),
                _ => return Err(Stop::End(End::Junk)),
            }
        }
    }

    /// The colours of the image whose header was read last, RGB after RGB; empty where it has none.
    pub fn palette(&self) -> &[u8] {
        self.local_palette.as_ref().unwrap_or(&self.global_palette)
    }

    /// Goes behind an image's data without looking at its pixels.
    pub fn skip_data(&mut self) -> Result<(), Stop> {
        match self.sub_block(&mut [0; 255])? {
            0 => Err(Stop::End(End::Cut)), // no image is without data
            _ => self.finish_data(),
        }
    }

    /// The next part of an image's data; none is its end.
    pub fn sub_block(&mut self, into: &mut [u8; 255]) -> Result<usize, Stop> {
        let length = usize::from(self.read::<1>()?[0]);
        self.reader.read_exact(&mut into[..length])?;
        Ok(length)
    }

    /// Goes behind the end of an image's data.
    pub fn finish_data(&mut self) -> Result<(), Stop> {
        let mut unused = [0; 255];
        while self.sub_block(&mut unused)? != 0 {}
        Ok(())
    }

    fn header(&mut self, control: Control) -> Result<Header, Stop> {
        let [l0, l1, t0, t1, w0, w1, h0, h1, flags]: [u8; 9] = self.read()?;
        let number = |low, high| usize::from(u16::from_le_bytes([low, high]));
        let (width, height) = (number(w0, w1), number(h0, h1));
        self.local_palette = self.palette_of(flags)?;
        let [code_size] = self.read()?;
        let pixels = width as u64 * height as u64;
        let wrong = match () {
            () if code_size > 8 => Some(End::Damaged("its pixels are coded in no valid way")),
            () if pixels == 0 => Some(End::Damaged("it has no pixels")),
            () if pixels > MOST_PIXELS => Some(End::TooLarge(pixels)),
            () => None,
        };
        match wrong {
            Some(end) => Err(Stop::End(end)),
            None => Ok(Header {
                left: number(l0, l1),
                top: number(t0, t1),
                width,
                height,
                interlaced: flags & 0x40 != 0,
                delay: control.delay,
                transparent: control.transparent.flatten(),
                code_size,
            }),
        }
    }

    /// A first part without bytes doesn't end an extension: giflib reads another one, whatever it is.
    fn extension(&mut self, control: &mut Control) -> Result<(), Stop> {
        let [label] = self.read()?;
        let mut bytes = [0; 255];
        let length = self.sub_block(&mut bytes)?;
        if label == CONTROL && length != 0 {
            control.add(&bytes[..length]);
        }
        self.finish_data()
    }

    fn palette_of(&mut self, flags: u8) -> Result<Option<Vec<u8>>, Stop> {
        if flags & 0x80 == 0 {
            return Ok(None);
        }
        let mut colors = vec![0; 3 << ((flags & 7) + 1)];
        self.reader.read_exact(&mut colors)?;
        Ok(Some(colors))
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// What the graphic controls before an image say. The format allows one.
#[derive(Default)]
struct Control {
    delay: u16,
    transparent: Option<Option<u8>>,
}

impl Control {
    fn add(&mut self, bytes: &[u8]) {
        let mut transparent = None;
        if let [flags, low, high, index] = *bytes {
            self.delay = u16::from_le_bytes([low, high]);
            transparent = (flags & 1 != 0).then_some(index);
        }
        self.transparent.get_or_insert(transparent);
    }
}
