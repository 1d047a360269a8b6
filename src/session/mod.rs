//! The front door: models found, chosen and loaded once, and run on any number of clips.
//!
//! ```text
//! Session::builder() -> models by name or folder, engine, labels, threads -> build()
//!   -> predict(source)   base on a whole clip
//!   -> stream(source)    stream frame by frame, an iterator
//!   -> compare(source)   both, and how far they agree
//! ```
//!
//! The memory of a stream is a few frames, their resized forms, the states and the logits. A base network sees all frames at
//! once, and so does `compare`: the resized clip is held, float32, once.

mod beside;
mod both;
mod builder;
mod classified;
mod error;
mod finding;
mod form;
mod form_loader;
mod found;
mod libraries;
mod loading;
mod model_loader;
mod other_engines;
mod outputs;
mod run;
mod sampling;
mod streaming;
#[cfg(test)]
mod tests;

mod window;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use builder::{EngineChoice, SessionBuilder};
pub use classified::{Classes, Classified};
pub use error::SessionError;
pub use found::FoundModels;
pub use outputs::Outputs;
pub use run::{Prediction, Run};
pub use streaming::{Step, Streaming};

use self::sampling::Told;
use crate::answer::{Answer, Reading};
use crate::cache::Locked;
use crate::compare::ModelInfo;
use crate::engine::{BaseNetwork, StreamNetwork};
use crate::media::SamplingOptions;
use crate::models::LabelSource;
use crate::predict::{Guess, Labels};
use crate::progress::Progress;
use ndarray::{ArrayView1, Axis};

/// Frames of more pixels a side are refused: a network takes hundreds.
const LARGEST_SIZE: usize = 1 << 14;

/// Loaded models, ready for any number of clips. It can go to another thread, and threads can share it; a clone has the same
/// models.
#[derive(Debug, Clone)]
pub struct Session {
    base: Option<Ready<dyn BaseNetwork>>,
    stream: Option<Ready<dyn StreamNetwork>>,
    labels: LabelSource,
    size: Option<usize>,
    sampling: SamplingOptions,
    told: Told,
    top_k: usize,
    tensorflow: Option<String>,
    progress: Arc<dyn Progress>,
    /// The libraries of TensorFlow and LiteRT are in use as long as the session is there.
    _held: [Option<Arc<Locked>>; 3],
}

/// A loaded network, what it is, and how long loading it took.
#[derive(Debug)]
struct Ready<N: ?Sized> {
    network: Arc<N>,
    info: ModelInfo,
    loading: Duration,
    /// How its output is read, where its card tells.
    reading: Option<Reading>,
    /// Whether it was told how its output is read.
    told: Arc<AtomicBool>,
    /// Its folder is in use as long as this or a stream is there.
    held: Option<Arc<Locked>>,
}

impl<N: ?Sized> Clone for Ready<N> {
    fn clone(&self) -> Self {
        let Self { network, info, loading, reading, told, held } = self;
        let (network, info, told, held) = (Arc::clone(network), info.clone(), Arc::clone(told), held.clone());
        Self { network, info, loading: *loading, reading: *reading, told, held }
    }
}

impl<N: ?Sized> Ready<N> {
    /// A network that is there without loading.
    fn of(network: Arc<N>, info: ModelInfo) -> Self {
        Self { network, info, loading: Duration::ZERO, reading: None, told: Arc::default(), held: None }
    }

    /// The same of another type.
    fn map<M: ?Sized>(self, of: impl FnOnce(Arc<N>) -> Arc<M>) -> Ready<M> {
        let Self { network, info, loading, reading, told, held } = self;
        Ready { network: of(network), info, loading, reading, told, held }
    }
}

impl Session {
    /// Begins a session: say which models, and [build](SessionBuilder::build) it.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// The base network, where the session has one.
    pub fn base_network(&self) -> Option<&Arc<dyn BaseNetwork>> {
        self.base.as_ref().map(|base| &base.network)
    }

    /// The stream network, where the session has one.
    pub fn stream_network(&self) -> Option<&Arc<dyn StreamNetwork>> {
        self.stream.as_ref().map(|stream| &stream.network)
    }

