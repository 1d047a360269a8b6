//! How far a run came, kept beside its output, so that another one can go on.
//!
//! JSON lines: a [`Header`] says what was run, each [`Mark`] that so many clips of the list are whole in so many bytes of the
//! output. A mark is written after what it tells of; one in part, or of more than there is, doesn't count.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::About;

/// Changes where old journals cannot be read any more.
const SCHEMA: &str = "movinet-tf/journal/2";

/// What was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    schema: String,
    /// A fingerprint of the list.
    pub list: String,
    /// The models and the rule.
    pub about: About,
    /// What else rows depend on, in words.
    pub options: String,
}

impl Header {
    /// A run of this list, by these models and options.
    pub fn new(list: String, about: About, options: String) -> Self {
        Self { schema: SCHEMA.into(), list, about, options }
    }

    /// What is not as in `before`.
    fn difference(&self, before: &Self) -> Option<&'static str> {
        let differences = [
            (self.schema != before.schema, "the program"),
            (self.about != before.about, "the model, its engine or the sampling"),
            (self.options != before.options, "an option"),
            (self.list != before.list, "the list"),
        ];
        differences.into_iter().find_map(|(differs, what)| differs.then_some(what))
    }
}

/// How far it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Clips of the list that are done, from its beginning.
    pub clips: u64,
    /// Of them, those with an error.
    pub failed: u64,
    /// Bytes of the output that they take.
    pub bytes: u64,
    /// A fingerprint of what the list says of them.
    pub digest: String,
    /// Whether there are no more.
    pub complete: bool,
}

/// Why a run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The journal or its output cannot be read or written.
    #[error("cannot write '{}'", path.display())]
    Io {
        /// The journal or its output.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Another process writes to it.
    #[error("another run writes to '{}'", output.display())]
    InUse {
        /// The output.
        output: PathBuf,
    },
    /// A run was not finished.
    #[error("'{}' has {clips} clips of a run that was not finished", output.display())]
    Unfinished {
        /// The output.
        output: PathBuf,
        /// Clips that are done.
        clips: u64,
    },
    /// There is an output, and no journal that tells of it.
    #[error("nothing tells how far '{}' is: its journal is gone", output.display())]
    Lost {
        /// The output.
        output: PathBuf,
    },
    /// It tells of another run.
    #[error("'{}' cannot be gone on with: {what} is not what it was", output.display())]
    Other {
        /// The output.
        output: PathBuf,
        /// What differs.
        what: &'static str,
    },
}

/// What to do where a run left something behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// Begin, unless what is there is unfinished.
    #[default]
    Fresh,
    /// Go on where it stopped.
    Resume,
    /// Begin, whatever is there.
    Anew,
}

/// The journal of a run, which no other process has as long as this is there.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of `output`, of which `bytes` are there, for the run of `header`, and tells how far it came.
    ///
    /// # Errors
    /// [`JournalError`] where it cannot begin as `begin` says.
    pub fn open(output: &Path, bytes: u64, header: &Header, begin: Begin) -> Result<(Self, Mark), JournalError> {
        let path = crate::paths::with_ending(output, ".journal");
        let failed = |source| JournalError::Io { path: path.clone(), source };
        let mut options = File::options();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) | Err(TryLockError::Error(_)) => {} // some file systems have no locks
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { output: output.to_owned() }),
        }
        let before = read(&file, bytes).map_err(failed)?;
        let (kept, first, mark) = match (before, begin) {
            (Some(Before { mark, .. }), Begin::Fresh) if !mark.complete && mark.clips > 0 => {
                return Err(JournalError::Unfinished { output: output.to_owned(), clips: mark.clips });
            }
            (None, Begin::Resume) if bytes > 0 => return Err(JournalError::Lost { output: output.to_owned() }),
            (Some(before), Begin::Resume) => match header.difference(&before.header) {
                Some(what) => return Err(JournalError::Other { output: output.to_owned(), what }),
                None => (before.length, Vec::new(), before.mark),
            },
            _ => (0, line(header).map_err(failed)?, Mark::default()),
        };
        // What comes behind the mark tells of rows that will be others.
        file.set_len(kept).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        file.write_all(&first).map_err(failed)?;
        Ok((Self { file, path }, mark))
    }

    /// Says how far it came, after that is on the disk.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn mark(&mut self, mark: &Mark) -> Result<(), JournalError> {
        let written = line(mark).and_then(|line| self.file.write_all(&line));
        written.map_err(|source| JournalError::Io { path: self.path.clone(), source })
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// What a journal tells.
struct Before {
    header: Header,
    mark: Mark,
    /// Bytes of the journal up to the end of that mark.
    length: u64,
}

