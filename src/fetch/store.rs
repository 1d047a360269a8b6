//! Models and files, wherever they are: here, in another program's cache, or on a server.

use std::io::Read;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::FetchError;
use super::archive::{self, Limits};
use super::http::{Client, Login};
use super::identity;
use crate::cache::{Cache, Entry, FileRecord, ForeignCaches, Found, Kind, Origin, Part, Record, files_in, is_whole};
use crate::catalog::{self, KnownFile, Model};
use crate::hash;
use crate::progress::{Counted, Progress, Unit};
use crate::saved_model;

/// The servers to ask, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Servers {
    /// TensorFlow Hub or a mirror of it.
    pub tfhub: String,
    /// Kaggle or a mirror of it.
    pub kaggle: String,
    /// Sent to Kaggle alone.
    pub kaggle_login: Option<Login>,
}

impl Default for Servers {
    /// The official ones, without a login.
    fn default() -> Self {
        Self { tfhub: catalog::TFHUB.to_owned(), kaggle: catalog::KAGGLE.to_owned(), kaggle_login: None }
    }
}

/// A file or folder of the user's that stands for a download.
#[derive(Debug, Clone)]
pub enum Given {
    /// An archive or a plain file.
    File(PathBuf),
    /// A SavedModel folder.
    Folder(PathBuf),
    /// An address.
    Url(String),
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
    pub servers: &'a Servers,
    /// Who is told of the progress.
    pub progress: &'a dyn Progress,
}

impl Store<'_> {
    /// `model`, if it is here, whole.
    pub fn find(&self, model: &Model) -> Option<Found> {
        Found::model(model, self.cache, self.foreign)
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
        self.foreign.tell_of_damage(model, self.progress);
        let name = model.to_string();
        let addresses = addresses(model, self.servers);
        let Some(client) = self.client else {
            let urls = addresses.iter().map(|(_, url, _)| url.clone()).collect();
            return Err(FetchError::Offline { what: name, urls });
        };
        let entry = self.cache.entry(Kind::Model, &name);
        let target = entry.path().to_owned();
        let _lock = self.cache.lock(&entry)?;
        if !anew && is_whole(&target) {
            return Ok(Found { path: target, origin: Origin::Cache }); // another process fetched it meanwhile
        }
        let mut tried = Vec::new();
        for (source, url, login) in addresses {
            match self.download(client, model, &url, login, &entry) {
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
    pub fn import(&self, model: &Model, from: &Given) -> Result<Found, FetchError> {
        let name = model.to_string();
        let entry = self.cache.entry(Kind::Model, &name);
        let target = entry.path().to_owned();
        let _lock = self.cache.lock(&entry)?;
        match from {
            Given::Url(url) => {
                let Some(client) = self.client else {
                    return Err(FetchError::Offline { what: name, urls: vec![url.clone()] });
                };
                self.download(client, model, url, None, &entry)?;
            }
            Given::File(path) => {
                let file = fs_err::File::open(path).map_err(FetchError::Given)?;
                let length = file.metadata().map(|found| found.len()).ok();
                let part = self.cache.part_for(&entry)?;
                let task = self.progress.begin(&name, length, Unit::Bytes);
                let shown = format!("'{}'", path.display());
                let files =
                    archive::unpack_saved_model(Counted::new(file, &*task), &shown, part.path(), Limits::default())?;
                self.publish(model, &path.display().to_string(), files, part, &entry)?;
            }
            Given::Folder(path) => {
                if let Some(file) = saved_model::missing_file(path) {
                    let reason = format!("it has no {file}");
                    return Err(FetchError::Archive { name: format!("'{}'", path.display()), reason });
                }
                let part = self.cache.part_for(&entry)?;
                let unpack = |reason| FetchError::Unpack { folder: target.clone(), reason };
                saved_model::copy(path, part.path()).map_err(unpack)?;
                let files = files_in(part.path()).map_err(unpack)?;
                self.publish(model, &path.display().to_string(), files, part, &entry)?;
            }
        }
        Ok(Found { path: target, origin: Origin::Fetched })
    }

    /// Downloads and unpacks one archive, streaming, and publishes it. What can pass is tried again.
    fn download(
        &self,
        client: &Client,
        model: &Model,
        url: &str,
        login: Option<&Login>,
        entry: &Entry,
    ) -> Result<(), FetchError> {
        let name = &model.to_string();
        let mut attempt = 1;
        loop {
            let part = self.cache.part_for(entry)?;
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
                    return self.publish(model, url, files, part, entry);
                }
                (Err(_), Some((_, true))) if attempt < client.policy().attempts => client.pause(attempt, None),
                (Err(_), Some((error, _))) => return Err(error),
                (Err(error), None) => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Makes `part`, which holds `files` from `source`, the entry of `model`, if it is that model.
    fn publish(
        &self,
        model: &Model,
        source: &str,
        files: Vec<FileRecord>,
        part: Part,
        entry: &Entry,
    ) -> Result<(), FetchError> {
        if let Some(other) = identity::other_than(*model, part.path()) {
            return Err(FetchError::OtherModel { from: source.to_owned(), wanted: *model, found: other });
        }
        Record::new(&model.to_string(), source, files).with_models(part.path(), &[""])?.write(part.path())?;
        Ok(self.cache.publish(part, entry)?)
    }

    /// A file that is known to the byte, from where it is, else from its address or from what the user gives.
    ///
    /// # Errors
    /// [`FetchError`] when it cannot be had or is not the file that is known.
    pub fn file(&self, known: &KnownFile, from: Option<&Given>, anew: bool) -> Result<Found, FetchError> {
        let entry = self.cache.entry(Kind::File, known.name);
        let path = entry.path().to_owned();
        let here = || fs_err::metadata(&path).is_ok_and(|found| found.len() == known.bytes);
        if here() && !anew && from.is_none() {
            return Ok(Found { path, origin: Origin::Cache });
        }
        let _lock = self.cache.lock(&entry)?;
        if here() && !anew && from.is_none() {
            return Ok(Found { path, origin: Origin::Cache });
        }
        let content = match from {
            Some(Given::File(given)) => fs_err::read(given).map_err(FetchError::Given)?,
            Some(Given::Folder(given)) => {
                let reason = "it is a folder".into();
                return Err(FetchError::Archive { name: format!("'{}'", given.display()), reason });
            }
            Some(Given::Url(url)) => self.small_file(known, url)?,
            None => self.small_file(known, known.url)?,
        };
        let found = hash::finish(Sha256::new_with_prefix(&content));
        if found != known.sha256 {
            return Err(FetchError::Hash { what: known.what, found, wanted: known.sha256 });
        }
        self.cache.publish_file(&content, &entry)?;
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
        read.map_err(|error| FetchError::Download { url: url.to_owned(), reason: error.to_string(), transient: true })?;
        Ok(content)
    }
}

/// Where `model` may be had: the server's name, the address, the login.
fn addresses<'s>(model: &Model, servers: &'s Servers) -> [(&'static str, String, Option<&'s Login>); 2] {
    let (tfhub, kaggle) = (servers.tfhub.trim_end_matches('/'), servers.kaggle.trim_end_matches('/'));
    [
        ("TensorFlow Hub", format!("{tfhub}/{}?{}", model.path_on_tfhub(), catalog::TFHUB_QUERY), None),
        ("Kaggle", format!("{kaggle}/{}/download", model.path_on_kaggle()), servers.kaggle_login.as_ref()),
    ]
}
