//! A finished comparison goes out: as text, JSON or arrays.

mod file;
pub mod json;
pub mod npz;
pub mod text;

pub use file::OutputFile;
