//! Which frames of a clip a model is shown and how they are cut, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sampling rule: which frames of a clip a model is shown, and how they are cut. It decides a model's answer as much as
/// the model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Sampling {
    /// Every frame once, squashed to a square: as the tutorial of the official models does.
    #[default]
    Tutorial,
    /// As [`Sampling::Tutorial`], but as many frames a second as the model was trained on.
    Model,
    /// What the published accuracies were measured with: a fixed number of frames out of the middle, and the square in the
    /// middle of each.
    Kinetics,
    /// Every frame once, in its proportions: what the model sees is not square.
    Fit,
    /// A few frames far apart, in their proportions on black: as TensorFlow's tutorials on video do.
    Letterbox,
    /// The square in the middle of each frame, five a second: as the sample for phones does.
    Centre,
}

impl fmt::Display for Sampling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Tutorial => "tutorial",
            Self::Model => "model",
            Self::Kinetics => "kinetics",
            Self::Fit => "fit",
            Self::Letterbox => "letterbox",
            Self::Centre => "centre",
        })
    }
}
