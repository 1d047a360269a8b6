//! The images of a GIF one after the other, their pixels still indices, in one buffer.

use std::io::{BufReader, Read};

use super::blocks::{Blocks, End, Header, Stop};
use super::lzw::Lzw;

/// An image.
pub(super) struct Image<'a> {
    pub header: Header,
    /// RGB after RGB.
    pub palette: &'a [u8],
    /// `width * height` colour indices, the rows in the file's order.
    pub indices: &'a [u8],
}

/// Reads image after image.
pub(super) struct Images {
    blocks: Blocks<BufReader<Box<dyn Read + Send>>>,
    lzw: Box<Lzw>,
    indices: Vec<u8>,
}

impl Images {
    /// From the beginning of a file whose largest image has `pixels` pixels.
    pub fn new(reader: Box<dyn Read + Send>, pixels: usize) -> Self {
        Self { blocks: Blocks::new(BufReader::new(reader)), lzw: Lzw::new(), indices: vec![0; pixels] }
    }

    /// The next image.
    pub fn next(&mut self) -> Result<Image<'_>, Stop> {
        let header = self.blocks.next_image()?;
        let Some(indices) = self.indices.get_mut(..header.pixels()) else {
            return Err(Stop::End(End::Damaged("the file changed while it was read")));
        };
        self.lzw.begin(header.code_size);
        self.lzw.read(&mut self.blocks, indices)?;
        self.blocks.finish_data()?;
        Ok(Image { header, palette: self.blocks.palette(), indices })
    }
}
