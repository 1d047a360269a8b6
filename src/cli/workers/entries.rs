//! Clips that workers are given.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use movinet_tf::batch::{BadLine, Entry, ErrorKind, Item, List, RowError};

/// What the list says, and how many files it passed over.
pub struct Entries {
    list: List,
    skipped: Arc<AtomicU64>,
}

impl Entries {
    /// The clips of `list`.
    pub fn new(list: List) -> Self {
        Self { list, skipped: Arc::default() }
    }

    /// How many files were passed over so far that are no clips.
    pub fn skipped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.skipped)
    }
}

impl Iterator for Entries {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let next = self.list.next();
        self.skipped.store(self.list.skipped(), Ordering::Relaxed);
        Some(next?.map_err(|line: BadLine| {
            let item = Item { id: line.id.clone(), ..Item::new(Path::new(&line.text)) };
            (item, RowError { kind: ErrorKind::BadClip, message: line.to_string() })
        }))
    }
}
