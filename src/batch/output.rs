//! The rows of a run in a file that only grows, and its journal.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::{Begin, Header, Item, Journal, JournalError, Mark};
use crate::hash;

/// How often at most it is marked how far the run came; so much work is done twice where it was killed.
const MARKED_EVERY: Duration = Duration::from_millis(500);

/// The rows of a run in a file, whole clips from the list's beginning on, which another run can continue.
#[derive(Debug)]
pub struct Output {
    file: File,
    path: PathBuf,
    journal: Journal,
    mark: Mark,
    digest: Sha256,
    marked: Instant,
}

impl Output {
    /// Opens the output at `path` for the run of `header`. Rows of an earlier run that are whole stay where `begin` says to
    /// go on.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(path: &Path, header: &Header, begin: Begin) -> Result<Self, JournalError> {
        let cannot = |source| JournalError::Io { path: path.to_owned(), source };
        let mut file = File::options().write(true).create(true).truncate(false).open(path).map_err(cannot)?;
        let bytes = file.metadata().map_err(cannot)?.len();
        let (journal, mark) = Journal::open(path, bytes, header, begin)?;
        file.set_len(mark.bytes).and_then(|()| file.seek(SeekFrom::End(0))).map_err(cannot)?;
        let (digest, marked) = (Sha256::new(), Instant::now());
        Ok(Self { file, path: path.to_owned(), journal, mark, digest, marked })
    }

    /// How far it is.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Takes from `items` those that are done already.
    ///
    /// # Errors
    /// [`JournalError::Other`] where they are others.
    pub fn pass_over(&mut self, items: &mut dyn Iterator<Item = Item>) -> Result<(), JournalError> {
        let mut passed = 0;
        for item in items.take(usize::try_from(self.mark.clips).unwrap_or(usize::MAX)) {
            self.digest(&item);
            passed += 1;
        }
        match passed == self.mark.clips && (passed == 0 || self.digested() == self.mark.digest) {
            true => Ok(()),
            false => Err(JournalError::Other { output: self.path.clone(), what: "the list" }),
        }
    }

    /// Adds `text` at its beginning, where nothing is there yet.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn begin(&mut self, text: &[u8]) -> Result<(), JournalError> {
        if self.mark.bytes == 0 {
            self.write(text)?;
        }
        Ok(())
    }

    /// Adds the rows of `item`, `text`; `failed` says whether one of them has an error.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn add(&mut self, item: &Item, text: &[u8], failed: bool) -> Result<(), JournalError> {
        self.write(text)?;
        self.digest(item);
        self.mark.clips += 1;
        self.mark.failed += u64::from(failed);
        match self.marked.elapsed() > MARKED_EVERY {
            true => self.write_mark(),
            false => Ok(()),
        }
    }

    /// Marks how far it is; `complete` says whether that is all.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn finish(mut self, complete: bool) -> Result<Mark, JournalError> {
        self.mark.complete = complete;
        self.write_mark()?;
        Ok(self.mark)
    }

    fn write(&mut self, text: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(text).map_err(|source| self.cannot(source))?;
        self.mark.bytes += text.len() as u64;
        Ok(())
    }

    fn write_mark(&mut self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|source| self.cannot(source))?;
        self.mark.digest = self.digested();
        self.journal.mark(&self.mark)?;
        self.marked = Instant::now();
        Ok(())
    }

    fn cannot(&self, source: io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), source }
    }

    fn digest(&mut self, item: &Item) {
        // What cannot be written as JSON does not come out of a list.
        self.digest.update(serde_json::to_vec(item).unwrap_or_default());
        self.digest.update(b"\n");
    }

    fn digested(&self) -> String {
        hash::finish(self.digest.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::About;
    use crate::media::Sampling;

    fn open(path: &Path, begin: Begin) -> Result<Output, JournalError> {
        let about = About {
            model: "m".into(),
            engine: "e".into(),
            engines: [None, Some("e".into())],
            sampling: Sampling::Model,
            rule: "r".into(),
            both: false,
            sha256: [None, None],
        };
        Output::open(path, &Header::new("list".into(), about, String::new()), begin)
    }

    fn items(names: &[&str]) -> impl Iterator<Item = Item> {
        names.iter().map(|&name| Item::new(name)).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn what_was_written_behind_the_last_mark_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let mut output = open(&path, Begin::Fresh).unwrap();
        output.begin(b"head\n").unwrap();
        output.add(&Item::new("a"), b"1\n", false).unwrap();
        output.write_mark().unwrap();
        output.add(&Item::new("b"), b"2 in par", true).unwrap();
        drop(output); // as where it is killed
        let mut output = open(&path, Begin::Resume).unwrap();
        let mut list = items(&["a", "b"]);
        output.pass_over(&mut list).unwrap();
        output.begin(b"head\n").unwrap();
        assert_eq!(list.next(), Some(Item::new("b")));
        output.add(&Item::new("b"), b"2\n", true).unwrap();
        let mark = output.finish(true).unwrap();
        assert_eq!((mark.clips, mark.failed, mark.complete), (2, 1, true));
        assert_eq!(fs_err::read(&path).unwrap(), b"head\n1\n2\n");
        for other in [&["a"][..], &["a", "c"], &[]] {
            let refused = open(&path, Begin::Resume).unwrap().pass_over(&mut items(other));
            assert!(matches!(refused, Err(JournalError::Other { what: "the list", .. })), "{other:?}");
        }
        open(&path, Begin::Fresh).unwrap(); // it was complete
        assert_eq!(fs_err::read(&path).unwrap(), b"");
    }
}
