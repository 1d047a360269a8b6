//! What a session is told before its models are loaded.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SessionError;
use crate::cache::{Cache, ForeignCaches};
use crate::catalog::{EngineLibrary, Variation};
use crate::engine::{BaseNetwork, Engine, StreamNetwork};
#[cfg(feature = "fetch")]
use crate::fetch::Downloads;
use crate::media::{Sampling, SamplingOptions};
use crate::models::{LabelSource, ModelFinder, PairName};
use crate::predict::Labels;
use crate::progress::{Progress, Silent};
use crate::runtime::Loader;

/// Which form of the models runs. A TF Lite file has one form, which LiteRT runs; the others are those of SavedModels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EngineChoice {
    /// The fastest form that is there and proved equal: LiteRT's of a stream model, OpenVINO's of a base model, else as
    /// [`TensorFlow`](Self::TensorFlow).
    #[default]
    Auto,
    /// TensorFlow, on the prepared form where there is one, else on the files as they are. The bundled demo is prepared where
    /// it isn't.
    TensorFlow,
    /// The prepared form.
    Prepared,
    /// The files as they are: the numbers of Python TensorFlow to the last bit.
    Reference,
    /// LiteRT, which runs TF Lite files, and of a stream model the proved form that is one; a base model is as
    /// [`TensorFlow`](Self::TensorFlow) says.
    LiteRt,
    /// OpenVINO, which runs the proved form of a base model that was compiled for it; a stream model is as
    /// [`TensorFlow`](Self::TensorFlow) says, and a TF Lite file as it is.
    OpenVino,
}

/// Which models.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Nothing,
    Pair(PairName),
    Each { base: Option<PathBuf>, stream: Option<PathBuf> },
    Networks(Networks),
}

/// Networks that are loaded already.
#[derive(Debug, Clone)]
pub(super) struct Networks {
    pub engine: Engine,
    pub base: Option<Arc<dyn BaseNetwork>>,
    pub stream: Option<Arc<dyn StreamNetwork>>,
}

/// Builds a [`Session`](super::Session). By default no model is named, the cache is a folder `cache` of the working directory, nothing is
/// fetched, and nobody is told of the progress.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before it is built"]
pub struct SessionBuilder {
    pub(super) finder: ModelFinder,
    pub(super) loader: Option<Loader>,
    pub(super) library: Option<PathBuf>,
    pub(super) engine_libraries: HashMap<EngineLibrary, PathBuf>,
    pub(super) library_path: Vec<PathBuf>,
    pub(super) wanted: Wanted,
    pub(super) only: Option<Variation>,
    pub(super) engine: EngineChoice,
    pub(super) labels: Option<LabelSource>,
    pub(super) size: Option<usize>,
    pub(super) sampling: SamplingOptions,
    pub(super) default_sampling: Sampling,
    pub(super) prepared_threads: Option<u16>,
    pub(super) threads: Option<u16>,
    pub(super) top_k: usize,
}

impl Default for SessionBuilder {
    fn default() -> Self {
        Self {
            finder: ModelFinder {
                cache: Cache::new("cache"),
                foreign: ForeignCaches::default(),
                #[cfg(feature = "fetch")]
                downloads: None,
                progress: Arc::new(Silent),
            },
            loader: None,
            library: None,
            engine_libraries: HashMap::new(),
            library_path: Vec::new(),
            wanted: Wanted::Nothing,
            only: None,
            engine: EngineChoice::Auto,
            labels: None,
            size: None,
            sampling: SamplingOptions::default(),
            default_sampling: Sampling::default(),
            prepared_threads: None,
            threads: None,
            top_k: 5,
        }
    }
}

impl SessionBuilder {
    /// Who loads TensorFlow. Needed for SavedModels.
    pub fn tensorflow(self, loader: &Loader) -> Self {
        Self { loader: Some(loader.clone()), ..self }
    }

    /// TensorFlow's library, a file or a folder; nothing else is then looked at.
    pub fn library(self, named: impl Into<PathBuf>) -> Self {
        Self { library: Some(named.into()), ..self }
    }

    /// A library that runs models beside TensorFlow, a file or a folder; nothing else is then looked at for it.
    pub fn engine_library(mut self, which: EngineLibrary, named: impl Into<PathBuf>) -> Self {
        self.engine_libraries.insert(which, named.into());
        self
    }

    /// Folders in which libraries are looked for first.
    pub fn library_path(self, folders: Vec<PathBuf>) -> Self {
        Self { library_path: folders, ..self }
    }

