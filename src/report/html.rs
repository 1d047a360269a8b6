//! A comparison as one page without any other file: the clip with a scrubber, the probabilities at each frame, the curve,
//! both models' answers, and where everything comes from.
//!
//! `page.html` is the template; all text goes through its escaping, control characters shown, all data as JSON through `tojson`, which leaves no
//! `<` in it.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use minijinja::{Environment, Value, context, escape_formatter};
use serde::Serialize;

use super::Thumbnails;
use crate::compare::Comparison;
use crate::shown;
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
    let pictures = frames.pictures.iter().map(|picture| {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
            .map_err(io::Error::other)?;
        Ok(format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)))
    });
    let pictures = pictures.collect::<io::Result<Vec<_>>>()?;
    let delays: Vec<_> = frames.durations().iter().map(|delay| delay.as_millis() as u64).collect();
    let shown: Vec<_> = frames.frames().collect();
    let mut templates = Environment::new();
    templates.set_formatter(|output, state, value| match value.as_str() {
        // What is safe came out of `tojson`.
        Some(json) if value.is_safe() => {
            escape_formatter(output, state, &Value::from_safe_string(shown::json(json).into_owned()))
        }
        Some(text) => escape_formatter(output, state, &Value::from(shown::shown_lines(text))),
        None => escape_formatter(output, state, value),
    });
    templates.add_template("page.html", PAGE).map_err(io::Error::other)?;
    let page = templates.get_template("page.html").map_err(io::Error::other)?;
    let path = &comparison.clip.path;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    page.render_captured_to(context! { comparison, timeline, pictures, shown, delays, provenance, name }, output)
        .map_err(io::Error::other)?;
    Ok(())
}
