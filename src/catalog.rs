//! The official models and files, as data: the only place with their names, addresses and sizes.
//!
//! Sources: the model cards of `tensorflow/movinet` on TensorFlow Hub, and `official/projects/movinet` of the
//! TensorFlow Model Garden.

mod engine_library;
mod evaluation;
mod ffmpeg;
mod tflite;
mod wheel_build;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

pub use engine_library::{EngineLibrary, LibraryBuild, LibraryFile};
pub use evaluation::{CLIP_FPS, Evaluation};
pub use ffmpeg::{FFMPEG_BUILDS, FFMPEG_MEGABYTES, FFMPEG_VERSION, FFMPEG_WHEEL, FfmpegBuild};
pub use tflite::{BUCKET, Official, TfLiteModel, Weights, tflite_models};
pub use wheel_build::WheelBuild;

/// The version of TensorFlow that is installed where none is found.
pub const TENSORFLOW_VERSION: &str = "2.18.1";
/// The official archive of TensorFlow's C library for x86-64 Linux.
pub const TENSORFLOW_ARCHIVE_URL: &str =
    "https://storage.googleapis.com/tensorflow/versions/2.18.1/libtensorflow-cpu-linux-x86_64.tar.gz";
/// The Python package whose wheel holds the same library.
pub const TENSORFLOW_WHEEL_PACKAGE: &str = "tensorflow-cpu";
/// Size in bytes of that wheel for CPython 3.11 on x86-64 Linux.
pub const TENSORFLOW_WHEEL_SIZE: u64 = 230_236_181;
/// SHA-256 of that wheel.
pub const TENSORFLOW_WHEEL_SHA256: &str = "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298";

/// TensorFlow Hub.
pub const TFHUB: &str = "https://tfhub.dev";
/// Asks TensorFlow Hub for the archive instead of the model's page.
pub const TFHUB_QUERY: &str = "tf-hub-format=compressed";
/// Kaggle.
pub const KAGGLE: &str = "https://www.kaggle.com";

/// A single file that is known to the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// What it is called on the command line.
    pub what: &'static str,
    /// Its name in the cache.
    pub name: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: &'static str,
}

/// The Kinetics-600 labels, one a line.
pub const LABELS: KnownFile = KnownFile {
    what: "labels",
    name: "kinetics_600_labels.txt",
    url: "https://raw.githubusercontent.com/tensorflow/models/f8af2291cced43fc9f1d9b41ddbf772ae7b0d7d2/official/projects/movinet/files/kinetics_600_labels.txt",
    bytes: 9_209,
    sha256: "8dfca4202520ea8291ce0242ef33b006d0a0772b409663c090a2876bc1978dcf",
};
/// The tutorial's clip: jumping jacks, 13 frames; footage by Coach Bobby Bluford, CC-BY.
pub const SAMPLE: KnownFile = KnownFile {
    what: "sample",
    name: "jumpingjack.gif",
    url: "https://github.com/tensorflow/models/raw/f8af2291cced43fc9f1d9b41ddbf772ae7b0d7d2/official/projects/movinet/files/jumpingjack.gif",
    bytes: 783_318,
    sha256: "e49b868256754cc0fc2d0fdd02ca70f3f22547ffbaf2077c2ff5a12ff179fae2",
};

/// A member of the MoViNet family, with what its model card says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// `a0` to `a5`.
    pub name: &'static str,
    /// Height and width in pixels of the frames that it was trained on.
    pub size: usize,
    /// Frames of a clip that it was evaluated on.
    pub frames: usize,
    /// Every how manieth frame of 25 a second it was evaluated on.
    pub stride: usize,
    /// Pixels of the short side that frames were brought to before the square in the middle was taken.
    pub short: usize,
    /// Frames a second that it was trained on.
    pub fps: f64,
    /// Recurrent states of its stream network.
    pub states: usize,
    /// Kernels of 3D convolutions in its base network, by the official code.
    pub kernels: usize,
    /// Numbers that its base network has learned, by the official code; batch norms' moving statistics count.
    pub parameters: u64,
    /// Size of its weights in millions of bytes, about what one archive takes.
    pub megabytes: u32,
    /// Top-1 and top-5 accuracy in percent of the base network on Kinetics-600.
    pub base_accuracy: (f64, f64),
    /// The same of the stream network.
    pub stream_accuracy: (f64, f64),
}

// No figure of a family is NaN.
impl Eq for Family {}