/// What a journal tells of an output of which `bytes` are there; `None` where it tells nothing.
fn read(file: &File, bytes: u64) -> io::Result<Option<Before>> {
    let mut lines = BufReader::new(file);
    let (mut before, mut line, mut at) = (None::<Before>, Vec::new(), 0);
    loop {
        line.clear();
        at += lines.read_until(b'\n', &mut line)? as u64;
        if line.pop() != Some(b'\n') {
            return Ok(before);
        }
        match &mut before {
            None => {
                let Ok(header) = serde_json::from_slice(&line) else { return Ok(None) };
                before = Some(Before { header, mark: Mark::default(), length: at });
            }
            Some(before) => match serde_json::from_slice::<Mark>(&line) {
                Ok(mark) if mark.bytes <= bytes => (before.mark, before.length) = (mark, at),
                _ => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Sampling;

    fn header(list: &str) -> Header {
        let about = About {
            model: "m".into(),
            engine: "e".into(),
            engines: [None, Some("e".into())],
            sampling: Sampling::Model,
            rule: "r".into(),
            both: false,
            sha256: [None, Some("1".into())],
        };
        Header::new(list.into(), about, "o".into())
    }

    fn mark(clips: u64, bytes: u64) -> Mark {
        Mark { clips, failed: 1, bytes, digest: "d".into(), complete: false }
    }

    #[test]
    fn a_run_goes_on_where_its_last_whole_mark_stands() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("rows.jsonl");
        let (mut journal, begun) = Journal::open(&output, 0, &header("l"), Begin::Fresh).unwrap();
        assert_eq!(begun, Mark::default());
        (1..5).for_each(|clips| journal.mark(&mark(clips, clips * 100)).unwrap());
        let refused = Journal::open(&output, 400, &header("l"), Begin::Resume);
        assert!(matches!(refused, Err(JournalError::InUse { .. })));
        drop(journal);
        let path = folder.path().join("rows.jsonl.journal");
        let text = fs_err::read(&path).unwrap();
        let all = text.len();
        fs_err::write(&path, &text[..5]).unwrap();
        let lost = Journal::open(&output, 400, &header("l"), Begin::Resume);
        assert!(matches!(lost, Err(JournalError::Lost { .. })));
        // Whatever is cut off: what is whole counts.
        for (kept, bytes, clips) in [(all, 400, 4), (all - 1, 400, 3), (all, 399, 3), (all, 99, 0), (5, 0, 0)] {
            fs_err::write(&path, &text[..kept]).unwrap();
            let (_, went) = Journal::open(&output, bytes, &header("l"), Begin::Resume).unwrap();
            assert_eq!(went.clips, clips, "{kept} {bytes}");
            let (_, again) = Journal::open(&output, bytes, &header("l"), Begin::Resume).unwrap();
            assert_eq!(again, went, "whatever came behind it is gone");
        }
    }

    #[test]
    fn another_run_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("rows.jsonl");
        let open = |header: &Header, begin| Journal::open(&output, 100, header, begin).map(|(_, mark)| mark.clips);
        let (mut journal, _) = Journal::open(&output, 0, &header("l"), Begin::Fresh).unwrap();
        journal.mark(&mark(1, 100)).unwrap();
        drop(journal);
        assert!(matches!(open(&header("l"), Begin::Fresh), Err(JournalError::Unfinished { clips: 1, .. })));
        let other = |what: fn(&mut Header)| {
            let mut other = header("l");
            what(&mut other);
            match open(&other, Begin::Resume) {
                Err(JournalError::Other { what, .. }) => what,
                outcome => panic!("{outcome:?}"),
            }
        };
        assert_eq!(other(|header| header.list = "other".into()), "the list");
        assert_eq!(other(|header| header.options = "other".into()), "an option");
        let of_model = "the model, its engine or the sampling";
        assert_eq!(other(|header| header.about.sha256[1] = None), of_model);
        assert_eq!(other(|header| header.about.engines[0] = Some("other".into())), of_model);
        assert_eq!(open(&header("l"), Begin::Resume).unwrap(), 1);
        assert_eq!(open(&header("other"), Begin::Anew).unwrap(), 0);
        assert_eq!(open(&header("l"), Begin::Fresh).unwrap(), 0, "of a run that came nowhere nothing is lost");
    }
}
