//! Models and files, wherever they are: here, in another program's cache, or on a server.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::archive::{self, Limits};
use super::foreign::copy_model;
use super::http::{Client, Login};
use super::record::{Record, files_in};
use super::{Cache, FetchError, ForeignCaches, integrity};
use crate::catalog::{self, KnownFile, Model};
use crate::progress::{Counted, Progress, Unit};

/// The servers to ask, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Sources {
    /// TensorFlow Hub or a mirror of it.
    pub tfhub: String,
    /// Kaggle or a mirror of it.
    pub kaggle: String,
    /// Sent to Kaggle alone.
    pub kaggle_login: Option<Login>,
}

/// Which of the places a model was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The project's own cache.
    Cache,
    /// The cache of Python's tensorflow_hub.
    TensorflowHub,
    /// The cache of Python's kagglehub.
    Kagglehub,
    /// It was not here and was fetched now.
    Fetched,
}

impl Origin {
    /// A word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::TensorflowHub => "tensorflow_hub",
            Self::Kagglehub => "kagglehub",
            Self::Fetched => "fetched",
        }
    }
}

/// A file or folder of the user's that stands for a download.
#[derive(Debug, Clone)]
pub enum From {
    /// An archive or a plain file.
    File(PathBuf),
    /// A SavedModel folder.
    Folder(PathBuf),
    /// An address.
    Url(String),
}

/// Something that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The folder or file.
    pub path: PathBuf,
    /// Where that is.
    pub origin: Origin,
}

/// Finds and fetches.
pub struct Store<'a> {
    /// Where fetched things are kept.
    pub cache: &'a Cache,
    /// Where other programs keep theirs.
    pub foreign: &'a ForeignCaches,
    /// Makes requests; `None` when no network may be touched.
    pub client: Option<&'a Client>,
    /// The servers.
    pub sources: &'a Sources,
    /// Who is told of the progress.
    pub progress: &'a dyn Progress,
}