impl Hash for Family {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The six members, smallest first.
pub const FAMILY: [Family; 6] = [
    Family {
        name: "a0",
        size: 172,
        frames: 50,
        stride: 5,
        short: 192,
        fps: 5.0,
        states: 43,
        kernels: 83,
        parameters: 3_126_071,
        megabytes: 12,
        base_accuracy: (72.28, 90.92),
        stream_accuracy: (72.05, 90.63),
    },
    Family {
        name: "a1",
        size: 172,
        frames: 50,
        stride: 5,
        short: 192,
        fps: 5.0,
        states: 67,
        kernels: 128,
        parameters: 4_717_912,
        megabytes: 18,
        base_accuracy: (76.69, 93.4),
        stream_accuracy: (76.45, 93.25),
    },
    Family {
        name: "a2",
        size: 224,
        frames: 50,
        stride: 5,
        short: 256,
        fps: 5.0,
        states: 73,
        kernels: 138,
        parameters: 5_280_922,
        megabytes: 20,
        base_accuracy: (78.62, 94.17),
        stream_accuracy: (78.4, 94.05),
    },
    Family {
        name: "a3",
        size: 256,
        frames: 120,
        stride: 2,
        short: 288,
        fps: 12.0,
        states: 124,
        kernels: 174,
        parameters: 7_443_289,
        megabytes: 29,
        base_accuracy: (81.79, 95.67),
        stream_accuracy: (80.09, 94.84),
    },
    Family {
        name: "a4",
        size: 290,
        frames: 80,
        stride: 3,
        short: 320,
        fps: 8.0,
        states: 178,
        kernels: 243,
        parameters: 11_422_727,
        megabytes: 44,
        base_accuracy: (83.48, 96.16),
        stream_accuracy: (81.49, 95.66),
    },
    Family {
        name: "a5",
        size: 320,
        frames: 120,
        stride: 2,
        short: 368,
        fps: 12.0,
        states: 222,
        kernels: 304,
        parameters: 18_763_355,
        megabytes: 72,
        base_accuracy: (84.27, 96.39),
        stream_accuracy: (82.37, 95.79),
    },
];

/// Classes of every official model.
pub const CLASSES: usize = 600;

/// How the network takes its clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variation {
    /// The whole clip at once.
    Base,
    /// Frame by frame, with states.
    Stream,
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base => "base",
            Self::Stream => "stream",
        })
    }
}

/// One of the twelve official SavedModels: `a2-base`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Model {
    /// Which member.
    pub family: &'static Family,
    /// Which of its two networks.
    pub variation: Variation,
}

impl Model {
    /// Its handle on TensorFlow Hub.
    pub fn handle(&self) -> String {
        format!("{TFHUB}/{}", self.path_on_tfhub())
    }

    /// Where TensorFlow Hub has it, below [`TFHUB`] or a mirror.
    pub fn path_on_tfhub(&self) -> String {
        format!("tensorflow/movinet/{}/{}/kinetics-600/classification/3", self.family.name, self.variation)
    }

    /// Where Kaggle has it, below [`KAGGLE`] or a mirror and before `/download`.
    pub fn path_on_kaggle(&self) -> String {
        format!("api/v1/models/{}", self.kaggle_handle())
    }

    /// Its place in Kaggle's scheme of names, `google/movinet/tensorFlow2/a2-base-kinetics-600-classification/3`. The
    /// last number is Kaggle's own: version 3 of a stream model on TensorFlow Hub is Kaggle's 2.
    pub fn kaggle_handle(&self) -> String {
        let version = match self.variation {
            Variation::Base => 3,
            Variation::Stream => 2,
        };
        format!("google/movinet/tensorFlow2/{self}-kinetics-600-classification/{version}")
    }

    /// Published top-1 and top-5 accuracy in percent on Kinetics-600.
    pub fn accuracy(&self) -> (f64, f64) {
        match self.variation {
            Variation::Base => self.family.base_accuracy,
            Variation::Stream => self.family.stream_accuracy,
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.family.name, self.variation)
    }
}

/// A name that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model '{name}'{}", suggestion.as_ref().map(|s| format!("; did you mean '{s}'?")).unwrap_or_default())]
pub struct UnknownModel {
    /// What was asked for.
    pub name: String,
    /// The nearest name, where one is near.
    pub suggestion: Option<String>,
}

impl FromStr for Model {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        let wanted = name.to_ascii_lowercase();
        models().find(|model| model.to_string() == wanted).ok_or_else(|| UnknownModel {
            name: name.to_owned(),
            suggestion: nearest(&wanted, models().map(|model| model.to_string())),
        })
    }
}

/// Looks up a family member by name.
///
/// # Errors
/// [`UnknownModel`], with the nearest name.
pub fn family(name: &str) -> Result<&'static Family, UnknownModel> {
    let wanted = name.to_ascii_lowercase();
    FAMILY.iter().find(|member| member.name == wanted).ok_or_else(|| UnknownModel {
        name: name.to_owned(),
        suggestion: nearest(&wanted, FAMILY.iter().map(|member| member.name.to_owned()).chain(["demo".to_owned()])),
    })
}

/// All twelve models.
pub fn models() -> impl Iterator<Item = Model> {
    FAMILY.iter().flat_map(|family| [Variation::Base, Variation::Stream].map(|variation| Model { family, variation }))
}

/// Of what is `known`, what is written most like `name`, if anything is.
pub(crate) fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, &candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        assert_eq!(models().count(), 12);
        for model in models() {
            assert_eq!(model.to_string().parse::<Model>(), Ok(model));
        }
    }

    #[test]
    fn unknown_names_suggest_the_nearest() {
        assert_eq!("a2-steam".parse::<Model>().unwrap_err().suggestion.as_deref(), Some("a2-stream"));
        assert_eq!(family("a9").unwrap_err().suggestion.as_deref(), Some("a0"));
        assert_eq!(family("resnet50").unwrap_err().suggestion, None);
    }

    #[test]
    fn handles_are_the_hubs() {
        let model: Model = "a2-base".parse().unwrap();
        assert_eq!(model.handle(), "https://tfhub.dev/tensorflow/movinet/a2/base/kinetics-600/classification/3");
        let stream: Model = "a2-stream".parse().unwrap();
        assert_eq!(stream.kaggle_handle(), "google/movinet/tensorFlow2/a2-stream-kinetics-600-classification/2");
    }
}
