//! A clip of a list.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A clip of a list, and what the list says of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Item {
    /// Where it is.
    #[serde(with = "path")]
    pub path: PathBuf,
    /// In seconds since its first frame: what is shown before is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// And what is shown from there on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// Its true class, by name or index.
    #[serde(default, deserialize_with = "label", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whatever the list calls it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
}

impl Item {
    /// The clip at `path`, of which nothing more is said.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Whether a clip can be meant by it, there or not.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), BadItem> {
        if self.path.as_os_str().is_empty() {
            return Err(BadItem::NoPath);
        }
        if self.path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(BadItem::Zero);
        }
        for (name, time) in [("from", self.from), ("to", self.to)] {
            if let Some(seconds) = time.filter(|&seconds| Duration::try_from_secs_f64(seconds).is_err()) {
                return Err(BadItem::Time { name, seconds });
            }
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if from >= to => Err(BadItem::Part { from, to }),
            _ => Ok(()),
        }
    }
}

/// Why no clip can be meant by an [`Item`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BadItem {
    /// Its path is empty.
    #[error("there is no path")]
    NoPath,
    /// Its path has a zero byte, which no file's name has.
    #[error("the path has a zero byte in it: this is no text, or UTF-16, and must be UTF-8")]
    Zero,
    /// A time that is none.
    #[error("'{name}' is {seconds}, and must be seconds since the clip's first frame, from 0 on")]
    Time {
        /// `from` or `to`.
        name: &'static str,
        /// What it is.
        seconds: f64,
    },
    /// A part that ends before it begins.
    #[error("'from' is {from} and 'to' is {to}: a part must end behind where it begins")]
    Part {
        /// Where it begins, in seconds.
        from: f64,
        /// Where it ends.
        to: f64,
    },
}

/// A class by its name, or by its index, which in JSON may be a number.
fn label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a label must be the name of a class, or its index from 0")]
    enum Label {
        Name(String),
        Index(u64),
    }
    Ok(Option::<Label>::deserialize(deserializer)?.map(|label| match label {
        Label::Name(name) => name,
        Label::Index(index) => index.to_string(),
    }))
}

/// A path as text, and one that is no UTF-8 as its bytes.
mod path {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a path must be text")]
    enum Name {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => path.as_os_str().as_bytes().serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(match Name::deserialize(deserializer)? {
            Name::Text(text) => text.into(),
            Name::Bytes(bytes) => OsString::from_vec(bytes).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_line_says_a_path_and_perhaps_more() {
        let item: Item = serde_json::from_str(r#"{"path": "a.mp4"}"#).unwrap();
        assert_eq!(item, Item::new("a.mp4"));
        let line = r#"{"path": "a.mp4", "from": 1.5, "to": 3, "label": 7, "id": [1], "other": null}"#;
        let item: Item = serde_json::from_str(line).unwrap();
        assert_eq!((item.from, item.to, item.label.as_deref()), (Some(1.5), Some(3.0), Some("7")));
        assert_eq!(item.id, Some(serde_json::json!([1])));
    }

    #[test]
    fn a_path_comes_back_whatever_it_is_made_of() {
        for name in [&b"caf\xe9.gif"[..], "caf\u{e9}.gif".as_bytes(), b"a\nb"] {
            let item = Item { label: Some("x, y".into()), ..Item::new(OsStr::from_bytes(name)) };
            let text = serde_json::to_string(&item).unwrap();
            assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), item, "{text}");
        }
    }

    #[test]
    fn a_part_has_a_beginning_before_its_end() {
        let of = |from, to| Item { from, to, ..Item::new("a") }.check();
        for (from, to) in [(None, None), (Some(0.0), None), (None, Some(1e9)), (Some(1.0), Some(1.5))] {
            of(from, to).unwrap();
        }
        for seconds in [-1.0, f64::INFINITY, f64::NEG_INFINITY, 1e20] {
            assert_eq!(of(Some(seconds), None), Err(BadItem::Time { name: "from", seconds }));
            assert_eq!(of(None, Some(seconds)), Err(BadItem::Time { name: "to", seconds }));
        }
        assert!(matches!(of(Some(f64::NAN), None), Err(BadItem::Time { .. })));
        for (from, to) in [(2.0, 1.0), (2.0, 2.0), (0.0, 0.0)] {
            assert_eq!(of(Some(from), Some(to)), Err(BadItem::Part { from, to }));
        }
    }

    #[test]
    fn a_path_is_a_name_that_a_file_can_have() {
        assert_eq!(Item::new("").check(), Err(BadItem::NoPath));
        assert_eq!(Item::new("a\0").check(), Err(BadItem::Zero));
    }
}
