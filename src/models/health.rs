//! Whether what is in the cache is still what was put there.

use crate::cache::{Entry, Kind, Record};
use crate::{catalog, hash, prepare, runtime, saved_model};

/// What is wrong with `entry`, by what is known of its kind; nothing, where it is whole.
pub fn damage(entry: &Entry) -> Vec<String> {
    let path = entry.path();
    match entry.kind() {
        Kind::Model => match Record::read(path) {
            Some(record) => record.damage(path),
            None => vec!["it has no record".into()],
        },
        Kind::File => [catalog::LABELS, catalog::SAMPLE]
            .iter()
            .filter(|known| path.ends_with(known.name))
            .filter(|known| !matches!(hash::of_file(path), Ok(found) if found == known.sha256))
            .map(|known| format!("'{}' was changed", known.name))
            .collect(),
        Kind::Prepared => prepare::damage(path).into_iter().collect(),
        Kind::Runtime | Kind::Program => runtime::damage(path),
        Kind::Demo => match Record::read(path) {
            Some(record) => record.damage(path),
            // One that an older version unpacked.
            None => ["base", "stream"]
                .iter()
                .filter_map(|name| saved_model::missing_file(&path.join(name)))
                .map(|file| format!("'{file}' is gone"))
                .collect(),
        },
    }
}
