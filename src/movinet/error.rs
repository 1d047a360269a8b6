//! What can be wrong with a model beyond its being a SavedModel.

use std::path::PathBuf;

use crate::saved_model::SavedModelError;

/// Why a model cannot serve as the MoViNet it was given for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MovinetError {
    /// Loading or calling the SavedModel failed.
    #[error(transparent)]
    SavedModel(#[from] SavedModelError),
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
    /// The signatures are not those of a MoViNet.
    #[error("'{}' is not a MoViNet: {reason}", path.display())]
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
}
