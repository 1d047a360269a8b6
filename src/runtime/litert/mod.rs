//! LiteRT's library, which runs TF Lite files: where it is, how it gets here, and loading it.
//!
//! `search -> (install when there is none) -> Library::load -> Api`

mod api;
mod find;
#[cfg(feature = "fetch")]
mod install;
mod library;
mod obtain;

pub(crate) use api::{
    Api, CompiledModel, Environment, EnvironmentOption, Model, OpaqueOptions, Options, Requirements, Signature, Status,
    Tensor, TensorBuffer, TensorType,
};
pub use find::{LiteRtSearch, LocatedLiteRt, find_litert, search_litert};
#[cfg(feature = "fetch")]
pub use install::install_litert;
pub use library::Library;
pub use obtain::obtain_litert;
