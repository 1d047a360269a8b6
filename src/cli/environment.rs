//! The environment variables that the program reads. The library reads none.

use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};

/// Folder for downloads; `--cache-dir` comes before it.
pub const CACHE: &str = "MOVINET_TF_CACHE";
/// Anything but empty, `0`, `false`, `no` or `off` is `--offline`.
pub const OFFLINE: &str = "MOVINET_TF_OFFLINE";
/// TensorFlow's library, a file or a folder; nothing else is then looked at.
pub const LIBTENSORFLOW: &str = "MOVINET_TF_LIBTENSORFLOW";
/// A mirror of the official archive of TensorFlow's C library.
pub const RUNTIME_URL: &str = "MOVINET_TF_RUNTIME_URL";
/// The dynamic loader's search path.
pub const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

/// The value of `name`; empty counts as unset.
pub fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folders in the list `name`.
pub fn paths(name: &str) -> Vec<PathBuf> {
    let list = std::env::var_os(name).unwrap_or_default();
    std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The platform's cache folder for this program: `~/.cache/movinet-tf` on Linux.
pub fn platform_cache() -> PathBuf {
    // Without a home folder there is still one for temporary files.
    choose_base_strategy().map_or_else(|_| std::env::temp_dir(), |base| base.cache_dir()).join("movinet-tf")
}
