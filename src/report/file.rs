//! Output files that are written whole or not at all.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use tempfile::NamedTempFile;

use super::watched::Watched;

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

/// A file that takes its name only when it is finished; until then the old one, if any, stays. A pipe or device is written
/// as it is, and a link is followed.
#[derive(Debug)]
#[must_use = "a file that isn't finished is gone"]
pub struct OutputFile {
    part: Part,
    target: PathBuf,
    /// As it was typed.
    named: PathBuf,
}

/// What is written to.
#[derive(Debug)]
enum Part {
    /// A file beside the target, which takes its name.
    Beside(NamedTempFile),
    /// The target itself, which is no plain file.
    Itself(File),
    /// Nothing any more.
    Finished,
}

impl OutputFile {
    /// Begins `target`; call it before slow work, so that a folder that cannot be written is told at once.
    ///
    /// # Errors
    /// When the folder doesn't exist or cannot be written, or `target` is a folder.
    pub fn create(target: impl AsRef<Path>) -> io::Result<Self> {
        let named = target.as_ref();
        let failed = |error: io::Error| cannot_write(named, &error);
        if named.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if is_written_as_it_is(named) {
            let file = std::fs::OpenOptions::new().write(true).open(named).map_err(failed)?;
            return Ok(Self { part: Part::Itself(file), target: named.to_owned(), named: named.to_owned() });
        }
        // What a link leads to is replaced, not the link.
        let target = if named.exists() { std::fs::canonicalize(named).map_err(failed)? } else { named.to_owned() };
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, "its folder doesn't exist")));
        }
        let mut unfinished = unfinished(); // held, so that no part is made unseen
        let part = tempfile::Builder::new()
            .prefix(".movinet-tf-")
            .permissions(default_permissions())
            .tempfile_in(folder)
            .map_err(failed)?;
        unfinished.insert(part.path().to_owned());
        Ok(Self { part: Part::Beside(part), target, named: named.to_owned() })
    }

    /// The part under work, as a file.
    pub fn file(&self) -> &File {
        match &self.part {
            Part::Beside(part) => part.as_file(),
            Part::Itself(file) => file,
            Part::Finished => unreachable!("a finished file is gone"),
        }
    }

    /// Where the part under work is, for a writer that opens it by itself.
    pub fn path(&self) -> &Path {
        match &self.part {
            Part::Beside(part) => part.path(),
            Part::Itself(_) | Part::Finished => &self.target,
        }
    }

    /// Lets `write` write to it, buffered, and finishes it.
    ///
    /// # Errors
    /// `cannot write 'NAME': ` and what the disk says, else what `write` says.
    pub fn write(self, write: impl FnOnce(&mut dyn WriteSeek) -> io::Result<()>) -> io::Result<()> {
        let mut watched = Watched::new(self.file());
        let written = write(&mut watched).and_then(|()| watched.flush());
        let written = watched.judge(written).map_err(|error| self.failed(&error));
        drop(watched);
        written?;
        self.finish()
    }

    /// What is told when it cannot be written because of `error`.
    pub fn failed(&self, error: &io::Error) -> io::Error {
        cannot_write(&self.named, error)
    }

    /// Writes everything out and gives the file its name.
    ///
    /// # Errors
    /// `cannot write 'NAME': ` and what the disk says.
    pub fn finish(mut self) -> io::Result<()> {
        if let Part::Beside(part) = &self.part {
            part.as_file().sync_all().map_err(|error| self.failed(&error))?;
        }
        let mut unfinished = unfinished(); // held, so that it is either known or in its place
        let Part::Beside(part) = std::mem::replace(&mut self.part, Part::Finished) else { return Ok(()) };
        unfinished.remove(part.path());
        part.persist(&self.target).map(drop).map_err(|error| self.failed(&error.error))
    }
}

/// The same error with the name of the file that could not be written.
fn cannot_write(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write '{}': {error}", path.display()))
}

/// Whether what is at `path` is no plain file, or a name of one that this process has open: such a thing is not replaced.
fn is_written_as_it_is(path: &Path) -> bool {
    let opened = ["/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/proc/self/fd"];
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() || opened.iter().any(|opened| path.starts_with(opened)))
}

/// What arrays are written to.
pub trait WriteSeek: Write + io::Seek + Send {}

impl<T: Write + io::Seek + Send> WriteSeek for T {}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Part::Beside(part) = &self.part {
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
        if target == Path::new("-") || target == Path::new("/dev/stdout") {
            Ok(Self::Standard)
        } else {
            OutputFile::create(target).map(Self::File)
        }
    }

    /// Whether it is standard output.
    pub fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Lets `write` write to it, or to `standard`, and finishes it.
    ///
    /// # Errors
    /// Whatever the disk says, with the file's name, else what `write` says.
    pub fn finish(
        self,
        standard: &mut dyn Write,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Standard => {
                let mut watched = Watched::new(standard);
                let written = write(&mut watched).and_then(|()| watched.flush());
                watched.judge(written)
            }
            Self::File(file) => file.write(|mut output| write(&mut output)),
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
    fn a_link_is_followed_and_a_device_is_written_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs_err::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let output = OutputFile::create(&link).unwrap();
        output.file().write_all(b"new").unwrap();
        output.finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs_err::read_to_string(&real).unwrap(), "new");
        let output = OutputFile::create("/dev/null").unwrap();
        output.file().write_all(b"gone").unwrap();
        output.finish().unwrap();
        assert!(!Path::new("/dev/null").is_file());
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

    #[test]
    fn what_cannot_be_written_is_named() {
        let full = Path::new("/dev/full");
        for length in [1, 10_000, 1_000_000] {
            let error = OutputFile::create(full).unwrap().write(|file| file.write_all(&vec![0; length])).unwrap_err();
            assert_eq!(error.to_string(), "cannot write '/dev/full': No space left on device (os error 28)");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        let swallowed = OutputFile::create(full).unwrap().write(|file| {
            let _ = file.write_all(&[0; 1_000_000]);
            Err(io::Error::other("a library's own words"))
        });
        assert!(swallowed.unwrap_err().to_string().ends_with("No space left on device (os error 28)"));
        let other = OutputFile::create("/dev/null").unwrap().write(|_| Err(io::Error::other("a bug")));
        assert_eq!(other.unwrap_err().to_string(), "cannot write '/dev/null': a bug");
    }

    #[test]
    fn standard_output_by_its_other_name_is_standard_output() {
        assert!(OutputTarget::create("/dev/stdout").unwrap().is_standard());
        assert!(OutputTarget::create("-").unwrap().is_standard());
    }
}
