//! A run against a reference, recorded or another model's: each output, by the rule of numpy's `isclose` with `equal_nan`, and
//! what a difference means; and two stream models state by state, up to where they part.

mod bisect;
mod check;
mod effect;
mod hint;
mod name;
mod spread;
mod tolerance;

use std::path::{Path, PathBuf};

use ndarray::{Array0, ArrayD, ArrayViewD};
use ndarray_npy::NpzReader;
use serde::Serialize;

pub use bisect::{Named, Parting, StateDifference, bisect};
pub use check::{Check, Decade, NoNumbers, Place, TopAgreement};
pub use effect::{ClassDifference, DriftPart, Effect, PredictionAgreement, TopParting};
pub use tolerance::Tolerance;

pub(crate) use name::Name;

use crate::answer::Reading;
use crate::compare::{ModelInfo, Observed};
use crate::media::Sampling;
use crate::npy_header::exaggerates;
use crate::predict::Labels;

/// The arrays of a reference, all float32: `video` (frames, size, size, 3), `base_logits` (classes), `stream_logits`
/// (frames, classes).
pub const KEYS: [&str; 3] = ["video", "base_logits", "stream_logits"];

/// The array of a reference that names the [`Sampling`] rule by which its video was taken; fixed-length bytes.
pub const SAMPLING: &str = "sampling";

/// Why a reference cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It cannot be read; the message names it.
    #[error("cannot read the reference")]
    Read(#[source] std::io::Error),
    /// It is no NPZ file, or an array in it is not what is expected.
    #[error("'{}' is not a reference: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a reference holds, by the names of [`KEYS`]; outputs that it lacks are not compared.
#[derive(Debug)]
pub struct Reference {
    arrays: Vec<(&'static str, ArrayD<f32>)>,
    /// The rule by which its video was taken, where it says so.
    sampling: Option<String>,
    /// How base and stream of it are read, where they are another model's.
    readings: Option<[Option<Reading>; 2]>,
}

impl Reference {
    /// What another model said of the same clip. The video is none of it: both models were shown the same.
    pub fn of(observed: &Observed<'_>) -> Self {
        let of_models = KEYS.into_iter().zip(&observed.arrays).skip(1);
        let arrays = of_models.filter_map(|(key, array)| Some((key, array.as_ref()?.to_owned())));
        let sampling = Some(observed.sampling.to_string());
        Self { arrays: arrays.collect(), sampling, readings: Some(observed.readings) }
    }

    /// Reads the float32 arrays `video`, `base_logits` and `stream_logits` of an NPZ file.
    ///
    /// # Errors
    /// [`ReferenceError`] when it cannot be read or holds none of them.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReferenceError> {
        let path = path.as_ref();
        let file = fs_err::File::open(path).map_err(ReferenceError::Read)?;
        let fault = |reason: String| ReferenceError::Format { path: path.to_owned(), reason };
        if let Some(reason) = exaggerates(path) {
            return Err(fault(reason));
        }
        let mut npz = NpzReader::new(file).map_err(|error| fault(error.to_string()))?;
        let present = npz.names().map_err(|error| fault(error.to_string()))?;
        let find = |name: &str| present.iter().find(|member| member.trim_end_matches(".npy") == name);
        let name: Option<Array0<Name>> = find(SAMPLING).and_then(|member| npz.by_name(member).ok());
        let sampling = name.map(|name| name.into_scalar().to_string());
        let mut arrays = Vec::new();
        for name in KEYS {
            let Some(member) = find(name) else { continue };
            let array = npz.by_name(member).map_err(|error| fault(format!("'{name}': {error}")))?;
            arrays.push((name, array));
        }
        if arrays.is_empty() {
            return Err(fault(format!("it has none of the arrays {}", KEYS.join(", "))));
        }
        Ok(Self { arrays, sampling, readings: None })
    }

    /// Whether it has the array of this name.
    pub fn has(&self, name: &str) -> bool {
        self.arrays.iter().any(|(known, _)| *known == name)
    }

    /// Compares what a run gave with the reference; outputs that are absent are not compared. `labels` name the classes.
    pub fn verify(&self, run: &Observed<'_>, tolerances: &Tolerances, labels: &Labels) -> Verdict {
        let mut checks = Vec::new();
        let mut hints = Vec::new();
        let sampling = run.sampling;
        if let Some(other) = self.sampling.as_ref().filter(|name| **name != sampling.to_string()) {
            hints.push(format!("the reference's frames were taken by sampling '{other}', these by '{sampling}'"));
        }
        for (name, expected) in &self.arrays {
            let of_that_name = KEYS.iter().zip(&run.arrays).filter(|(key, _)| *key == name);
            for (key, got) in of_that_name.filter_map(|(key, got)| Some((key, got.as_ref()?))) {
                let mut check = Check::new(name, got.view(), expected.view(), tolerances.of(key), labels);
                check.effect = self.effect(key, [got.view(), expected.view()], run, labels);
                checks.push(check);
                hints.extend(hint::explain(got, &expected.view()).filter(|_| *key == KEYS[0]));
            }
        }
        if checks.is_empty() {
            hints.push("the reference holds nothing of what was run".to_owned());
        }
        // A reference of another model's logits is none of this one's.
        let holds_logits = self.arrays.iter().any(|(name, _)| *name != KEYS[0]);
        let lacks_ours = holds_logits && !checks.iter().any(|check| check.output != KEYS[0]);
        if lacks_ours && !checks.is_empty() {
            hints.push("the reference holds logits, but none of the model that was run".to_owned());
        }
        let passed = !checks.is_empty() && !lacks_ours && checks.iter().all(|check| check.passed);
        Verdict { schema: SCHEMA, sampling, passed, compared: None, checks, hints }
    }

    /// What the difference between an output and the reference's means.
    fn effect(&self, key: &str, outputs: [ArrayViewD<f32>; 2], run: &Observed<'_>, labels: &Labels) -> Option<Effect> {
        let at = KEYS[1..].iter().position(|known| *known == key)?;
        // The last dimension has the classes, and the one before it the predictions of a view.
        let (predictions, frames) = match at {
            0 => (1, &[][..]),
            _ => (outputs[0].shape().iter().rev().nth(1).copied()?, run.frames),
        };
        let own = run.readings[at];
        let readings = [own, self.readings.map_or(own, |readings| readings[at])];
        Effect::of(outputs, predictions, readings, frames, labels)
    }
}

/// The schema's name.
pub const SCHEMA: &str = "movinet-tf/verify/1";

/// How far each output may be from its reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Where nothing else is said.
    pub all: Tolerance,
    /// By the names of [`KEYS`], absolute parts and relative ones.
    pub atol: Vec<(String, f64)>,
    /// As `atol`.
    pub rtol: Vec<(String, f64)>,
}

