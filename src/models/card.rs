//! What a model's maker knows of it, in a small file beside it: so that whoever runs it needs no flags.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{LabelSource, is_tflite, signatures};
use crate::answer::Reading;
use crate::catalog::Official;
use crate::engine::tensorflow::SavedModel;
use crate::engine::{EngineError, litert};
use crate::media::{FrameRate, Sampling};
use crate::movinet::{FixedShape, fixed_shape};
use crate::predict::{Labels, LabelsError};

/// The file's name, in the folder of the SavedModel; of a TF Lite file `NAME.tflite` it is `NAME.movinet.json` beside it.
pub const CARD: &str = "movinet.json";
/// The schema's name.
const SCHEMA: &str = "movinet-tf/model/1";
/// Frames of more pixels a side, or more a second, are a slip of the pen.
const LARGEST_SIZE: usize = 4096;
const LARGEST_RATE: f64 = 1000.0;

/// What is known of a model beside its files; each part may be missing. In the file it is a JSON object with these keys,
/// and `schema`, which may be left out where it is written by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Card {
    /// `movinet-tf/model/1`.
    #[serde(default = "schema")]
    schema: String,
    /// Height and width in pixels of the frames that it was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Frames a second that it was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// Which frames of a clip it is shown where nothing else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// How its output is read, where that cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Reading>,
    /// The names of its classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<CardLabels>,
}

impl Default for Card {
    fn default() -> Self {
        Self { schema: schema(), size: None, fps: None, sampling: None, output: None, labels: None }
    }
}

fn schema() -> String {
    SCHEMA.to_owned()
}

/// The names of a model's classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CardLabels {
    /// Themselves, by index.
    Names(Vec<String>),
    /// A file of them, beside the card or anywhere.
    File(PathBuf),
}

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// It cannot be read or written; the message names it.
    #[error("cannot use the model's card")]
    Io(#[source] io::Error),
    /// It says something that can't be.
    #[error("'{}' is not a model's card: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two models of a pair have cards that contradict each other.
    #[error("the cards of '{}' and '{}' contradict each other on {what}", left.display(), right.display())]
    Differ {
        /// `size`, `labels`, ...
        what: &'static str,
        /// One model.
        left: PathBuf,
        /// The other.
        right: PathBuf,
    },
    /// There is no model that it could be the card of.
    #[error(transparent)]
    Model(#[from] EngineError),
    /// The names of its classes cannot be used.
    #[error(transparent)]
    Labels(#[from] LabelsError),
}

impl Card {
    /// The card of an official model. Its names are the Kinetics-600 labels, which every session knows.
    pub fn official(model: impl Into<Official>) -> Self {
        let family = model.into().family();
        Self { size: Some(family.size), fps: Some(family.fps), ..Self::default() }
    }

    /// A card that tells the size of the frames alone.
    pub fn of_size(pixels: usize) -> Self {
        Self { size: Some(pixels), ..Self::default() }
    }

    /// The file of the card of `model`, the folder of a SavedModel or a TF Lite file.
    pub fn place(model: impl AsRef<Path>) -> PathBuf {
        let model = model.as_ref();
        if is_tflite(model) { model.with_extension(CARD) } else { model.join(CARD) }
    }

    /// The card of `model`, the folder of a SavedModel or a TF Lite file; an empty one where there is none.
    ///
    /// # Errors
    /// [`CardError`] when it is there and cannot be read or says what can't be.
    pub fn read(model: impl AsRef<Path>) -> Result<Self, CardError> {
        let path = Self::place(model);
        let text = match fs_err::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(CardError::Io(error)),
        };
        Self::parse(&text).map_err(|reason| CardError::Format { path, reason })
    }

    /// The card in the content of its file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        // A list would be taken for the values of the keys in their order.
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let card: Self = serde_json::from_value(object.into()).map_err(|error| error.to_string())?;
        card.fault().map_or(Ok(card), Err)
    }

    /// What it says that can't be.
    fn fault(&self) -> Option<String> {
        if self.schema != SCHEMA {
            return Some(format!("its schema is '{}', and this program knows '{SCHEMA}'", self.schema));
        }
        if self.size.is_some_and(|size| !(1..=LARGEST_SIZE).contains(&size)) {
            return Some(format!("size is from 1 to {LARGEST_SIZE} pixels"));
        }
        if self.fps.is_some_and(|fps| fps > LARGEST_RATE || FrameRate::per_second(fps).is_err()) {
            return Some(format!("fps is a number above 0 and up to {LARGEST_RATE}"));
        }
        if self.sampling == Some(Sampling::Model) && self.fps.is_none() {
            return Some("sampling 'model' needs fps".into());
        }
        match &self.labels {
            Some(CardLabels::Names(names)) if names.is_empty() => Some("labels holds no name".into()),
            Some(CardLabels::Names(names)) => {
                let nameless = names.iter().position(|name| name.trim().is_empty())?;
                Some(format!("class {nameless} has no name"))
            }
            _ => None,
        }
    }

    /// Whether it can be true of `model`, which has to be a base or a stream model.
    ///
    /// # Errors
    /// [`CardError::Format`] when it says what can't be, [`CardError::Model`] when there is no such model.
    pub fn check(&self, model: impl AsRef<Path>) -> Result<(), CardError> {
        let model = model.as_ref();
        let fault = |reason| CardError::Format { path: Self::place(model), reason };
        if let Some(reason) = self.fault() {
            return Err(fault(reason));
        }
        let shape = shape(model)?;
        if let (Some(size), Some(fixed)) = (self.size, shape.size)
            && size != fixed
        {
            return Err(fault(format!("size is {size}, and the model takes frames of {fixed} pixels only")));
        }
        if let (Some((labels, path)), Some(outputs)) = (self.labels(model)?, shape.outputs) {
            LabelSource::Given(labels, path).for_outputs(outputs)?;
        }
        Ok(())
    }

    /// Writes it as the card of `model`, whole or not at all.
    ///
    /// # Errors
    /// [`CardError`] when it says what can't be, or the folder cannot be written.
    pub fn write(&self, model: impl AsRef<Path>) -> Result<PathBuf, CardError> {
        let path = Self::place(model);
        let folder = folder_of(&path);
        if let Some(reason) = self.fault() {
            return Err(CardError::Format { path, reason });
        }
        let write = || -> io::Result<()> {
            let mut part = tempfile::Builder::new().prefix(".movinet-").tempfile_in(folder)?;
            part.write_all(&serde_json::to_vec_pretty(self)?)?;
            part.write_all(b"\n")?;
            make_readable(part.as_file())?;
            part.persist(&path).map(drop).map_err(|error| error.error)
        };
        write().map(|()| path.clone()).map_err(|error| {
            CardError::Io(io::Error::new(error.kind(), format!("cannot write '{}': {error}", path.display())))
        })
    }

    /// The names of the classes, where the card of `model` has them, and the file that they are from.
    ///
    /// # Errors
    /// [`LabelsError`] when their file cannot be used.
    pub fn labels(&self, model: impl AsRef<Path>) -> Result<Option<(Labels, PathBuf)>, LabelsError> {
        let card = Self::place(model);
        match &self.labels {
            None => Ok(None),
            Some(CardLabels::Names(names)) => Ok(Some((Labels::new(names.clone()), card))),
            Some(CardLabels::File(file)) => {
                let path = folder_of(&card).join(file);
                Ok(Some((Labels::read(&path)?, path)))
            }
        }
    }
}

