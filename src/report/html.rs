//! A comparison as one page without any other file: the clip with a scrubber, the probabilities at each frame, the curve,
//! both models' answers, and where everything comes from.
//!
//! `page.html` is the template.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use minijinja::context;
use serde::Serialize;

use super::{Thumbnails, template};
use crate::compare::Comparison;
use crate::timeline::Timeline;

const PAGE: &str = include_str!("page.html");
const QUALITY: u8 = 85;

/// What the page says of how it was made.
#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    /// The command line.
    pub command: String,
    /// This program and its version.
    pub program: String,
    /// The machine.
    pub machine: String,
}

/// Writes the page to `output`.
///
/// # Errors
/// Whatever `output` says.
pub fn write(
    comparison: &Comparison,
    timeline: &Timeline,
    frames: &Thumbnails,
    provenance: &Provenance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let pictures = frames.pictures.iter().map(address).collect::<io::Result<Vec<_>>>()?;
    let delays: Vec<_> = frames.durations().iter().map(|delay| delay.as_millis() as u64).collect();
    let shown: Vec<_> = frames.frames().collect();
    let path = &comparison.clip.path;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    template::write(PAGE, context! { comparison, timeline, pictures, shown, delays, provenance, name }, output)
}

/// An address that holds `picture`, as JPEG.
pub(super) fn address(picture: &RgbImage) -> io::Result<String> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)))
}
