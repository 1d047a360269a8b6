//! Frames to an animated GIF with one palette, each frame holding only what changed.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use ::gif::{DisposalMethod, Encoder, Frame, Repeat};
use color_quant::NeuQuant;
use image::RgbImage;

use super::Scene;

/// Of the 256 colours, how many the clip and the chart have; one is transparent.
const CLIP_COLORS: usize = 191;
const CHART_COLORS: usize = 64;
const TRANSPARENT: u8 = 255;
/// Frames that the palette is made from, spread over the clip.
const SAMPLED_FRAMES: usize = 12;
/// NeuQuant looks at every n-th pixel; 1 is the most careful.
const SAMPLE_FACTOR: i32 = 10;
/// Bits a channel by which colours are looked up once found.
const BITS: u32 = 6;

/// The colours of all frames.
pub(super) struct Palette {
    colors: Vec<u8>,
    clip: NeuQuant,
    chart: NeuQuant,
    /// Where the clip is: columns and rows. All around has the chart's colours.
    clip_at: (Range<u32>, Range<u32>),
}

impl Palette {
    /// Colours for the clip and, apart from them so that its lines stay clean, for the chart.
    pub fn of(scene: &Scene) -> io::Result<Self> {
        let frames = scene.clip.len();
        let step = frames.div_ceil(SAMPLED_FRAMES).max(1);
        let mut clip_pixels = Vec::new();
        for frame in (0..frames).step_by(step) {
            // Every other pixel of every other row tells enough.
            let picture = scene.clip_frame(frame);
            let sampled = picture.enumerate_pixels().filter(|(x, y, _)| x % 2 == 0 && y % 2 == 0);
            clip_pixels.extend(sampled.flat_map(|(_, _, pixel)| [pixel[0], pixel[1], pixel[2], 255]));
        }
        let chart = scene.chart(frames / 2).map_err(io::Error::other)?;
        let chart_pixels: Vec<_> = chart.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
        let clip = NeuQuant::new(SAMPLE_FACTOR, CLIP_COLORS, &clip_pixels);
        let chart = NeuQuant::new(1, CHART_COLORS, &chart_pixels);
        let mut colors = clip.color_map_rgb();
        colors.extend(chart.color_map_rgb());
        colors.extend([0; 3]);
        Ok(Self { colors, clip, chart, clip_at: scene.clip_at() })
    }
}

/// Colours found so far, by their upper bits.
struct Lookup<'p> {
    palette: &'p Palette,
    clip: Vec<Option<u8>>,
    chart: Vec<Option<u8>>,
}

impl<'p> Lookup<'p> {
    fn new(palette: &'p Palette) -> Self {
        let empty = vec![None; 1 << (3 * BITS)];
        Self { palette, clip: empty.clone(), chart: empty }
    }

    fn indices(&mut self, picture: &RgbImage) -> Vec<u8> {
        let (columns, rows) = &self.palette.clip_at;
        let index = |(x, y, pixel): (u32, u32, &image::Rgb<u8>)| {
            let [red, green, blue] = pixel.0;
            let key =
                [red, green, blue].iter().fold(0, |key, channel| key << BITS | usize::from(channel >> (8 - BITS)));
            let color = [red, green, blue, 255];
            match columns.contains(&x) && rows.contains(&y) {
                false => {
                    *self.chart[key].get_or_insert_with(|| (CLIP_COLORS + self.palette.chart.index_of(&color)) as u8)
                }
                true => *self.clip[key].get_or_insert_with(|| self.palette.clip.index_of(&color) as u8),
            }
        };
        picture.enumerate_pixels().map(index).collect()
    }
}

/// Writes frames of `size` with their delays to `output`.
pub(super) fn write(
    palette: &Palette,
    (width, height): (u32, u32),
    frames: impl Iterator<Item = (io::Result<RgbImage>, Duration)>,
    output: impl Write,
) -> io::Result<()> {
    let mut buffered = io::BufWriter::new(output);
    let mut encoder =
        Encoder::new(&mut buffered, width as u16, height as u16, &palette.colors).map_err(io::Error::other)?;
    encoder.set_repeat(Repeat::Infinite).map_err(io::Error::other)?;
    let mut lookup = Lookup::new(palette);
    let mut before: Option<Vec<u8>> = None;
    for (picture, delay) in frames {
        let indices = lookup.indices(&picture?);
        let mut frame = match &before {
            Some(before) => changed(before, &indices, width as usize),
            None => {
                Frame { width: width as u16, height: height as u16, buffer: indices.clone().into(), ..Frame::default() }
            }
        };
        frame.delay = (delay.as_millis() / 10).max(1) as u16; // hundredths of a second
        frame.dispose = DisposalMethod::Keep;
        encoder.write_frame(&frame).map_err(io::Error::other)?;
        before = Some(indices);
    }
    drop(encoder);
    buffered.flush()
}

/// The smallest rectangle outside of which nothing changed, with what didn't change in it left transparent.
fn changed(before: &[u8], now: &[u8], width: usize) -> Frame<'static> {
    let differing = || before.iter().zip(now).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at);
    let (mut left, mut right, mut top, mut bottom) = (width, 0, usize::MAX, 0);
    for at in differing() {
        let (x, y) = (at % width, at / width);
        (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
    }
    if left == width {
        (left, right, top, bottom) = (0, 0, 0, 0); // a frame needs a pixel
    }
    let mut buffer = Vec::with_capacity((right - left + 1) * (bottom - top + 1));
    for y in top..=bottom {
        for at in y * width + left..=y * width + right {
            buffer.push(if before[at] == now[at] { TRANSPARENT } else { now[at] });
        }
    }
    Frame {
        left: left as u16,
        top: top as u16,
        width: (right - left + 1) as u16,
        height: (bottom - top + 1) as u16,
        transparent: Some(TRANSPARENT),
        buffer: buffer.into(),
        ..Frame::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_kept() {
        let before = [1, 1, 1, 1, 1, 1, 1, 1, 1];
        let frame = changed(&before, &[1, 1, 1, 1, 2, 1, 1, 1, 3], 3);
        assert_eq!((frame.left, frame.top, frame.width, frame.height), (1, 1, 2, 2));
        assert_eq!(*frame.buffer, [2, TRANSPARENT, TRANSPARENT, 3]);
        assert_eq!(changed(&before, &before, 3).buffer.len(), 1);
    }
}
