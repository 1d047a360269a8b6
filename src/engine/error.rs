//! What can be wrong with a model or a run of it.

use std::path::PathBuf;

use crate::answer::NotANumber;
use crate::catalog::EngineLibrary;

/// Why a model cannot be loaded, cannot serve as the MoViNet it was given for, or cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no folder of that name.
    #[error("'{}' is not a folder", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
    },
    /// The folder lacks a file that every SavedModel has.
    #[error("'{}' is not a whole SavedModel: it has no {file}", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// The missing file.
        file: &'static str,
    },
    /// There is no such file.
    #[error("there is no file '{}'", path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// A library beside TensorFlow refuses a model, or fails while it runs it.
    #[error("{library} cannot {what} '{}': {reason}", path.display())]
    Library {
        /// Which library.
        library: EngineLibrary,
        /// The file.
        path: PathBuf,
        /// `load`, `compile`, `run`.
        what: &'static str,
        /// What the library says.
        reason: String,
    },
    /// A file of the folder is not what it was when it was saved.
    #[error("'{}' is damaged: {reason}", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the folder cannot be read; the message names it.
    #[error("cannot read the model")]
    Read(#[source] std::io::Error),
    /// TensorFlow refuses to load it.
    #[error("TensorFlow cannot load '{}': {reason}", path.display())]
    Load {
        /// The folder.
        path: PathBuf,
        /// What TensorFlow said.
        reason: String,
    },
    /// It has no such signature.
    #[error("'{}' has no signature '{wanted}'; it has {}", path.display(), listed(present))]
    NoSignature {
        /// The folder.
        path: PathBuf,
        /// The signature that was asked for.
        wanted: String,
        /// Those that it has.
        present: Vec<String>,
    },
    /// A signature has no such input or output.
    #[error("signature '{signature}' of '{}' has no {role} '{wanted}'; it has {}", path.display(), listed(present))]
    NoTensor {
        /// The folder.
        path: PathBuf,
        /// The signature.
        signature: String,
        /// `input` or `output`.
        role: &'static str,
        /// The name that was asked for.
        wanted: String,
        /// Those that it has.
        present: Vec<String>,
    },
    /// A signature was given another number of tensors than it takes.
    #[error("signature '{signature}' takes {expected} tensors, not {got}")]
    Count {
        /// The signature.
        signature: String,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// A tensor is of another type or shape than the signature says.
    #[error("'{tensor}' of signature '{signature}' takes {expected}, not {got}")]
    Mismatch {
        /// The signature.
        signature: String,
        /// The input or output.
        tensor: String,
        /// Type and shape in the signature.
        expected: String,
        /// Type and shape that were given.
        got: String,
    },
    /// A stream model takes more frames at a time than the clip has.
    #[error("the clip has {frames} frames, and the stream model takes {needed} at a time")]
    TooShort {
        /// The frames of the clip.
        frames: usize,
        /// The frames of a step.
        needed: usize,
    },
    /// A base model takes clips of another length.
    #[error("'{}' takes clips of {takes} frames, and this one has {got}", path.display())]
    ClipLength {
        /// The model.
        path: PathBuf,
        /// The frames that it takes.
        takes: usize,
        /// The frames of the clip.
        got: usize,
    },
    /// TensorFlow failed while it ran a signature.
    #[error("signature '{signature}' of '{}' failed: {reason}", path.display())]
    Run {
        /// The folder.
        path: PathBuf,
        /// The signature.
        signature: String,
        /// What TensorFlow said.
        reason: String,
    },
    /// A stream model was given where a base model is needed.
    #[error("'{}' is a stream model; a base model is needed here (did you exchange the two?)", path.display())]
    StreamGivenAsBase {
        /// The model.
        path: PathBuf,
    },
    /// A base model was given where a stream model is needed.
    #[error("'{}' is a base model; a stream model is needed here (did you exchange the two?)", path.display())]
    BaseGivenAsStream {
        /// The model.
        path: PathBuf,
    },
    /// The signatures are not those of a MoViNet, or of one that can be fed here.
    #[error("'{}' is not a MoViNet that can run here: {reason}", path.display())]
    NotAMovinet {
        /// The model.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// A model gave a result of another shape than its signature says.
    #[error("'{}' gave logits of shape {got:?}; (1, classes) was expected", path.display())]
    Logits {
        /// The model.
        path: PathBuf,
        /// The shape that it gave.
        got: Vec<u64>,
    },
    /// The two models of a pair, or a model and its labels, disagree on the classes.
    #[error("{left} and {right} differ in their number of classes: {left_classes} and {right_classes}")]
    Classes {
        /// One side.
        left: String,
        /// Its number of classes.
        left_classes: usize,
        /// The other side.
        right: String,
        /// Its number of classes.
        right_classes: usize,
    },
    /// There is not as much memory as a tensor takes.
    #[error("there is no room for {what}: {dims:?} of 4 bytes each are {}", size(dims))]
    Memory {
        /// What it is: `frames`, `state 'state_head_pool_buffer'`.
        what: String,
        /// Its dimensions, 4 bytes an element.
        dims: Vec<u64>,
    },
    /// A network takes or gives another number of values than it should.
    #[error("the network's {what} holds {got} values, not {expected}")]
    Size {
        /// `input`, `window` or `logits`.
        what: &'static str,
        /// Its number of values.
        got: usize,
        /// The number that it should have.
        expected: usize,
    },
    /// A network gave something that is no number.
    #[error("the model gave no number")]
    NoNumber(#[source] NotANumber),
    /// An engine of one's own failed.
    #[error("the engine failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stream failed earlier and was not reset.
    #[error("the stream of '{}' failed before; it must be reset first", path.display())]
    Broken {
        /// The model.
        path: PathBuf,
    },
}

/// Bytes of a tensor of 4 bytes an element, rounded: `4.0 PB`.
fn size(dims: &[u64]) -> String {
    let bytes = dims.iter().fold(4.0, |bytes, &dim| bytes * dim as f64);
    let units = [(1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")];
    let (unit, name) = units.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1.0, "bytes"));
    format!("{:.1} {name}", bytes / unit)
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    match names.len() {
        0 => "none".into(),
        count if count <= MOST => names.join(", "),
        count => format!("{}, ... ({count} in all)", names[..MOST].join(", ")),
    }
}