    /// Where fetched and prepared things are kept.
    pub fn cache(mut self, cache: impl Into<PathBuf>) -> Self {
        self.finder.cache = Cache::new(cache).telling(Arc::clone(&self.finder.progress));
        self
    }

    /// Where other programs keep models, which are used in place.
    pub fn foreign_caches(mut self, foreign: ForeignCaches) -> Self {
        self.finder.foreign = foreign;
        self
    }

    /// Lets models, labels and libraries be fetched where they are not here.
    #[cfg(feature = "fetch")]
    pub fn downloads(mut self, downloads: Downloads) -> Self {
        self.finder.downloads = Some(downloads);
        self
    }

    /// Who is told of the progress.
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.finder.cache = self.finder.cache.telling(Arc::clone(&progress));
        self.finder.progress = progress;
        self
    }

    /// A pair of models by name.
    pub fn pair(self, name: PairName) -> Self {
        Self { wanted: Wanted::Pair(name), ..self }
    }

    /// The base model: a folder of a SavedModel, or a name such as `a0-base`.
    pub fn base(self, model: impl AsRef<Path>) -> Self {
        let base = Some(model.as_ref().to_owned());
        let stream = if let Wanted::Each { stream, .. } = self.wanted { stream } else { None };
        Self { wanted: Wanted::Each { base, stream }, ..self }
    }

    /// The stream model: a folder of a SavedModel, a TF Lite file, or a name such as `a0-stream` or `a0-stream-int8`.
    pub fn stream(self, model: impl AsRef<Path>) -> Self {
        let stream = Some(model.as_ref().to_owned());
        let base = if let Wanted::Each { base, .. } = self.wanted { base } else { None };
        Self { wanted: Wanted::Each { base, stream }, ..self }
    }

    /// Networks of an engine of one's own, loaded already.
    pub fn networks(
        self,
        engine: Engine,
        base: Option<Arc<dyn BaseNetwork>>,
        stream: Option<Arc<dyn StreamNetwork>>,
    ) -> Self {
        Self { wanted: Wanted::Networks(Networks { engine, base, stream }), ..self }
    }

    /// Loads only one of the models.
    pub fn only(self, variation: Variation) -> Self {
        Self { only: Some(variation), ..self }
    }

    /// Which form of the models runs.
    pub fn engine(self, engine: EngineChoice) -> Self {
        Self { engine, ..self }
    }

    /// Names of the classes, which must be as many as the models have. Without them the demo's, or the Kinetics-600 labels
    /// where they are here and fit.
    pub fn labels(self, labels: Labels) -> Self {
        Self { labels: Some(LabelSource::Given(labels, "the labels given".into())), ..self }
    }

    /// Names of the classes, in a file of one of the forms that [`Labels::read`] takes.
    ///
    /// # Errors
    /// [`SessionError::Labels`] when it cannot be read.
    pub fn labels_file(self, path: impl AsRef<Path>) -> Result<Self, SessionError> {
        let labels = Labels::read(path.as_ref())?;
        Ok(Self { labels: Some(LabelSource::Given(labels, path.as_ref().to_owned())), ..self })
    }

    /// Height and width in pixels of the frames that the models are shown, instead of their own.
    pub fn size(self, pixels: usize) -> Self {
        Self { size: Some(pixels), ..self }
    }

    /// How clips are shown to the models; where no rule is named, by the one that the models' cards name.
    pub fn sampling_options(self, sampling: SamplingOptions) -> Self {
        Self { sampling, ..self }
    }

    /// By which rule clips are shown to the models where nothing else is said, instead of [`Sampling::Tutorial`];
    /// [`Sampling::Model`] only where a rate is known.
    pub fn default_sampling(self, sampling: Sampling) -> Self {
        Self { default_sampling: sampling, ..self }
    }

    /// By which rule clips are shown to the models.
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling.sampling = Some(sampling);
        self
    }

    /// Threads that the engine may use for each model, instead of all cores, or one for a prepared stream model or a TF Lite file.
    pub fn threads(self, threads: u16) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// Threads that the engine may use for a prepared model where nothing else is said and it would use all cores: for
    /// processes side by side. Its numbers don't depend on them; those of the reference do, which XLA computes.
    pub fn prepared_threads(self, threads: u16) -> Self {
        Self { prepared_threads: Some(threads), ..self }
    }

    /// How many of the most likely classes are told; 5 where nothing is said.
    pub fn top_k(self, k: usize) -> Self {
        Self { top_k: k, ..self }
    }
}
