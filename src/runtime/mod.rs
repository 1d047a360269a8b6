//! What others made and this program runs on: TensorFlow's C library, LiteRT and OpenVINO beside it, and the program ffmpeg. Where
//! they are, how they get here, and loading the libraries into the process.
//!
//! `find -> (install when there is none) -> Loader::load -> Runtime`

mod chatter;
mod elf;
mod engine_library;
mod error;
pub(crate) mod ffmpeg;
mod find;
mod functions;
#[cfg(feature = "fetch")]
mod install;
mod installed;
pub(crate) mod litert;
mod loader;
pub(crate) mod openvino;
mod places;
#[cfg(feature = "fetch")]
mod wheel;

pub use chatter::filter_log_lines;
#[cfg(feature = "fetch")]
pub use engine_library::install_library;
pub use engine_library::{LibrarySearch, LocatedLibrary, find_library, obtain_library, search_library};
pub use error::RuntimeError;
#[cfg(feature = "fetch")]
pub use ffmpeg::install_ffmpeg;
pub use ffmpeg::{Ffmpeg, FfmpegPlace, FfmpegPlaces, FfmpegSearch, find_ffmpeg, obtain_ffmpeg, search_ffmpeg};
pub use find::{Located, Search, find, search};
#[cfg(feature = "fetch")]
pub use install::{install, installed};
pub use installed::{damage, is_installed};
pub use litert::LiteRtLibrary;
pub use loader::{Loader, LogLines, Runtime};
pub use openvino::OpenVinoLibrary;
pub use places::{Place, Places};

/// The oldest TensorFlow that is accepted, (major, minor).
pub const OLDEST: (u32, u32) = (2, 13);
/// The first major version that is not.
pub const TOO_NEW: u32 = 3;
