//! Which names the classes have.

use std::path::PathBuf;

use movinet_tf::catalog;
use movinet_tf::fetch::http::{Client, Policy};
use movinet_tf::predict::{Labels, LabelsError};

use super::{Context, environment};

/// Where the names of the classes come from.
#[derive(Debug)]
pub enum LabelSource {
    /// A file that was named, or belongs to the models: it must fit them.
    Given(Labels, PathBuf),
    /// The Kinetics-600 labels, if the models have as many classes.
    IfTheyFit(Labels, PathBuf),
    /// Nobody knows them.
    Unknown,
}

impl LabelSource {
    /// The labels of a model with so many classes.
    ///
    /// # Errors
    /// [`LabelsError::Count`] when those that were given don't fit.
    pub fn for_classes(self, classes: usize) -> Result<Labels, LabelsError> {
        match self {
            Self::Given(labels, path) => labels.check(classes, &path).map(|()| labels),
            Self::IfTheyFit(labels, path) if labels.check(classes, &path).is_ok() => Ok(labels),
            Self::IfTheyFit(..) | Self::Unknown => Ok(Labels::numbered()),
        }
    }

    /// The Kinetics-600 labels, for official models fetched where they are not here. Without them classes have
    /// numbers.
    ///
    /// # Errors
    /// When they are here and cannot be read.
    pub fn kinetics(official: bool, context: &Context) -> anyhow::Result<Self> {
        let path = context.cache.file(catalog::LABELS.name);
        if !path.is_file() && official {
            let sources = environment::sources();
            let client = (!context.offline).then(|| Client::new(Policy::default())).transpose()?;
            if let Err(error) = context.store(client.as_ref(), &sources).file(&catalog::LABELS, None, false) {
                context.terminal.warning(&format!("classes are shown by number: {error}"));
            }
        }
        if !path.is_file() {
            return Ok(Self::Unknown);
        }
        Ok(Self::IfTheyFit(Labels::read(&path)?, path))
    }
}
