//! What the cache is made of: entries, by kind and name.

use std::path::{Path, PathBuf};

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A SavedModel, or a TF Lite file.
    Model,
    /// A SavedModel rewritten to run faster; it can be made anew.
    Prepared,
    /// A single file: labels, sample clip.
    File,
    /// A library: TensorFlow's, LiteRT.
    Runtime,
    /// A program: ffmpeg.
    Program,
    /// The bundled demo, unpacked; it comes back by itself.
    Demo,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Model, Self::Prepared, Self::File, Self::Runtime, Self::Program, Self::Demo];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Prepared => "prepared",
            Self::File => "files",
            Self::Runtime => "runtime",
            Self::Program => "programs",
            Self::Demo => "unpacked-demo",
        }
    }

    /// What stands before the folder's name, where that says too little by itself.
    fn prefix(self) -> &'static str {
        match self {
            Self::Demo => "demo-",
            Self::Prepared => "prepared-",
            _ => "",
        }
    }
}

/// One thing in the cache, or a place for one. Whoever locks, uses, replaces or removes it goes by the entry, so that
/// all mean the same locks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    kind: Kind,
    name: String,
    path: PathBuf,
}

impl Entry {
    /// The entry whose folder or file is called `file_name` in the cache at `root`.
    pub(super) fn new(root: &Path, kind: Kind, file_name: &str) -> Self {
        Self { kind, name: format!("{}{file_name}", kind.prefix()), path: root.join(kind.folder()).join(file_name) }
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name: `a2-base`, `kinetics_600_labels.txt`, `tensorflow-2.18.1`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder or file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
