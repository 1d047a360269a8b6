//! TensorFlow's C library: where it is, how it gets here, and loading it into the process.
//!
//! `find -> (install when there is none) -> load -> Runtime`

mod elf;
mod error;
mod find;
mod install;
mod load;
mod stderr;

pub use error::RuntimeError;
pub use find::{Located, Places, Source, find};
pub use install::{install, is_installed};
pub use load::{Runtime, load};

/// The oldest TensorFlow that is accepted, (major, minor).
pub const OLDEST: (u32, u32) = (2, 13);
/// The first major version that is not.
pub const TOO_NEW: u32 = 3;
