//! What models are worth on a labelled list goes out: as text and as a page; as JSON by [`json`](super::json).

#[cfg(test)]
mod example;
pub mod html;
pub mod text;

use std::path::PathBuf;

use serde::Serialize;

use crate::batch::evaluation::{ClassFigures, Compared, Figures};
use crate::media::Sampling;

/// The name and version of [`EvaluationReport`]'s keys.
pub const SCHEMA: &str = "movinet-tf/evaluate/1";

/// What models are worth on a labelled list; `movinet-tf/evaluate/1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvaluationReport {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The list, as it was named.
    #[serde(serialize_with = "crate::paths::serialize")]
    pub list: PathBuf,
    /// The models.
    pub models: Vec<ModelFigures>,
    /// The first of them against the second, where there are two.
    pub comparison: Option<ComparedModels>,
    /// How long all of it took.
    pub seconds: f64,
}

/// A model, and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelFigures {
    /// Which of a pair it is.
    pub network: Network,
    /// Its name in the catalogue, or its folder's.
    pub model: String,
    /// What ran it: `prepared`, `reference` ...
    pub engine: String,
    /// SHA-256 of its content; none where it has no files.
    pub sha256: Option<String>,
    /// The rule by which frames were chosen and cut.
    pub sampling: Sampling,
    /// The same in full.
    pub rule: String,
    /// What it is worth.
    pub figures: Figures,
}

/// Which of a pair a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The stream model, after a clip's last frame.
    Stream,
    /// The base model, on the whole clip.
    Base,
}

/// Two models on the same clips.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedModels {
    /// The name of the first.
    pub first: String,
    /// The name of the second.
    pub second: String,
    /// What was found.
    #[serde(flatten)]
    pub compared: Compared,
}

impl Network {
    /// `stream` or `base`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Base => "base",
        }
    }
}

impl ModelFigures {
    /// The classes of which clips were judged, those with the least accuracy first; of equal ones those of more clips.
    fn by_accuracy(&self) -> Vec<&ClassFigures> {
        let mut classes: Vec<_> = self.figures.classes.iter().filter(|class| class.clips > 0).collect();
        classes.sort_by(|a, b| {
            let [accuracy, other] = [a, b].map(|class| class.accuracy.unwrap_or_default());
            accuracy.total_cmp(&other).then(b.clips.cmp(&a.clips))
        });
        classes
    }
}
