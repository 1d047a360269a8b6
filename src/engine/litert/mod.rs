//! TF Lite files through LiteRT's C API: the stream network, on the processor alone, by XNNPACK.
//!
//! `file -> LiteRtStreamModel (signature, compiled) -> begin -> states' buffers, swapped after each step`

mod buffer;
mod check;
mod compiled;
mod handle;
mod loaded;
mod model;
mod rail;
mod state;
mod status;
mod stream;

pub(crate) use check::{check, faulty};
pub use model::LiteRtStreamModel;