impl Tolerances {
    fn of(&self, output: &str) -> Tolerance {
        let said = |list: &[(String, f64)], all| {
            list.iter().rev().find(|(name, _)| name == output).map_or(all, |(_, value)| *value)
        };
        Tolerance { atol: said(&self.atol, self.all.atol), rtol: said(&self.rtol, self.all.rtol) }
    }
}

/// Whether a run equals its reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The rule by which the models were shown the clip.
    pub sampling: Sampling,
    /// Whether every output is within its tolerance.
    pub passed: bool,
    /// Whose outputs they are, where the reference is another model's.
    #[serde(flatten)]
    pub compared: Option<ComparedModels>,
    /// Output by output.
    pub checks: Vec<Check>,
    /// What would explain a difference.
    pub hints: Vec<String>,
}

/// Models of which one is the other's reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedModels {
    /// Those that were run.
    pub models: VerifiedModels,
    /// Those that served as the reference.
    pub reference: VerifiedModels,
}

/// The models of one side, as far as they are compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VerifiedModels {
    /// The base model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<ModelInfo>,
    /// The stream model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<ModelInfo>,
}

impl Verdict {
    /// The same, with what was run and what served as its reference, of each base and stream.
    pub fn between(self, models: [Option<ModelInfo>; 2], reference: [Option<ModelInfo>; 2]) -> Self {
        let side = |[base, stream]: [Option<ModelInfo>; 2]| VerifiedModels { base, stream };
        let compared = ComparedModels { models: side(models), reference: side(reference) };
        Self { compared: Some(compared), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn logits_of_another_model_are_no_reference() {
        let [video, logits] = [array![1.0f32, 2.0], array![3.0f32]].map(ndarray::ArrayBase::into_dyn);
        let arrays = vec![(KEYS[0], video.clone()), (KEYS[1], logits.clone())];
        let reference = Reference { arrays, sampling: None, readings: None };
        let tolerances = Tolerances { all: Tolerance { atol: 0.0, rtol: 0.0 }, atol: vec![], rtol: vec![] };
        let verify = |base: bool, stream: bool| {
            let given = |is: bool| is.then(|| logits.view());
            let arrays = [Some(video.view()), given(base), given(stream)];
            let run = Observed { arrays, readings: [None; 2], frames: &[], sampling: Sampling::Tutorial };
            reference.verify(&run, &tolerances, &Labels::numbered())
        };
        assert!(verify(true, false).passed && verify(true, true).passed);
        let other = verify(false, true);
        assert!(!other.passed && other.hints[0].contains("none of the model that was run"), "{other:?}");
    }

    #[test]
    fn an_output_has_its_own_tolerance_where_one_is_said() {
        let all = Tolerance { atol: 1.0, rtol: 2.0 };
        let tolerances = Tolerances { all, atol: vec![("video".into(), 0.0)], rtol: vec![] };
        assert_eq!(tolerances.of("video"), Tolerance { atol: 0.0, rtol: 2.0 });
        assert_eq!(tolerances.of("base_logits"), all);
    }
}
