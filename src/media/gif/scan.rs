//! What the blocks of a GIF tell: how many images are whole, and how large a canvas they take.
//!
//! An image is whole only with the empty sub-block that ends it; this is how giflib, and so TensorFlow, counts. Whether
//! its pixels can be decoded is found out later, when it is drawn, but for images that the canvas depends on.

use std::io::{self, BufRead};

use super::blocks::{Blocks, End, Header, Stop};
use super::lzw::Lzw;

/// The shortest time, in hundredths of a second, that browsers show an image for if they are told to.
const SHORTEST: u16 = 2;

/// What a GIF holds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Number of whole images, from the beginning.
    pub whole: usize,
    /// Width of the widest whole image.
    pub width: usize,
    /// Height of the highest whole image.
    pub height: usize,
    /// Pixels of the largest whole image.
    pub pixels: usize,
    /// How long each whole image is shown, in hundredths of a second.
    pub delays: Vec<u16>,
    /// Whole images that are shown more briefly than viewers do.
    pub too_brief: usize,
    /// The last image that is wider or higher than all before it.
    largest: usize,
}

impl Scan {
    /// How many images must have sound pixels for the canvas to be right. The first one must anyway.
    pub fn canvas_depends_on(&self) -> usize {
        if self.largest == 0 { 0 } else { self.largest + 1 }
    }

    fn add(&mut self, image: &Header) {
        if image.width > self.width || image.height > self.height {
            self.largest = self.whole;
        }
        self.whole += 1;
        self.width = self.width.max(image.width);
        self.height = self.height.max(image.height);
        self.pixels = self.pixels.max(image.pixels());
        self.delays.push(image.delay);
        self.too_brief += usize::from(image.delay < SHORTEST);
    }
}

/// Walks the blocks from the beginning, and decodes the first `decoded` images to see whether they are sound.
pub(super) fn scan(reader: impl BufRead, decoded: usize) -> io::Result<(Scan, End)> {
    let (mut blocks, mut scan, mut lzw) = (Blocks::new(reader), Scan::default(), None);
    loop {
        let outcome = blocks.next_image().and_then(|image| {
            if scan.whole < decoded {
                decode(&mut blocks, &image, lzw.get_or_insert_with(Lzw::new))?;
            } else {
                blocks.skip_data()?;
            }
            Ok(image)
        });
        match outcome {
            Ok(image) => scan.add(&image),
            Err(Stop::End(end)) => return Ok((scan, end)),
            Err(Stop::Io(error)) => return Err(error),
        }
    }
}

fn decode(blocks: &mut Blocks<impl BufRead>, image: &Header, lzw: &mut Lzw) -> Result<(), Stop> {
    let mut unused = [0; 4096];
    let mut left = image.pixels();
    lzw.begin(image.code_size);
    while left > 0 {
        let count = left.min(unused.len());
        lzw.read(blocks, &mut unused[..count])?;
        left -= count;
    }
    blocks.finish_data()
}
