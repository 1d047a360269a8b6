//! A line of JSON lines.

use serde_json::{Map, Value};

use crate::batch::Item;

/// The `id` of a line that says no clip, where it is JSON at all.
pub(super) fn id(line: &[u8]) -> Option<Value> {
    let mut object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    object.remove("id").filter(|id| !id.is_null())
}

/// The clip that `line` says: an object of [`Item`], or a string, which is its path. Or what is wrong with it.
pub(super) fn item(line: &[u8]) -> Result<Item, String> {
    let read = match line.trim_ascii_start() {
        text @ [b'"', ..] => serde_json::from_slice::<String>(text).map(Item::new),
        text @ [b'{', ..] => serde_json::from_slice(text),
        _ => return Err("neither a JSON object with 'path' nor a JSON string".into()),
    };
    read.map_err(|error| {
        // It says as well where in the line, which for it is the first one.
        let text = error.to_string();
        match text.split_once(" at line ") {
            Some((what, _)) => format!("no JSON of a clip, in column {}: {what}", error.column()),
            None => format!("no JSON of a clip: {text}"),
        }
    })
}
