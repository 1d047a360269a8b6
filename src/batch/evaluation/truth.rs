//! Which class a list says a clip is of.

use std::path::PathBuf;

use crate::batch::selection::index;
use crate::batch::{Item, UnknownClass};
use crate::predict::Labels;

/// Why a clip's true class isn't known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TruthError {
    /// The list says nothing.
    #[error("'{}' has no label", path.display())]
    NoLabel {
        /// The clip.
        path: PathBuf,
    },
    /// The list says what the model doesn't know.
    #[error("'{}': {source}", path.display())]
    Unknown {
        /// The clip.
        path: PathBuf,
        /// The label.
        source: UnknownClass,
    },
}

/// The index of the class that the list says `item` is of: by its name in `labels`, or by its index from 0. A label that is
/// a number is a label first.
///
/// # Errors
/// [`TruthError`].
pub fn truth(item: &Item, labels: &Labels) -> Result<usize, TruthError> {
    let label = item.label.as_deref().ok_or_else(|| TruthError::NoLabel { path: item.path.clone() })?;
    index(label, labels).map_err(|source| TruthError::Unknown { path: item.path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(label: Option<&str>, labels: &Labels) -> Result<usize, String> {
        let item = Item { label: label.map(str::to_owned), ..Item::new("a.mp4") };
        truth(&item, labels).map_err(|error| error.to_string())
    }

    #[test]
    fn a_label_is_a_name_or_an_index() {
        let labels = Labels::parse("dancing\nriding a bike\nswimming\n0");
        for (label, index) in [("dancing", 0), ("swimming", 2), ("1", 1), ("0", 3), ("3", 3)] {
            assert_eq!(of(Some(label), &labels), Ok(index), "{label}");
        }
        assert_eq!(of(Some("599"), &Labels::numbered()), Ok(599));
    }

    #[test]
    fn a_label_that_names_nothing_is_told_with_its_clip_and_what_it_is_like() {
        let labels = Labels::parse("dancing\nriding a bike");
        for (label, message) in [
            (None, "'a.mp4' has no label"),
            (Some("riding_a_bike"), "'a.mp4': the model has no class 'riding_a_bike': did you mean 'riding a bike'?"),
            (Some("2"), "'a.mp4': the model has no class '2'"),
            (Some("-1"), "'a.mp4': the model has no class '-1'"),
            (Some(""), "'a.mp4': the model has no class ''"),
        ] {
            assert_eq!(of(label, &labels), Err(message.to_owned()));
        }
        assert_eq!(of(Some("x"), &Labels::numbered()), Err("'a.mp4': the model has no class 'x'".to_owned()));
    }
}
