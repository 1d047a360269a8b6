//! The forms that a list comes in, told by its ending.

use std::io::{BufRead, BufReader};
use std::path::Path;

use super::csv::Csv;
use super::origin::Origin;
use super::text::{Text, Wording};
use super::{Clips, ListError};

/// A form of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Csv,
    JsonLines,
    Parquet,
}

const ENDINGS: [(&str, Form); 5] = [
    ("txt", Form::Text),
    ("csv", Form::Csv),
    ("jsonl", Form::JsonLines),
    ("ndjson", Form::JsonLines),
    ("parquet", Form::Parquet),
];

impl Form {
    /// The form of the list `name`; none where it is a folder or is called otherwise.
    pub fn of(name: &Path) -> Option<Self> {
        let ending = name.extension()?;
        let (_, form) = ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known))?;
        (!name.is_dir()).then_some(*form)
    }

    /// The clips of `list`.
    ///
    /// # Errors
    /// [`ListError`] when it cannot be opened, or does not say which its clips are.
    pub fn open(self, list: &Path, origin: Origin) -> Result<Clips, ListError> {
        let cannot = |source| ListError::Read { path: list.to_owned(), source };
        let found = fs_err::metadata(list).map_err(cannot)?;
        if !found.is_file() {
            return Err(ListError::NotAFile { path: list.to_owned() });
        }
        let file = fs_err::File::open(list).map_err(cannot)?;
        if self == Self::Parquet {
            return parquet(file, list, origin);
        }
        let mut input = BufReader::with_capacity(1 << 16, file);
        let start = input.fill_buf().map_err(cannot)?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(ListError::Encoding { path: list.to_owned(), encoding: "UTF-16" });
        }
        Ok(match self {
            Self::Text => Box::new(Text::new(input, origin, Wording::Path)),
            Self::JsonLines => Box::new(Text::new(input, origin, Wording::Json)),
            Self::Csv | Self::Parquet => Box::new(Csv::new(input, list, origin)?),
        })
    }
}

#[cfg(feature = "parquet")]
fn parquet(file: fs_err::File, list: &Path, origin: Origin) -> Result<Clips, ListError> {
    Ok(Box::new(super::parquet::Parquet::new(file.into_file(), list, origin)?))
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: fs_err::File, list: &Path, _: Origin) -> Result<Clips, ListError> {
    Err(ListError::NoParquet { path: list.to_owned() })
}
