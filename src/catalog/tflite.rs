//! The official TF Lite files, all of stream models.

use std::fmt;
use std::str::FromStr;

use super::{FAMILY, Family, Model, UnknownModel, models, nearest};

/// Google's bucket of the TensorFlow Model Garden.
pub const BUCKET: &str = "https://storage.googleapis.com";

/// What numbers the weights of a TF Lite file are kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Weights {
    /// 32-bit floating point.
    Float32,
    /// 16-bit floating point.
    Float16,
    /// 8-bit integers, in which the network computes too.
    Int8,
}

impl Weights {
    const ALL: [Self; 3] = [Self::Float32, Self::Float16, Self::Int8];
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float32 => "float32",
            Self::Float16 => "float16",
            Self::Int8 => "int8",
        })
    }
}

/// An official TF Lite file: `a0-stream-int8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TfLiteModel {
    /// Which member.
    pub family: &'static Family,
    /// What its weights are.
    pub weights: Weights,
}

/// Top-1 accuracy in percent on Kinetics-600 of a0, a1 and a2, by the official repository.
const FLOAT16_ACCURACY: [f64; 3] = [71.5, 76.0, 77.5];
const INT8_ACCURACY: [f64; 3] = [65.0, 70.1, 72.2];

impl TfLiteModel {
    /// Where it is in [`BUCKET`] or a mirror of it.
    pub fn path_in_bucket(&self) -> Option<String> {
        let path = || format!("tf_model_garden/vision/movinet/movinet_{}_stream.tflite", self.family.name);
        (self.weights == Weights::Float32).then(path)
    }

    /// Where TensorFlow Hub has it, below [`TFHUB`](super::TFHUB) or a mirror.
    pub fn path_on_tfhub(&self) -> Option<String> {
        let version = match self.weights {
            Weights::Float32 => return None,
            Weights::Float16 => 2,
            Weights::Int8 => 1,
        };
        let Self { family: Family { name, .. }, weights } = self;
        Some(format!(
            "tensorflow/lite-model/movinet/{name}/stream/kinetics-600/classification/tflite/{weights}/{version}?lite-format=tflite"
        ))
    }

    /// Where Kaggle has it, below [`KAGGLE`](super::KAGGLE) or a mirror and before `/download`.
    pub fn path_on_kaggle(&self) -> Option<String> {
        let Self { family: Family { name, .. }, weights } = self;
        (*weights != Weights::Float32).then(|| {
            format!("api/v1/models/google/movinet/tfLite/{name}-stream-kinetics-600-classification-tflite-{weights}/1")
        })
    }

    /// SHA-256 of the file, where it is known.
    pub fn sha256(&self) -> Option<&'static str> {
        let is_known = self.family.name == "a0" && self.weights == Weights::Int8;
        is_known.then_some("6125b36e2485eeb5cc1fd6206cf5e5d70235593fbc84610d1dce97fe3aa9c2ac")
    }

    /// Published top-1 accuracy in percent on Kinetics-600.
    pub fn accuracy(&self) -> Option<f64> {
        let member = FAMILY.iter().position(|family| family == self.family)?;
        match self.weights {
            Weights::Float32 => Some(self.family.stream_accuracy.0),
            Weights::Float16 => FLOAT16_ACCURACY.get(member).copied(),
            Weights::Int8 => INT8_ACCURACY.get(member).copied(),
        }
    }

    /// Size of the file in millions of bytes, about.
    pub fn megabytes(&self) -> u32 {
        match self.weights {
            Weights::Float32 => self.family.megabytes,
            Weights::Float16 => self.family.megabytes.div_ceil(2),
            Weights::Int8 => self.family.megabytes.div_ceil(4),
        }
    }
}

impl fmt::Display for TfLiteModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-stream-{}", self.family.name, self.weights)
    }
}

/// All official TF Lite files: of every member with weights of float32, of the three smallest with others too.
pub fn tflite_models() -> impl Iterator<Item = TfLiteModel> {
    const SMALL: usize = INT8_ACCURACY.len();
    FAMILY.iter().enumerate().flat_map(|(member, family)| {
        let there_is = move |weights: &Weights| member < SMALL || *weights == Weights::Float32;
        Weights::ALL.into_iter().filter(there_is).map(move |weights| TfLiteModel { family, weights })
    })
}

/// An official model in one of the two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Official {
    /// A SavedModel, which TensorFlow runs.
    SavedModel(Model),
    /// A TF Lite file, which LiteRT runs.
    TfLite(TfLiteModel),
}

impl Official {
    /// Which member of the family it is.
    pub fn family(&self) -> &'static Family {
        match self {
            Self::SavedModel(model) => model.family,
            Self::TfLite(model) => model.family,
        }
    }
}

impl From<Model> for Official {
    fn from(model: Model) -> Self {
        Self::SavedModel(model)
    }
}

impl From<TfLiteModel> for Official {
    fn from(model: TfLiteModel) -> Self {
        Self::TfLite(model)
    }
}

impl fmt::Display for Official {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SavedModel(model) => model.fmt(f),
            Self::TfLite(model) => model.fmt(f),
        }
    }
}

impl FromStr for Official {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        let wanted = name.to_ascii_lowercase();
        let all = || models().map(Self::SavedModel).chain(tflite_models().map(Self::TfLite));
        all().find(|model| model.to_string() == wanted).ok_or_else(|| UnknownModel {
            name: name.to_owned(),
            suggestion: nearest(&wanted, all().map(|model| model.to_string())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_formats_round_trip() {
        assert_eq!(tflite_models().count(), 12);
        for model in tflite_models() {
            assert_eq!(model.to_string().parse(), Ok(Official::TfLite(model)));
            assert!(
                model.accuracy().is_some() && (model.path_in_bucket().is_some() || model.path_on_tfhub().is_some())
            );
        }
        assert!(matches!("a2-base".parse(), Ok(Official::SavedModel(_))));
        let suggested = |name: &str| name.parse::<Official>().unwrap_err().suggestion;
        assert_eq!(suggested("a2-steam").as_deref(), Some("a2-stream"));
        assert_eq!(suggested("a2-stream-int4").as_deref(), Some("a2-stream-int8"));
    }
}
