//! What can go wrong before TensorFlow, another library that runs models, or ffmpeg runs.

use std::path::PathBuf;

use super::ffmpeg::FfmpegPlace;
use crate::cache::CacheError;
use crate::catalog::EngineLibrary;

/// Why TensorFlow, another library that runs models, or ffmpeg cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The place that the user named does not hold the library.
    #[error("there is no TensorFlow library at '{}'{}", path.display(), reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    NotThere {
        /// What was named.
        path: PathBuf,
        /// What was found instead.
        reason: Option<String>,
    },
    /// What goes by the library's name, or was named, is another one.
    #[error("'{}' is not TensorFlow's C library: {reason}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// No library was found and none could be installed; one line a way that was tried.
    #[error("no TensorFlow library is here and none could be installed ({})", tried.join("; "))]
    NotInstalled {
        /// What was tried and what happened.
        tried: Vec<String>,
    },
    /// No library was found, and none may be installed.
    #[error("TensorFlow isn't on this machine, and nothing is fetched")]
    NotHere,
    /// There is no build to install for this kind of machine.
    #[error("there is no TensorFlow build to install for {platform}")]
    NoBuild {
        /// Operating system and processor.
        platform: String,
    },
    /// The cache cannot take what is to be installed.
    #[error("cannot install into the cache")]
    Cache(#[from] CacheError),
    /// The links to the library that the loader is to follow cannot be made.
    #[error("cannot make links to TensorFlow's library in '{}'", folder.display())]
    Links {
        /// The folder for them.
        folder: PathBuf,
        /// What the system said.
        #[source]
        reason: std::io::Error,
    },
    /// The dynamic loader refused the library.
    #[error("cannot load '{}': {reason}", path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// The library is of a version that is not accepted.
    #[error("'{}' is TensorFlow {version}; versions from {oldest} to before {before}.0 are accepted", path.display())]
    Version {
        /// The library.
        path: PathBuf,
        /// Its version.
        version: String,
        /// The oldest accepted version.
        oldest: String,
        /// The first major version that is not accepted.
        before: u32,
    },
    /// What was named as a library that runs models beside TensorFlow, or goes by its name, is of no use.
    #[error("'{}' is no {which} that can be used: {reason}", path.display())]
    NoEngineLibrary {
        /// Which library it was to be.
        which: EngineLibrary,
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A library that runs models beside TensorFlow was not found and could not be installed.
    #[error("{which}, which {}, isn't on this machine and could not be installed: {reason}", which.purpose())]
    EngineLibraryNotInstalled {
        /// Which library.
        which: EngineLibrary,
        /// What happened.
        reason: String,
    },
    /// A library that runs models beside TensorFlow was not found, and there is no build to install for this kind of machine.
    #[error("{which}, which {}, isn't on this machine, and there is no build to install for {platform}", which.purpose())]
    NoBuildOfEngineLibrary {
        /// Which library.
        which: EngineLibrary,
        /// Operating system and processor.
        platform: String,
    },
    /// A library that runs models beside TensorFlow was not found, and none may be installed.
    #[error("{which}, which {}, isn't on this machine, and nothing is fetched", which.purpose())]
    EngineLibraryNotHere {
        /// Which library.
        which: EngineLibrary,
    },
    /// What was named as ffmpeg, or goes by its name, is of no use.
    #[error("'{}', {place}, is no ffmpeg that can be used: {reason}", path.display())]
    Ffmpeg {
        /// The program.
        path: PathBuf,
        /// Which place led to it.
        place: FfmpegPlace,
        /// What is wrong with it.
        reason: String,
    },
    /// No ffmpeg was found and none could be installed.
    #[error("ffmpeg isn't on this machine and could not be installed: {reason}")]
    FfmpegNotInstalled {
        /// What happened.
        reason: String,
    },
    /// No ffmpeg was found, and there is no build to install for this kind of machine.
    #[error("ffmpeg isn't on this machine, and there is no build to install for {platform}")]
    FfmpegNoBuild {
        /// Operating system and processor.
        platform: String,
    },
    /// No ffmpeg was found, and none may be installed.
    #[error("ffmpeg isn't on this machine, and nothing is fetched")]
    FfmpegNotHere,
}

impl RuntimeError {
    /// Whether the same call can succeed later without anything else being done.
    pub fn can_retry(&self) -> bool {
        match self {
            Self::NotInstalled { .. } | Self::EngineLibraryNotInstalled { .. } | Self::FfmpegNotInstalled { .. } => {
                true
            }
            Self::Cache(error) => error.can_retry(),
            _ => false,
        }
    }
}
