//! Libraries that run models beside TensorFlow: where they are and how they get here. Loading them is
//! [`litert`](super::litert)'s and [`openvino`](super::openvino)'s.
//!
//! `search -> (install when there is none) -> LocatedLibrary`

mod find;
#[cfg(feature = "fetch")]
mod install;
mod load;
mod obtain;

pub use find::{LibrarySearch, LocatedLibrary, find_library, search_library};
#[cfg(feature = "fetch")]
pub use install::install_library;
pub(super) use load::load;
pub use obtain::obtain_library;
