//! A class, by its name and its index.

use serde::Serialize;

use crate::predict::Labels;

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// Its name.
    pub label: String,
    /// Its index among the model's classes, from 0.
    pub index: usize,
}

impl Class {
    /// Class `index`, as `labels` names it.
    pub(super) fn new(index: usize, labels: &Labels) -> Self {
        Self { label: labels.name(index), index }
    }
}
