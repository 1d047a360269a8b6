//! What a name or a folder means, and getting it here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Card, LabelSource, ModelError, PairName, is_tflite};
use crate::cache::{Cache, ForeignCaches, Found, Kind, Origin, Record};
use crate::catalog::{self, Model, Official, Variation};
#[cfg(feature = "fetch")]
use crate::causes::causes;
#[cfg(feature = "fetch")]
use crate::fetch::{Downloads, Store};
use crate::predict::Labels;
use crate::progress::Progress;

/// A model that is here.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocatedModel {
    /// Its name for reports.
    pub name: String,
    /// Its SavedModel folder, or its TF Lite file.
    pub path: PathBuf,
    /// Where it came from.
    pub origin: Origin,
    /// What is known of it beside its files, by its name or by its maker.
    pub card: Card,
    /// SHA-256 that its content had when it was fetched or unpacked, where that was written down.
    pub sha256: Option<String>,
}

impl LocatedModel {
    /// Whether it is a TF Lite file.
    pub fn is_tflite(&self) -> bool {
        is_tflite(&self.path)
    }

    /// The official `model`, which was found.
    pub fn official(model: impl Into<Official>, found: Found) -> Self {
        let model = model.into();
        let sha256 = match model {
            Official::SavedModel(_) => recorded(&found.path, ""),
            Official::TfLite(_) => recorded_file(&found.path),
        };
        Self { name: model.to_string(), path: found.path, origin: found.origin, card: Card::official(model), sha256 }
    }
}

/// Finds models by name or folder, and fetches official ones that are not here.
#[derive(Debug, Clone)]
pub struct ModelFinder {
    /// Where fetched things are kept.
    pub cache: Cache,
    /// Where other programs keep theirs.
    pub foreign: ForeignCaches,
    /// Where what is not here comes from; `None` where nothing is fetched.
    #[cfg(feature = "fetch")]
    pub downloads: Option<Downloads>,
    /// Who is told of the progress.
    pub progress: Arc<dyn Progress>,
}

impl ModelFinder {
    /// The model that `named` means: a folder, or where there is none of that name, a model of the catalogue or of the
    /// demo.
    ///
    /// # Errors
    /// [`ModelError`] when it is neither, or cannot be fetched.
    pub fn any(&self, named: impl AsRef<Path>) -> Result<LocatedModel, ModelError> {
        match self.meant(named.as_ref())? {
            Meant::Here(model) => Ok(model),
            Meant::Official(model) => self.official(model),
        }
    }

    /// As [`ModelFinder::any`], for a model of this variation, as far as its name tells that.
    ///
    /// # Errors
    /// [`ModelError::Variation`] when it is of the other, else as [`ModelFinder::any`].
    pub fn one(&self, named: impl AsRef<Path>, variation: Variation) -> Result<LocatedModel, ModelError> {
        match self.meant(named.as_ref())? {
            Meant::Official(model) if variation_of(model) != variation => {
                Err(ModelError::Variation { model: model.to_string(), wanted: variation })
            }
            Meant::Official(model) => self.official(model),
            Meant::Here(model) => Ok(model),
        }
    }

    /// Both models of a pair, base and stream; `None` for the one that has no files.
    ///
    /// # Errors
    /// [`ModelError`] when they cannot be fetched or unpacked.
    pub fn pair(&self, name: PairName) -> Result<Option<[LocatedModel; 2]>, ModelError> {
        match name {
            PairName::Family(family) => {
                let official = |variation| self.official(Model { family, variation }.into());
                Ok(Some([official(Variation::Base)?, official(Variation::Stream)?]))
            }
            #[cfg(feature = "demo")]
            PairName::Demo => self.demo().map(Some),
            PairName::Fake => Ok(None),
        }
    }

    /// The Kinetics-600 labels, fetched for `official` models where they are not here. Without them classes have numbers.
    ///
    /// # Errors
    /// [`ModelError::Labels`] when they are here and cannot be read.
    pub fn kinetics_labels(&self, official: bool) -> Result<LabelSource, ModelError> {
        let path = self.cache.entry(Kind::File, catalog::LABELS.name).path().to_owned();
        if !path.is_file() && official {
            self.fetch_labels();
        }
        if !path.is_file() {
            return Ok(LabelSource::Unknown);
        }
        Ok(LabelSource::IfTheyFit(Labels::read(&path)?, path))
    }

    /// What is known beside its files of the model that `named` means. Nothing is fetched.
    ///
    /// # Errors
    /// As [`ModelFinder::any`].
    pub fn card(&self, named: impl AsRef<Path>) -> Result<Card, ModelError> {
        match self.meant(named.as_ref())? {
            Meant::Here(model) => Ok(model.card),
            Meant::Official(model) => Ok(Card::official(model)),
        }
    }

