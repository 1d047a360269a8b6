//! Which frames of a clip a model is shown, by name.

use serde::{Deserialize, Serialize};

/// Which frames of a clip a model is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Sampling {
    /// Every frame once, as the tutorial of the official models does.
    Tutorial,
    /// As many a second as the model was trained on.
    Model,
}
