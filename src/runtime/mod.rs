//! TensorFlow's C library: where it is, how it gets here, and loading it into the process.
//!
//! `find -> (install when there is none) -> Loader::load -> Runtime`

mod chatter;
mod elf;
mod error;
mod find;
#[cfg(feature = "fetch")]
mod install;
mod installed;
mod loader;

pub use chatter::filter_log_lines;
pub use error::RuntimeError;
pub use find::{Located, Place, Places, Search, find, search};
#[cfg(feature = "fetch")]
pub use install::{install, installed};
pub use installed::{damage, is_installed};
pub use loader::{Loader, LogLines, Runtime};

/// The oldest TensorFlow that is accepted, (major, minor).
pub const OLDEST: (u32, u32) = (2, 13);
/// The first major version that is not.
pub const TOO_NEW: u32 = 3;
