//! LiteRT's library, which runs TF Lite files: its functions, and loading it.
//!
//! `LocatedLibrary -> LiteRtLibrary::load -> Api`

mod api;
mod library;

pub(crate) use api::{
    Api, CompiledModel, Environment, EnvironmentOption, Model, OpaqueOptions, Options, Requirements, Signature, Status,
    Tensor, TensorBuffer, TensorType,
};
pub use library::LiteRtLibrary;
