//! The environment variables that the program reads. The library reads none.

use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy, home_dir};
use movinet_tf::cache::ForeignCaches;
use movinet_tf::catalog::{self, EngineLibrary};
use movinet_tf::fetch::{Downloads, Login, Policy, Servers};
use serde::Deserialize;

/// Folder for downloads; `--cache-dir` comes before it.
pub const CACHE: &str = "MOVINET_TF_CACHE";
/// Anything but empty, `0`, `false`, `no` or `off` is `--offline`.
pub const OFFLINE: &str = "MOVINET_TF_OFFLINE";
/// TensorFlow's library, a file or a folder; nothing else is then looked at.
pub const LIBTENSORFLOW: &str = "MOVINET_TF_LIBTENSORFLOW";
/// LiteRT's library, a file or a folder; nothing else is then looked at.
const LIBLITERT: &str = "MOVINET_TF_LIBLITERT";
/// The same for OpenVINO's.
const LIBOPENVINO: &str = "MOVINET_TF_LIBOPENVINO";
/// The program ffmpeg, or its folder; nothing else is then looked at.
pub const FFMPEG: &str = "MOVINET_TF_FFMPEG";
/// For how many seconds ffmpeg may give no frame before it is given up.
pub const FFMPEG_PATIENCE: &str = "MOVINET_TF_FFMPEG_PATIENCE";
/// A mirror of the official archive of TensorFlow's C library.
pub const RUNTIME_URL: &str = "MOVINET_TF_RUNTIME_URL";
/// TensorFlow Hub or a mirror: scheme, host, and what stands before `/tensorflow/movinet/...`.
pub const HUB_URL: &str = "MOVINET_TF_HUB_URL";
/// Kaggle or a mirror: scheme, host, and what stands before `/api/v1/models/...`.
pub const KAGGLE_URL: &str = "MOVINET_TF_KAGGLE_URL";
/// The bucket of the Model Garden or a mirror: scheme, host, and what stands before `/tf_model_garden/...`.
pub const BUCKET_URL: &str = "MOVINET_TF_BUCKET_URL";
/// The cache of Python's tensorflow_hub.
pub const TFHUB_CACHE: &str = "TFHUB_CACHE_DIR";
/// The cache of Python's kagglehub.
pub const KAGGLEHUB_CACHE: &str = "KAGGLEHUB_CACHE";
/// A token of Kaggle's.
pub const KAGGLE_TOKEN: &str = "KAGGLE_API_TOKEN";
/// A user of Kaggle's, with [`KAGGLE_KEY`].
pub const KAGGLE_USER: &str = "KAGGLE_USERNAME";
/// The key of [`KAGGLE_USER`].
pub const KAGGLE_KEY: &str = "KAGGLE_KEY";
/// Set for a worker of `classify` and `evaluate`, which is this program: the threads that it may use for each model.
pub const WORKER: &str = "MOVINET_TF_WORKER_THREADS";
/// Set for a worker of `evaluate` that runs the model of `--compare`.
pub const WORKER_COMPARED: &str = "MOVINET_TF_WORKER_COMPARED";
/// The dynamic loader's search path.
pub const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

/// The folders in which programs are looked for.
pub const SEARCH_PATH: &str = "PATH";

/// The variable that names the library `which`.
pub fn of_library(which: EngineLibrary) -> &'static str {
    match which {
        EngineLibrary::LiteRt => LIBLITERT,
        EngineLibrary::OpenVino => LIBOPENVINO,
    }
}

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

/// Where things are fetched from.
pub fn downloads(offline: bool) -> Downloads {
    let servers = Servers {
        tfhub: text(HUB_URL).unwrap_or_else(|| catalog::TFHUB.to_owned()),
        kaggle: text(KAGGLE_URL).unwrap_or_else(|| catalog::KAGGLE.to_owned()),
        bucket: text(BUCKET_URL).unwrap_or_else(|| catalog::BUCKET.to_owned()),
        kaggle_login: kaggle_login(),
    };
    let runtime_url = text(RUNTIME_URL).unwrap_or_else(|| catalog::TENSORFLOW_ARCHIVE_URL.to_owned());
    Downloads { servers, runtime_url, policy: Policy::default(), offline }
}

/// Where Python's tensorflow_hub and kagglehub keep their downloads.
pub fn foreign_caches() -> ForeignCaches {
    let home_cache = || home_dir().unwrap_or_else(|_| std::env::temp_dir()).join(".cache/kagglehub");
    ForeignCaches {
        tfhub: path(TFHUB_CACHE).unwrap_or_else(|| std::env::temp_dir().join("tfhub_modules")),
        kagglehub: path(KAGGLEHUB_CACHE).unwrap_or_else(home_cache),
    }
}

/// Kaggle's login, from where Kaggle's own client reads it.
fn kaggle_login() -> Option<Login> {
    #[derive(Deserialize)]
    struct UserAndKey {
        username: String,
        key: String,
    }
    let in_home = |name: &str| fs_err::read_to_string(home_dir().ok()?.join(".kaggle").join(name)).ok();
    let token = text(KAGGLE_TOKEN).or_else(|| in_home("access_token"));
    if let Some(login) = token.and_then(|token| Login::bearer(&token)) {
        return Some(login);
    }
    let pair = match (text(KAGGLE_USER), text(KAGGLE_KEY)) {
        (Some(username), Some(key)) => Some(UserAndKey { username, key }),
        _ => serde_json::from_str(&in_home("kaggle.json")?).ok(),
    }?;
    Login::basic(&pair.username, &pair.key)
}

/// The value of `name`; empty counts as unset.
pub fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
