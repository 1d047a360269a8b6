//! Output files that are written whole or not at all.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use tempfile::NamedTempFile;

/// The parts under work, for a process that ends without finishing them.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Removes the parts of all output files under work: for a process that is about to end without dropping them, on a
/// signal, say.
pub fn discard_unfinished() {
    for part in unfinished().iter() {
        // What cannot be removed stays, and there is nobody left to be told.
        let _ = fs_err::remove_file(part);
    }
}

/// A file that takes its name only when it is finished; until then the old one, if any, stays.
#[derive(Debug)]
#[must_use = "a file that isn't finished is gone"]
pub struct OutputFile {
    part: Option<NamedTempFile>,
    target: PathBuf,
}

impl OutputFile {
    /// Begins `target`; call it before slow work, so that a folder that cannot be written is told at once.
    ///
    /// # Errors
    /// When the folder doesn't exist or cannot be written, or `target` is a folder.
    pub fn create(target: impl AsRef<Path>) -> io::Result<Self> {
        let target = target.as_ref();
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("cannot write '{}': {error}", target.display()));
        if target.is_dir() {
            return Err(named(io::ErrorKind::IsADirectory.into()));
        }
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(named(io::Error::new(io::ErrorKind::NotFound, "its folder doesn't exist")));
        }
        let mut unfinished = unfinished(); // held, so that no part is made unseen
        let part = tempfile::Builder::new()
            .prefix(".movinet-tf-")
            .permissions(default_permissions())
            .tempfile_in(folder)
            .map_err(named)?;
        unfinished.insert(part.path().to_owned());
        Ok(Self { part: Some(part), target: target.to_owned() })
    }

    fn part(&self) -> &NamedTempFile {
        self.part.as_ref().unwrap_or_else(|| unreachable!("it is taken only when the file is finished"))
    }

    /// The part under work, as a file.
    pub fn file(&self) -> &std::fs::File {
        self.part().as_file()
    }

    /// Where the part under work is, for a writer that opens it by itself.
    pub fn path(&self) -> &Path {
        self.part().path()
    }

    /// Writes everything out and gives the file its name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> io::Result<()> {
        self.part().as_file().sync_all()?;
        let Some(part) = self.part.take() else { return Ok(()) };
        let mut unfinished = unfinished();
        unfinished.remove(part.path());
        part.persist(&self.target).map(drop).map_err(|error| error.error)
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            unfinished().remove(part.path());
        }
    }
}

/// Where a text format goes: to a file or, for `-`, to standard output.
#[derive(Debug)]
#[must_use = "a file that isn't finished is gone"]
pub enum OutputTarget {
    /// Standard output.
    Standard,
    /// A file, written whole or not at all.
    File(OutputFile),
}

impl OutputTarget {
    /// Begins `target`; see [`OutputFile::create`].
    ///
    /// # Errors
    /// As [`OutputFile::create`].
    pub fn create(target: impl AsRef<Path>) -> io::Result<Self> {
        let target = target.as_ref();
        if target.as_os_str() == "-" { Ok(Self::Standard) } else { OutputFile::create(target).map(Self::File) }
    }

    /// Whether it is standard output.
    pub fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Lets `write` write to it, or to `standard`, and finishes it.
    ///
    /// # Errors
    /// Whatever `write` or the disk says.
    pub fn finish(
        self,
        standard: &mut dyn Write,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Standard => write(standard),
            Self::File(file) => {
                let mut buffered = io::BufWriter::new(file.file());
                write(&mut buffered)?;
                buffered.flush()?;
                drop(buffered);
                file.finish()
            }
        }
    }
}

/// As for any new file; temporary ones are private otherwise. The process's umask still takes its share.
fn default_permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.json");
        fs_err::write(&target, "old").unwrap();
        let output = OutputFile::create(&target).unwrap();
        output.file().write_all(b"new").unwrap();
        drop(output);
        assert_eq!(fs_err::read_to_string(&target).unwrap(), "old");
        let output = OutputFile::create(&target).unwrap();
        output.file().write_all(b"new").unwrap();
        output.finish().unwrap();
        assert_eq!(fs_err::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_under_work_can_be_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let finished = OutputFile::create(folder.path().join("finished")).unwrap();
        finished.finish().unwrap();
        let _under_work = OutputFile::create(folder.path().join("under-work")).unwrap();
        drop(OutputFile::create(folder.path().join("dropped")).unwrap());
        for part in unfinished().iter().filter(|part| part.starts_with(folder.path())) {
            fs_err::remove_file(part).unwrap();
        }
        let left: Vec<_> = fs_err::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["finished"]);
    }

    #[test]
    fn a_missing_folder_is_told_at_once() {
        let error = OutputFile::create(Path::new("/nowhere/at/all.json")).unwrap_err();
        assert!(error.to_string().contains("its folder doesn't exist"));
    }
}
