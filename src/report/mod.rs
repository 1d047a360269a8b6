//! A finished comparison or verdict goes out: as text, JSON, JUnit XML or arrays.

mod file;
pub mod json;
pub mod junit;
pub mod npz;
pub mod text;
pub mod verdict;

pub use file::{OutputFile, OutputTarget};
