//! OpenVINO's library, which runs prepared base models fastest: its functions, and loading it.
//!
//! `LocatedLibrary -> OpenVinoLibrary::load -> Api`

mod api;
mod library;

pub(crate) use api::{Api, CompiledModel, Core, FLOAT32, Model, Property, Request, Shape, Status, Tensor};
pub use library::OpenVinoLibrary;