/// The folder of a card.
fn folder_of(card: &Path) -> &Path {
    card.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What `model` is fixed to.
fn shape(model: &Path) -> Result<FixedShape, EngineError> {
    if is_tflite(model) {
        litert::check(model)?;
    } else {
        SavedModel::check(model)?;
    }
    let damaged = |reason| EngineError::Damaged { path: model.to_owned(), reason };
    let unfit = |reason| EngineError::NotAMovinet { path: model.to_owned(), reason };
    fixed_shape(&signatures(model).map_err(damaged)?).map_err(unfit)
}

/// Others may read a model's card as they read the model; a temporary file is for its owner alone.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_card_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Card::read(folder.path()).unwrap(), Card::default());
        let card = Card {
            schema: schema(),
            size: Some(96),
            fps: Some(12.5),
            sampling: Some(Sampling::Model),
            output: Some(Reading::Probabilities),
            labels: Some(CardLabels::Names(vec!["sit".into(), "stand, slowly".into()])),
        };
        let path = card.write(folder.path()).unwrap();
        assert_eq!(Card::read(folder.path()).unwrap(), card);
        assert_eq!(card.labels(folder.path()).unwrap().unwrap().0.name(1), "stand, slowly");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1, "{path:?}");
    }

    #[test]
    fn a_card_by_hand_may_name_a_file_of_labels() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("names.txt"), "sit\nstand\n").unwrap();
        fs_err::write(folder.path().join(CARD), r#"{"labels": "names.txt"}"#).unwrap();
        let (labels, path) = Card::read(folder.path()).unwrap().labels(folder.path()).unwrap().unwrap();
        assert_eq!((labels.name(1).as_str(), path), ("stand", folder.path().join("names.txt")));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(text in r#"\{("(size|fps|labels|sampling|output|x)": ?[0-9eE.+-]{0,9}("[a-z]*"|\[("a",?){0,3}\])?,? ?){0,3}\}"#) {
            if let Ok(card) = Card::parse(text.as_bytes()) {
                let folder = tempfile::tempdir().unwrap();
                card.write(folder.path()).unwrap();
                prop_assert_eq!(Card::read(folder.path()).unwrap(), card);
            }
        }
    }

    #[test]
    fn what_cant_be_is_named() {
        for (text, word) in [
            ("", "EOF"),
            ("[]", "invalid"),
            (r#"{"sise": 172}"#, "sise"),
            (r#"{"size": 0}"#, "size is from 1"),
            (r#"{"size": 1.5}"#, "1.5"),
            (r#"{"fps": 0}"#, "fps is a number above 0"),
            (r#"{"fps": 1e9}"#, "fps is a number above 0"),
            (r#"{"sampling": "model"}"#, "needs fps"),
            (r#"{"sampling": "kinetic"}"#, "kinetic"),
            (r#"{"output": "odds"}"#, "odds"),
            (r#"{"labels": []}"#, "no name"),
            (r#"{"labels": ["sit", " "]}"#, "class 1 has no name"),
            (r#"{"schema": "movinet-tf/model/9"}"#, "model/9"),
        ] {
            let reason = Card::parse(text.as_bytes()).unwrap_err();
            assert!(reason.contains(word), "{text}: {reason}");
        }
    }
}
