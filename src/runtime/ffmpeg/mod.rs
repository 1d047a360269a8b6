//! The program ffmpeg, which reads every video but GIFs: where it is, how it gets here, and what it can do.
//!
//! `find -> ask -> (install when there is none) -> Ffmpeg`

mod ask;
mod child;
mod find;
#[cfg(feature = "fetch")]
mod install;
mod kept;
mod obtain;
pub(crate) mod said;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;

pub use find::{FfmpegSearch, find_ffmpeg, search_ffmpeg};
#[cfg(feature = "fetch")]
pub use install::install_ffmpeg;
pub use obtain::obtain_ffmpeg;

/// Where to look for ffmpeg, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FfmpegPlaces {
    /// The program that the user named, or its folder; then nothing else is looked at.
    pub named: Option<PathBuf>,
    /// The folders in which programs are looked for, as the variable `PATH` has them.
    pub search_path: Option<OsString>,
    /// The download cache.
    pub cache: Cache,
}

/// Which of the places ffmpeg was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FfmpegPlace {
    /// The user named it.
    Named,
    /// Where programs are looked for.
    SearchPath,
    /// In the download cache.
    Cache,
}

impl fmt::Display for FfmpegPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named => "named by MOVINET_TF_FFMPEG",
            Self::SearchPath => "on PATH",
            Self::Cache => "in the cache",
        })
    }
}

/// A program ffmpeg that was tried: it gave frames and their times as they are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    program: PathBuf,
    place: FfmpegPlace,
    version: String,
    sync: [&'static str; 2],
}

impl Ffmpeg {
    /// The program, an absolute path.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Which of the places it was found in.
    pub fn place(&self) -> FfmpegPlace {
        self.place
    }

    /// Its version, as it says it: `5.1.9-0+deb12u1`, `n7.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The arguments of an output with which every frame keeps its presentation time, and of frames with the same time one
    /// is left. Their name is another one in old programs than in new ones.
    pub fn sync(&self) -> [&'static str; 2] {
        self.sync
    }

    /// A command that runs it, as yet without arguments. Variables that would make it write elsewhere or otherwise than it
    /// is read here are kept from it.
    pub fn command(&self) -> Command {
        command(&self.program)
    }
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("FFREPORT").env_remove("AV_LOG_FORCE_COLOR").env("AV_LOG_FORCE_NOCOLOR", "1");
    command
}
