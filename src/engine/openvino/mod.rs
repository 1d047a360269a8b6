//! Base networks through OpenVINO's C API, on the processor alone, in float32.
//!
//! `frozen graph -> compile -> file of a compiled network` (once), `that file -> OpenVinoBaseModel -> window -> predict`

mod compile;
mod handle;
mod interface;
mod model;
mod status;
mod tensor;

pub(crate) use compile::compile;
pub(crate) use interface::Interface;
pub use model::OpenVinoBaseModel;
