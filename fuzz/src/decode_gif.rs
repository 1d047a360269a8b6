//! `tf.io.decode_gif` in plain, slow code: giflib 5.2's rules (`DGifSlurp`, `DGifDecompressLine`) with TensorFlow's change
//! to it (an image that isn't whole isn't counted), and the drawing of `gif_io.cc`. It shares nothing with the program.

use std::collections::HashMap;

/// Frames of one size, RGB.
#[derive(Debug, PartialEq)]
pub struct Clip {
    pub width: usize,
    pub height: usize,
    pub frames: Vec<Vec<u8>>,
}

struct Image {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    colors: Vec<u8>,
    transparent: Option<u8>,
    /// Row after row, as they are shown.
    indices: Vec<u8>,
}

/// What TensorFlow gives for `bytes`; `None` where it gives an error. `Err` where that would take too much memory here.
pub fn decode(bytes: &[u8], most_pixels: usize) -> Result<Option<Clip>, ()> {
    if !bytes.starts_with(b"GIF8") {
        return Ok(None);
    }
    let mut images = Vec::new();
    slurp(bytes, &mut images);
    let width = images.iter().map(|image| image.width).max().unwrap_or(0);
    let height = images.iter().map(|image| image.height).max().unwrap_or(0);
    if width * height * images.len() > most_pixels {
        return Err(());
    }
    if images.is_empty() {
        return Ok(None);
    }
    let mut canvas = vec![0; width * height * 3];
    let mut frames = Vec::new();
    for image in &images {
        if image.colors.is_empty() {
            return Ok(None);
        }
        for y in image.top..(image.top + image.height).min(height) {
            for x in image.left..(image.left + image.width).min(width) {
                let index = image.indices[(y - image.top) * image.width + x - image.left];
                if image.transparent == Some(index) {
                    continue;
                }
                let color = usize::from(index) * 3;
                if color + 3 > image.colors.len() {
                    return Ok(None);
                }
                canvas[(y * width + x) * 3..][..3].copy_from_slice(&image.colors[color..color + 3]);
            }
        }
        frames.push(canvas.clone());
    }
    Ok(Some(Clip { width, height, frames }))
}

/// Bytes one after the other; nothing behind the end.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn number(&mut self) -> Option<usize> {
        Some(usize::from(self.byte()?) + 256 * usize::from(self.byte()?))
    }

    fn palette(&mut self, flags: u8) -> Option<Vec<u8>> {
        if flags < 128 { Some(Vec::new()) } else { Some(self.take(3 * (2 << (flags % 8)))?.to_vec()) }
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let length = self.byte()?;
        self.take(length.into())
    }
}

/// Collects whole images until something is wrong, or the trailer.
fn slurp(bytes: &[u8], images: &mut Vec<Image>) -> Option<()> {
    let mut bytes = Bytes(bytes);
    bytes.take(10)?;
    let flags = bytes.byte()?;
    bytes.take(2)?;
    let global = bytes.palette(flags)?;
    let mut controls: Vec<Vec<u8>> = Vec::new();
    loop {
        match bytes.byte()? {
            0x21 => {
                let label = bytes.byte()?;
                let first = bytes.part()?;
                if label == 0xF9 && !first.is_empty() {
                    controls.push(first.to_vec());
                }
                while !bytes.part()?.is_empty() {}
            }
            0x2C => {
                let (left, top, width, height) = (bytes.number()?, bytes.number()?, bytes.number()?, bytes.number()?);
                let flags = bytes.byte()?;
                let local = bytes.palette(flags)?;
                let code_size = bytes.byte()?;
                if code_size > 8 || width * height == 0 || width * height > i32::MAX as usize {
                    return None;
                }
                let coded = pixels(&mut bytes, code_size, width * height)?;
                let mut indices = coded.clone();
                if flags & 0x40 != 0 {
                    let order = [(0, 8), (4, 8), (2, 4), (1, 2)];
                    let rows = order.iter().flat_map(|&(from, step)| (from..height).step_by(step));
                    for (row, coded) in rows.zip(coded.chunks(width)) {
                        indices[row * width..][..width].copy_from_slice(coded);
                    }
                }
                let transparent = match controls.first().map(Vec::as_slice) {
                    Some(&[flags, _, _, index]) if flags % 2 == 1 => Some(index),
                    _ => None,
                };
                controls.clear();
                let colors = if flags < 128 { global.clone() } else { local };
                images.push(Image { left, top, width, height, colors, transparent, indices });
            }
            _ => return None,
        }
    }
}

/// The pixels of an image, behind whose data `bytes` is then; `None` where they are not whole.
fn pixels(bytes: &mut Bytes, code_size: u8, count: usize) -> Option<Vec<u8>> {
    const NONE: u32 = 4098;
    let (clear, end) = (1u32 << code_size, (1u32 << code_size) + 1);
    let mut table: HashMap<u32, (u32, u8)> = HashMap::new();
    let mut pixels = Vec::new();
    let (mut running, mut width, mut last) = (end + 1, u32::from(code_size) + 1, NONE);
    let mut largest = 1u32 << width;
    let (mut part, mut at): (&[u8], u32) = (&[], 0);
    // The first pixel of a code, by its prefixes; a code that leads nowhere has the lowest byte of NONE.
    let first = |table: &HashMap<u32, (u32, u8)>, mut code: u32| {
        let mut steps = 0;
        while code > clear && steps <= 4095 {
            if code > 4095 {
                return NONE as u8;
            }
            code = table.get(&code).map_or(NONE, |entry| entry.0);
            steps += 1;
        }
        code as u8
    };
    while pixels.len() < count {
        let mut code = 0;
        for bit in 0..width {
            if at == 8 * part.len() as u32 {
                part = bytes.part()?;
                at = 0;
                if part.is_empty() {
                    return None;
                }
            }
            code |= u32::from(part[(at / 8) as usize] >> (at % 8) & 1) << bit;
            at += 1;
        }
        if running < 4097 {
            running += 1;
            if running > largest && width < 12 {
                largest *= 2;
                width += 1;
            }
        }
        let next = running - 2;
        if code == end {
            return None;
        }
        if code == clear {
            table.clear();
            (running, width, last) = (end + 1, u32::from(code_size) + 1, NONE);
            largest = 1 << width;
            continue;
        }
        if code < clear {
            pixels.push(code as u8);
        } else {
            let mut backwards = Vec::new();
            let mut from = code;
            if !table.contains_key(&code) {
                let pixel = first(&table, if code == next { last } else { code });
                if let Some(entry) = table.get_mut(&next) {
                    entry.1 = pixel;
                }
                backwards.push(pixel);
                from = last;
            }
            while backwards.len() < 4095 && from > clear && from <= 4095 {
                let (prefix, pixel) = table.get(&from).copied().unwrap_or((NONE, 0));
                backwards.push(pixel);
                from = prefix;
            }
            if backwards.len() >= 4095 || from > 4095 {
                return None;
            }
            backwards.push(from as u8);
            pixels.extend(backwards.iter().rev());
        }
        if last != NONE && !table.contains_key(&next) {
            table.insert(next, (last, 0));
            let pixel = first(&table, if code == next { last } else { code });
            table.insert(next, (last, pixel));
        }
        last = code;
    }
    pixels.truncate(count);
    while !bytes.part()?.is_empty() {}
    Some(pixels)
}