impl Store<'_> {
    /// `model`, if it is here, whole.
    pub fn find(&self, model: &Model) -> Option<Found> {
        let path = self.cache.model(&model.to_string());
        if is_whole(&path) {
            return Some(Found { path, origin: Origin::Cache });
        }
        self.foreign.find(model).map(|(path, origin)| Found { path, origin })
    }

    /// `model` from where it is, else from the servers; with `anew` from the servers in any case.
    ///
    /// # Errors
    /// [`FetchError::Offline`] or [`FetchError::NoSource`] when it cannot be had, else what the cache says. The cache
    /// is then as it was.
    pub fn fetch(&self, model: &Model, anew: bool) -> Result<Found, FetchError> {
        if let Some(found) = self.find(model).filter(|_| !anew) {
            return Ok(found);
        }
        let name = model.to_string();
        let addresses = addresses(model, self.sources);
        let Some(client) = self.client else {
            let urls = addresses.iter().map(|(_, url, _)| url.clone()).collect();
            return Err(FetchError::Offline { what: name, urls });
        };
        let target = self.cache.model(&name);
        let _lock = self.cache.lock(&name)?;
        if !anew && is_whole(&target) {
            return Ok(Found { path: target, origin: Origin::Cache }); // another process fetched it meanwhile
        }
        let mut tried = Vec::new();
        for (source, url, login) in addresses {
            match self.download(client, &name, &url, login, &target) {
                Ok(()) => return Ok(Found { path: target, origin: Origin::Fetched }),
                Err(error @ (FetchError::Cache(_) | FetchError::Unpack { .. })) => return Err(error),
                Err(error) => tried.push(format!("{source}: {error}")),
            }
        }
        Err(FetchError::NoSource { what: name, tried })
    }

    /// `model` from what the user gives.
    ///
    /// # Errors
    /// [`FetchError`] when that isn't a whole SavedModel or cannot be read, or what the cache says.
    pub fn import(&self, model: &Model, from: &From) -> Result<Found, FetchError> {
        let name = model.to_string();
        let target = self.cache.model(&name);
        let _lock = self.cache.lock(&name)?;
        match from {
            From::Url(url) => {
                let Some(client) = self.client else {
                    return Err(FetchError::Offline { what: name, urls: vec![url.clone()] });
                };
                self.download(client, &name, url, None, &target)?;
            }
            From::File(path) => {
                let file = fs_err::File::open(path).map_err(FetchError::Given)?;
                let length = file.metadata().map(|found| found.len()).ok();
                let part = self.cache.part_for(&target)?;
                let task = self.progress.begin(&name, length, Unit::Bytes);
                let shown = format!("'{}'", path.display());
                let files =
                    archive::unpack_saved_model(Counted::new(file, &*task), &shown, part.path(), Limits::default())?;
                Record::new(&name, &path.display().to_string(), files).write(part.path())?;
                self.cache.publish(part, &target)?;
            }
            From::Folder(path) => {
                if let Some(file) = archive::missing_file(path) {
                    let reason = format!("it has no {file}");
                    return Err(FetchError::Archive { name: format!("'{}'", path.display()), reason });
                }
                let part = self.cache.part_for(&target)?;
                let unpack = |reason| FetchError::Unpack { folder: target.clone(), reason };
                copy_model(path, part.path()).map_err(unpack)?;
                let files = files_in(part.path()).map_err(unpack)?;
                Record::new(&name, &path.display().to_string(), files).write(part.path())?;
                self.cache.publish(part, &target)?;
            }
        }
        Ok(Found { path: target, origin: Origin::Fetched })
    }

    /// Downloads and unpacks one archive, streaming, and publishes it. What can pass is tried again.
    fn download(
        &self,
        client: &Client,
        name: &str,
        url: &str,
        login: Option<&Login>,
        target: &Path,
    ) -> Result<(), FetchError> {
        let mut attempt = 1;
        loop {
            let part = self.cache.part_for(target)?;
            let mut download = client.open(url, login)?;
            let task = self.progress.begin(name, download.length(), Unit::Bytes);
            let unpacked = archive::unpack_saved_model(
                Counted::new(&mut download, &*task),
                "what the server sent",
                part.path(),
                Limits::default(),
            );
            match (unpacked, download.failure()) {
                (Ok(files), _) => {
                    Record::new(name, url, files).write(part.path())?;
                    return self.cache.publish(part, target);
                }
                (Err(_), Some((_, true))) if attempt < client.policy().attempts => client.pause(attempt, None),
                (Err(_), Some((error, _))) => return Err(error),
                (Err(error), None) => return Err(error),
            }
            attempt += 1;
        }
    }

    /// A file that is known to the byte, from where it is, else from its address or from what the user gives.
    ///
    /// # Errors
    /// [`FetchError`] when it cannot be had or is not the file that is known.
    pub fn file(&self, known: &KnownFile, from: Option<&From>, anew: bool) -> Result<Found, FetchError> {
        let path = self.cache.file(known.name);
        let here = || fs_err::metadata(&path).is_ok_and(|found| found.len() == known.bytes);
        if here() && !anew && from.is_none() {
            return Ok(Found { path, origin: Origin::Cache });
        }
        let _lock = self.cache.lock(known.what)?;
        if here() && !anew && from.is_none() {
            return Ok(Found { path, origin: Origin::Cache });
        }
        let content = match from {
            Some(From::File(given)) => fs_err::read(given).map_err(FetchError::Given)?,
            Some(From::Folder(given)) => {
                let reason = "it is a folder".into();
                return Err(FetchError::Archive { name: format!("'{}'", given.display()), reason });
            }
            Some(From::Url(url)) => self.small_file(known, url)?,
            None => self.small_file(known, known.url)?,
        };
        let found = integrity::finish(Sha256::new_with_prefix(&content));
        if found != known.sha256 {
            return Err(FetchError::Hash { what: known.what, found, wanted: known.sha256 });
        }
        self.cache.publish_file(&content, &path)?;
        Ok(Found { path, origin: Origin::Fetched })
    }

    fn small_file(&self, known: &KnownFile, url: &str) -> Result<Vec<u8>, FetchError> {
        let Some(client) = self.client else {
            return Err(FetchError::Offline { what: known.what.into(), urls: vec![url.to_owned()] });
        };
        let download = client.open(url, None)?;
        let task = self.progress.begin(known.what, download.length(), Unit::Bytes);
        let mut content = Vec::new();
        // One byte more than there should be, so that a longer file is seen to be another.
        let read = Counted::new(download, &*task).take(known.bytes + 1).read_to_end(&mut content);
        read.map_err(|error| FetchError::Download { url: url.to_owned(), reason: error.to_string() })?;
        Ok(content)
    }
}

/// Whether a folder of the cache holds all that its record lists.
pub(super) fn is_whole(folder: &Path) -> bool {
    match Record::read(folder) {
        Some(record) => record.missing(folder).is_none() && archive::missing_file(folder).is_none(),
        None => false,
    }
}

/// Where `model` may be had: the server's name, the address, the login.
fn addresses<'s>(model: &Model, sources: &'s Sources) -> [(&'static str, String, Option<&'s Login>); 2] {
    let (tfhub, kaggle) = (sources.tfhub.trim_end_matches('/'), sources.kaggle.trim_end_matches('/'));
    [
        ("TensorFlow Hub", format!("{tfhub}/{}?{}", model.path_on_tfhub(), catalog::TFHUB_QUERY), None),
        ("Kaggle", format!("{kaggle}/{}/download", model.path_on_kaggle()), sources.kaggle_login.as_ref()),
    ]
}
