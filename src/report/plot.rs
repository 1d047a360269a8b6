//! A chart of the probabilities over time as a picture: PNG or SVG.

use std::io::{self, Write};
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::chart::{self, Look, Sheet};
use crate::timeline::Timeline;

const SHEET: Sheet = Sheet { width: 1200, plot_height: 640, font: 20 };

/// What a plot is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlotFormat {
    /// Pixels.
    Png,
    /// Lines and text.
    Svg,
}

impl PlotFormat {
    /// The format that the ending of `path` asks for.
    pub fn of(path: impl AsRef<Path>) -> Option<Self> {
        match path.as_ref().extension()?.to_str()?.to_lowercase().as_str() {
            "png" => Some(Self::Png),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Writes the chart of `timeline` to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(timeline: &Timeline, format: PlotFormat, look: Look, output: &mut dyn Write) -> io::Result<()> {
    match format {
        PlotFormat::Svg => output.write_all(chart::svg(timeline, look, SHEET).map_err(io::Error::other)?.as_bytes()),
        PlotFormat::Png => {
            let picture = chart::picture(timeline, look, SHEET, None).map_err(io::Error::other)?;
            let (width, height) = picture.dimensions();
            let encoder = PngEncoder::new(output);
            encoder.write_image(&picture, width, height, ExtendedColorType::Rgb8).map_err(io::Error::other)
        }
    }
}