    fn meant(&self, named: &Path) -> Result<Meant, ModelError> {
        let name = named.to_string_lossy();
        if named.exists() || name.contains(std::path::MAIN_SEPARATOR) {
            let unclear = |source| ModelError::Path { path: named.to_owned(), source };
            if named.exists() && !named.is_dir() && !is_tflite(named) {
                return Err(ModelError::NoModel { path: named.to_owned() });
            }
            let absolute = std::path::absolute(named).map_err(unclear)?;
            let name = absolute.file_name().map_or(name, |file| file.to_string_lossy()).into_owned();
            let card = Card::read(named)?;
            let (path, origin) = (named.to_owned(), Origin::Folder);
            return Ok(Meant::Here(LocatedModel { name, path, origin, card, sha256: None }));
        }
        #[cfg(feature = "demo")]
        if let Some(at) = super::demo::NAMES.iter().position(|known| *known == name) {
            let [base, stream] = self.demo()?;
            return Ok(Meant::Here(if at == 0 { base } else { stream }));
        }
        Ok(Meant::Official(name.parse()?))
    }

    #[cfg(feature = "demo")]
    fn demo(&self) -> Result<[LocatedModel; 2], ModelError> {
        use super::demo;
        let unpacked = demo::unpack(&self.cache)?;
        let located = |name: &str, path: PathBuf| LocatedModel {
            name: name.into(),
            origin: Origin::Bundled,
            card: Card::of_size(demo::SIZE),
            sha256: path
                .parent()
                .zip(path.file_name())
                .and_then(|(entry, folder)| recorded(entry, &folder.to_string_lossy())),
            path,
        };
        Ok([located(demo::NAMES[0], unpacked.base), located(demo::NAMES[1], unpacked.stream)])
    }

    /// An official model, fetched where it is not here.
    ///
    /// # Errors
    /// [`ModelError`] when it is not here and cannot be fetched.
    pub fn official(&self, model: Official) -> Result<LocatedModel, ModelError> {
        match Found::official(&model, &self.cache, &self.foreign) {
            Some(found) => Ok(LocatedModel::official(model, found)),
            None => {
                if let Official::SavedModel(model) = model {
                    self.foreign.tell_of_damage(&model, &*self.progress);
                }
                self.fetch(model)
            }
        }
    }

    #[cfg(feature = "fetch")]
    fn fetch(&self, model: Official) -> Result<LocatedModel, ModelError> {
        let Some(downloads) = &self.downloads else { return Err(ModelError::NotHere { model }) };
        let client = downloads.client()?;
        if client.is_some() {
            self.progress.note(&format!("{model} isn't on this machine: fetching it, once"));
        }
        let found = self.store(downloads, client.as_ref()).fetch(model, false)?;
        Ok(LocatedModel::official(model, found))
    }

    #[cfg(not(feature = "fetch"))]
    fn fetch(&self, model: Official) -> Result<LocatedModel, ModelError> {
        Err(ModelError::NotHere { model })
    }

    #[cfg(feature = "fetch")]
    fn fetch_labels(&self) {
        let Some(downloads) = &self.downloads else { return };
        let fetch = || {
            let client = downloads.client()?;
            self.store(downloads, client.as_ref()).file(&catalog::LABELS, None, false)
        };
        if let Err(error) = fetch() {
            self.progress.warning(&format!("classes are shown by number: {}", causes(&error)));
        }
    }

    #[cfg(not(feature = "fetch"))]
    fn fetch_labels(&self) {}

    #[cfg(feature = "fetch")]
    fn store<'a>(&'a self, downloads: &'a Downloads, client: Option<&'a crate::fetch::Client>) -> Store<'a> {
        let Self { cache, foreign, progress, .. } = self;
        Store { cache, foreign, client, servers: &downloads.servers, progress: &**progress }
    }
}

/// The fingerprint of the SavedModel in `folder` of the entry at `path`, as it was when it was put there.
fn recorded(path: &Path, folder: &str) -> Option<String> {
    Record::read(path)?.models.remove(folder)
}

/// The hash of the TF Lite file at `path`, as it was when it was put there.
fn recorded_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let record = Record::read(path.parent()?)?;
    record.files.into_iter().find(|file| file.path == name).map(|file| file.sha256)
}

fn variation_of(model: Official) -> Variation {
    match model {
        Official::SavedModel(model) => model.variation,
        Official::TfLite(_) => Variation::Stream,
    }
}

/// What a name means.
enum Meant {
    Here(LocatedModel),
    Official(Official),
}
