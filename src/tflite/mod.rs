//! A TF Lite file on the disk, and what it tells without LiteRT: signatures, what its integers stand for, weights, damage.

mod file;
mod flatbuffer;
mod graph;
mod sound;

#[cfg(feature = "fetch")]
pub(crate) use file::IDENTIFIER;
pub(crate) use file::{Role, TfLiteFault, TfLiteFile, content, is_tflite, read, signatures};
pub(crate) use sound::sound;
