//! The clips in a folder, and in the folders in it.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec;

use super::BadLine;
use crate::batch::Item;
use crate::media::ClipKind;
use crate::numbered::numbered;

/// A walk through a folder, depth first, names as people number them. It holds the names of the folders that it is in.
pub(super) struct Walk {
    /// Folders that are still to be entered: the first one.
    begin: Option<PathBuf>,
    levels: Vec<Level>,
    skipped: Arc<AtomicU64>,
}

/// A folder under way.
struct Level {
    folder: PathBuf,
    identity: (u64, u64),
    names: vec::IntoIter<OsString>,
}

/// What is in a folder.
struct Content {
    names: Vec<OsString>,
    /// Its pictures are the frames of one clip.
    is_clip: bool,
    identity: (u64, u64),
}

impl Walk {
    /// Through `folder`; `skipped` counts files that are no clips.
    pub fn new(folder: &Path, skipped: Arc<AtomicU64>) -> Self {
        Self { begin: Some(folder.to_owned()), levels: Vec::new(), skipped }
    }

    /// Goes into `folder`; gives it where it is a clip itself.
    fn enter(&mut self, folder: PathBuf) -> Option<Result<Item, BadLine>> {
        match Content::of(&folder) {
            Ok(content) => {
                self.levels.push(Level {
                    folder: folder.clone(),
                    identity: content.identity,
                    names: content.names.into_iter(),
                });
                content.is_clip.then(|| Ok(Item::new(folder)))
            }
            Err(error) => Some(Err(BadLine::new(&folder, None, format!("the folder cannot be read: {error}"), b""))),
        }
    }

    fn is_above(&self, folder: &Metadata) -> bool {
        self.levels.iter().any(|level| level.identity == identity(folder))
    }
}

impl Iterator for Walk {
    type Item = Result<Item, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(folder) = self.begin.take()
            && let Some(given) = self.enter(folder)
        {
            return Some(given);
        }
        while let Some(level) = self.levels.last_mut() {
            let Some(name) = level.names.next() else {
                self.levels.pop();
                continue;
            };
            let path = level.folder.join(name);
            match fs_err::metadata(&path) {
                Ok(found) if found.is_dir() => {
                    if !self.is_above(&found)
                        && let Some(given) = self.enter(path)
                    {
                        return Some(given);
                    }
                }
                _ if ClipKind::may_be(&path) => return Some(Ok(Item::new(path))),
                _ => {
                    self.skipped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        None
    }
}

impl Content {
    fn of(folder: &Path) -> io::Result<Self> {
        let mut names = Vec::new();
        for entry in fs_err::read_dir(folder)? {
            let name = entry?.file_name();
            if !name.as_encoded_bytes().starts_with(b".") {
                names.push(name);
            }
        }
        names.sort_by(|left, right| {
            numbered(&left.to_string_lossy(), &right.to_string_lossy()).then_with(|| left.cmp(right))
        });
        let is_picture = |name: &OsString| ClipKind::is_picture(name) && !folder.join(name).is_dir();
        let is_other = |name: &OsString| {
            let path = folder.join(name);
            path.is_dir() || (!is_picture(name) && ClipKind::may_be(path))
        };
        let is_clip = names.iter().any(is_picture) && !names.iter().any(is_other);
        if is_clip {
            names.retain(|name| !is_picture(name));
        }
        Ok(Self { names, is_clip, identity: identity(&fs_err::metadata(folder)?) })
    }
}

/// The same for a folder by whatever name it is reached.
fn identity(folder: &Metadata) -> (u64, u64) {
    (folder.dev(), folder.ino())
}
