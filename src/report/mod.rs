//! A finished comparison or verdict goes out: as text, JSON, JUnit XML, arrays, a plot, an animation or a page.

pub mod animation;
mod chart;
mod effect;
#[cfg(feature = "batch")]
pub mod evaluation;
mod file;
pub mod html;
pub mod json;
pub mod junit;
pub mod model;
pub mod npz;
pub mod plot;
#[cfg(feature = "batch")]
pub mod rows;
mod template;
pub mod text;
mod thumbnails;
pub mod verdict;
mod watched;

pub use chart::{Look, Theme};
pub use file::{OutputFile, OutputTarget, WriteSeek, discard_unfinished};
pub use thumbnails::Thumbnails;
