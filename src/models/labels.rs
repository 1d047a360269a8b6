//! Which names the classes have.

use std::path::PathBuf;

use crate::answer::classes;
use crate::predict::{Labels, LabelsError};

/// Where the names of the classes come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LabelSource {
    /// A file that was named, or belongs to the models: it must fit them.
    Given(Labels, PathBuf),
    /// The Kinetics-600 labels, if the models have as many classes.
    IfTheyFit(Labels, PathBuf),
    /// Nobody knows them.
    #[default]
    Unknown,
}

impl LabelSource {
    /// The labels of a model with so many outputs; a single one tells two classes apart, and may have one name: that of the
    /// second.
    ///
    /// # Errors
    /// [`LabelsError::Count`] when those that were given don't fit.
    pub fn for_outputs(&self, outputs: usize) -> Result<Labels, LabelsError> {
        match self {
            Self::Given(labels, path) if outputs == 1 && labels.check(1, path).is_ok() => {
                let name = labels.name(0);
                Ok(Labels::new(vec![format!("not {name}"), name]))
            }
            _ => self.for_classes(classes(outputs)),
        }
    }

    /// The labels of a model with so many classes.
    ///
    /// # Errors
    /// [`LabelsError::Count`] when those that were given don't fit.
    pub fn for_classes(&self, classes: usize) -> Result<Labels, LabelsError> {
        match self {
            Self::Given(labels, path) => labels.check(classes, path).map(|()| labels.clone()),
            Self::IfTheyFit(labels, path) if labels.check(classes, path).is_ok() => Ok(labels.clone()),
            Self::IfTheyFit(..) | Self::Unknown => Ok(Labels::numbered()),
        }
    }
}