    /// What the base model is, where the session has one.
    pub fn base_info(&self) -> Option<&ModelInfo> {
        self.base.as_ref().map(|base| &base.info)
    }

    /// What the stream model is, where the session has one.
    pub fn stream_info(&self) -> Option<&ModelInfo> {
        self.stream.as_ref().map(|stream| &stream.info)
    }

    /// How long loading the base and the stream model took; zero for one that the session doesn't have.
    pub fn loading(&self) -> (Duration, Duration) {
        let base = self.base.as_ref().map_or(Duration::ZERO, |base| base.loading);
        (base, self.stream.as_ref().map_or(Duration::ZERO, |stream| stream.loading))
    }

    /// TensorFlow's version, where it runs.
    pub fn tensorflow(&self) -> Option<&str> {
        self.tensorflow.as_deref()
    }

    /// Height and width in pixels of the frames that the models are shown: what the builder was told, else the models'
    /// own.
    ///
    /// # Errors
    /// [`SessionError::UnknownSize`] when neither tells, [`SessionError::Size`] for one that no frame can have.
    pub fn size(&self) -> Result<usize, SessionError> {
        let own = || self.stream.as_ref().and_then(|stream| stream.network.own_size());
        let base = || self.base.as_ref().and_then(|base| base.network.own_size());
        checked_size(self.size.or_else(own).or_else(base))
    }

    /// The names of the classes of a model with so many outputs; a single output tells two classes apart.
    ///
    /// # Errors
    /// [`SessionError::Labels`] when the names that were given are not as many.
    pub fn labels(&self, outputs: usize) -> Result<Labels, SessionError> {
        Ok(self.labels.for_outputs(outputs)?)
    }

    /// Whether the names that were given are as many as the classes, as far as that is known before the models run.
    fn check_labels(&self) -> Result<(), SessionError> {
        let base = self.base.as_ref().and_then(|base| base.network.outputs());
        let stream = self.stream.as_ref().and_then(|stream| stream.network.outputs());
        base.into_iter().chain(stream).try_for_each(|outputs| self.labels(outputs).map(drop))
    }

    /// The names of the classes, as far as they are known before a model gave any.
    pub fn class_names(&self) -> Labels {
        match &self.labels {
            LabelSource::Given(labels, _) | LabelSource::IfTheyFit(labels, _) => labels.clone(),
            LabelSource::Unknown => Labels::numbered(),
        }
    }

    /// The most likely classes of `logits` `(classes)`, as many as the builder was told, most likely first. They are read
    /// as the stream model's output, or the base model's where there is none: as [`Answer::read`] does.
    ///
    /// # Errors
    /// [`SessionError::Labels`] when the names that were given are not as many as the classes,
    /// [`SessionError::NotANumber`] when there is anything but numbers in `logits`.
    pub fn top(&self, logits: ArrayView1<f32>) -> Result<Vec<Guess>, SessionError> {
        let stream = self.stream.as_ref().map(|stream| (&stream.info.name, stream.reading));
        let known = stream.or(self.base.as_ref().map(|base| (&base.info.name, base.reading)));
        let labels = self.labels(logits.len())?;
        let answer = Answer::read(logits.insert_axis(Axis(0)), known.and_then(|(_, reading)| reading));
        let name = known.map_or("the model", |(name, _)| name);
        let answer = answer.map_err(|fault| SessionError::not_a_number(name, None, fault, &labels))?;
        Ok(labels.top(answer.probabilities[0].view(), self.top_k))
    }

    fn base(&self) -> Result<&Ready<dyn BaseNetwork>, SessionError> {
        self.base.as_ref().ok_or(SessionError::NoBase)
    }

    fn stream_model(&self) -> Result<&Ready<dyn StreamNetwork>, SessionError> {
        self.stream.as_ref().ok_or(SessionError::NoStream)
    }
}

/// `size`, where frames can have it.
fn checked_size(size: Option<usize>) -> Result<usize, SessionError> {
    let size = size.ok_or(SessionError::UnknownSize)?;
    match (1..=LARGEST_SIZE).contains(&size) {
        true => Ok(size),
        false => Err(SessionError::Size { size, largest: LARGEST_SIZE }),
    }
}
