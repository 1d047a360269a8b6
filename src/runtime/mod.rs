//! What others made and this program runs on: TensorFlow's C library, LiteRT, and the program ffmpeg. Where they are, how they get
//! here, and loading the library into the process.
//!
//! `find -> (install when there is none) -> Loader::load -> Runtime`

mod chatter;
mod elf;
mod error;
pub(crate) mod ffmpeg;
mod find;
#[cfg(feature = "fetch")]
mod install;
mod installed;
pub(crate) mod litert;
mod loader;
mod places;
#[cfg(feature = "fetch")]
mod wheel;

pub use chatter::filter_log_lines;
pub use error::RuntimeError;
#[cfg(feature = "fetch")]
pub use ffmpeg::install_ffmpeg;
pub use ffmpeg::{Ffmpeg, FfmpegPlace, FfmpegPlaces, FfmpegSearch, find_ffmpeg, obtain_ffmpeg, search_ffmpeg};
pub use find::{Located, Search, find, search};
#[cfg(feature = "fetch")]
pub use install::{install, installed};
pub use installed::{damage, is_installed};
#[cfg(feature = "fetch")]
pub use litert::install_litert;
pub use litert::{Library, LiteRtSearch, LocatedLiteRt, find_litert, obtain_litert, search_litert};
pub use loader::{Loader, LogLines, Runtime};
pub use places::{Place, Places};

/// The oldest TensorFlow that is accepted, (major, minor).
pub const OLDEST: (u32, u32) = (2, 13);
/// The first major version that is not.
pub const TOO_NEW: u32 = 3;
