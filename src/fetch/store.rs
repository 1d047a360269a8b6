//! Models and files, wherever they are: here, in another program's cache, or on a server.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::FetchError;
use super::archive::{self, Limits};
use super::http::{Client, Login};
use super::{identity, tflite};
use crate::cache::{
    Cache, Entry, FileRecord, ForeignCaches, Found, Kind, Origin, Part, Record, TFLITE_FILE, files_in, is_whole,
};
use crate::catalog::{self, KnownFile, Official};
use crate::hash;
use crate::progress::{Counted, Progress, Unit};
use crate::saved_model;
use crate::tflite::is_tflite;

/// The servers to ask, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Servers {
    /// TensorFlow Hub or a mirror of it.
    pub tfhub: String,
    /// Kaggle or a mirror of it.
    pub kaggle: String,
    /// The bucket of the Model Garden or a mirror of it.
    pub bucket: String,
    /// Sent to Kaggle alone.
    pub kaggle_login: Option<Login>,
}

impl Default for Servers {
    /// The official ones, without a login.
    fn default() -> Self {
        Self {
            tfhub: catalog::TFHUB.to_owned(),
            kaggle: catalog::KAGGLE.to_owned(),
            bucket: catalog::BUCKET.to_owned(),
            kaggle_login: None,
        }
    }
}

/// A file or folder of the user's that stands for a download.
#[derive(Debug, Clone)]
pub enum Given {
    /// An archive or a plain file.
    File(PathBuf),
    /// A SavedModel folder, or one that holds a TF Lite file.
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
    pub fn find(&self, model: impl Into<Official>) -> Option<Found> {
        Found::official(&model.into(), self.cache, self.foreign)
    }

    /// `model` from where it is, else from the servers; with `anew` from the servers in any case.
    ///
    /// # Errors
    /// [`FetchError::Offline`] or [`FetchError::NoSource`] when it cannot be had, else what the cache says. The cache
    /// is then as it was.
    pub fn fetch(&self, model: impl Into<Official>, anew: bool) -> Result<Found, FetchError> {
        let model = &model.into();
        if let Some(found) = self.find(*model).filter(|_| !anew) {
            return Ok(found);
        }
        if let Official::SavedModel(model) = model {
            self.foreign.tell_of_damage(model, self.progress);
        }
        let name = model.to_string();
        let addresses = addresses(model, self.servers);
        let Some(client) = self.client else {
            let urls = addresses.iter().map(|(_, url, _)| url.clone()).collect();
            return Err(FetchError::Offline { what: name, urls });
        };
        let entry = self.cache.entry(Kind::Model, &name);
        let target = place(model, &entry);
        let _lock = self.cache.lock(&entry)?;
        if !anew && is_whole(entry.path()) {
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
    /// [`FetchError`] when that isn't the whole model or cannot be read, or what the cache says.
    pub fn import(&self, model: impl Into<Official>, from: &Given) -> Result<Found, FetchError> {
        let model = &model.into();
        let name = model.to_string();
        let entry = self.cache.entry(Kind::Model, &name);
        let target = place(model, &entry);
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
                let files = unpack(model, Counted::new(file, &*task), &shown, part.path())?;
                self.publish(model, &path.display().to_string(), files, part, &entry)?;
            }
            Given::Folder(path) if matches!(model, Official::TfLite(_)) => {
                let file = Given::File(only_tflite(path)?);
                drop(_lock);
                return self.import(*model, &file);
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
        model: &Official,
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
            let unpacked = unpack(model, Counted::new(&mut download, &*task), "what the server sent", part.path());
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
        model: &Official,
        source: &str,
        files: Vec<FileRecord>,
        part: Part,
        entry: &Entry,
    ) -> Result<(), FetchError> {
        let other = match model {
            Official::SavedModel(model) => identity::other_than(*model, part.path()),
            Official::TfLite(model) => {
                let sha256 = files.first().map_or("", |file| &file.sha256);
                tflite::other_than(model, &part.path().join(TFLITE_FILE), sha256)
            }
        };
        if let Some(found) = other {
            return Err(FetchError::OtherModel { from: source.to_owned(), wanted: model.to_string(), found });
        }
        let record = Record::new(&model.to_string(), source, files);
        let record = match model {
            Official::SavedModel(_) => record.with_models(part.path(), &[""])?,
            Official::TfLite(_) => record,
        };
        record.write(part.path())?;
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
            Some(Given::File(given)) => {
                let (mut content, file) = (Vec::new(), fs_err::File::open(given).map_err(FetchError::Given)?);
                // One byte more than there should be, so that a longer file is seen to be another.
                file.take(known.bytes + 1).read_to_end(&mut content).map_err(FetchError::Given)?;
                content
            }
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

/// The folder or the file of `model` in its entry.
fn place(model: &Official, entry: &Entry) -> PathBuf {
    match model {
        Official::SavedModel(_) => entry.path().to_owned(),
        Official::TfLite(_) => entry.path().join(TFLITE_FILE),
    }
}

/// Unpacks `model` out of `from` into the empty folder `into`.
fn unpack(model: &Official, from: impl Read, name: &str, into: &Path) -> Result<Vec<FileRecord>, FetchError> {
    match model {
        Official::SavedModel(_) => archive::unpack_saved_model(from, name, into, Limits::default()),
        Official::TfLite(_) => tflite::unpack(from, name, into),
    }
}

/// The only TF Lite file in `folder`.
fn only_tflite(folder: &Path) -> Result<PathBuf, FetchError> {
    let entries = fs_err::read_dir(folder).map_err(FetchError::Given)?;
    let files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| is_tflite(path)).collect();
    match &files[..] {
        [file] => Ok(file.clone()),
        _ => {
            let reason = format!("the folder holds {} TF Lite files", files.len());
            Err(FetchError::NoTfLite { name: format!("'{}'", folder.display()), reason })
        }
    }
}

/// Where `model` may be had: the server's name, the address, the login.
fn addresses<'s>(model: &Official, servers: &'s Servers) -> Vec<(&'static str, String, Option<&'s Login>)> {
    let [bucket, tfhub, kaggle] =
        [&servers.bucket, &servers.tfhub, &servers.kaggle].map(|server| server.trim_end_matches('/'));
    let login = servers.kaggle_login.as_ref();
    match model {
        Official::SavedModel(model) => vec![
            ("TensorFlow Hub", format!("{tfhub}/{}?{}", model.path_on_tfhub(), catalog::TFHUB_QUERY), None),
            ("Kaggle", format!("{kaggle}/{}/download", model.path_on_kaggle()), login),
        ],
        Official::TfLite(model) => {
            let in_bucket = model.path_in_bucket().map(|path| ("the bucket", format!("{bucket}/{path}"), None));
            let on_tfhub = model.path_on_tfhub().map(|path| ("TensorFlow Hub", format!("{tfhub}/{path}"), None));
            let on_kaggle = model.path_on_kaggle().map(|path| ("Kaggle", format!("{kaggle}/{path}/download"), login));
            in_bucket.into_iter().chain(on_tfhub).chain(on_kaggle).collect()
        }
    }
}
