//! Names of files that are no UTF-8: shown with a mark in place of what cannot be read, and kept as they are where files
//! are opened.

use std::path::{Path, PathBuf};

use serde::Serializer;

/// For `#[serde(serialize_with)]`: `path` as text, with U+FFFD in place of what is no UTF-8. serde's own way is an error,
/// which would leave half a JSON.
///
/// # Errors
/// Whatever `serializer` says.
pub fn serialize<S: Serializer>(path: impl AsRef<Path>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.as_ref().to_string_lossy())
}

/// `path` with `ending` at its very end, whatever it is made of: `a.b` becomes `a.b.complete`.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(ending);
    longer.into()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[derive(serde::Serialize)]
    struct Named {
        #[serde(serialize_with = "serialize")]
        path: PathBuf,
    }

    #[test]
    fn a_name_that_is_no_utf8_is_shown_with_a_mark_and_kept_as_it_is() {
        let path = PathBuf::from(OsStr::from_bytes(b"caf\xe9.gif"));
        assert_eq!(with_ending(&path, ".part").as_os_str().as_bytes(), b"caf\xe9.gif.part");
        assert_eq!(serde_json::to_string(&Named { path }).unwrap(), r#"{"path":"caf�.gif"}"#);
    }
}
