//! Files that are named on the command line: no output may be another output, or what is read.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::exit::usage;

/// The flag or argument that names a file, and the file.
pub type Name<'a> = (&'a str, Option<&'a Path>);

/// Checks `outputs` against each other and against `inputs`, files or folders, before anything is made or read.
///
/// # Errors
/// Usage, with both names, when an output is the same file as another output, as an input, or as a file in one. Whatever
/// is no plain file (a terminal, `/dev/null`) may be named any number of times.
pub fn check(outputs: &[Name], inputs: &[Name]) -> anyhow::Result<()> {
    let known = |names: &[Name]| -> Vec<_> {
        let there = names.iter().filter_map(|&(flag, path)| Some((flag.to_owned(), path?.to_owned())));
        there.map(|(flag, path)| (flag, Identity::of(&path), path)).collect()
    };
    let (outputs, inputs) = (known(outputs), known(inputs));
    for (at, (flag, output, path)) in outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        for (other_flag, other, _) in &outputs[..at] {
            if other.as_ref() == Some(output) {
                let shown = path.display();
                return Err(usage(format!(
                    "{other_flag} and {flag} name the same file, '{shown}'; name another for one"
                )));
            }
        }
        for (other_flag, other, input) in &inputs {
            if other.as_ref() == Some(output) || output.is_in(input) {
                return Err(usage(format!(
                    "{flag} would overwrite {other_flag} '{}'; name another file",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

/// What tells one file from another, however it is called.
#[derive(Debug)]
enum Identity {
    /// A file that is there: its device and number.
    There { device: u64, number: u64, path: PathBuf },
    /// One that is not: its folder, which may be called by several names, and its name.
    New { folder: PathBuf, name: OsString },
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::There { device, number, .. }, Self::There { device: d, number: n, .. }) => {
                (device, number) == (d, n)
            }
            (Self::New { folder, name }, Self::New { folder: f, name: n }) => (folder, name) == (f, n),
            _ => false,
        }
    }
}

impl Identity {
    /// `None` for what is no plain file or folder, and what cannot be at all.
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        if path == Path::new("-") {
            return None;
        }
        match fs_err::metadata(path) {
            Ok(found) if found.is_file() || found.is_dir() => {
                let path = fs_err::canonicalize(path).ok()?;
                Some(Self::There { device: found.dev(), number: found.ino(), path })
            }
            Ok(_) => None,
            Err(_) => {
                let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                Some(Self::New { folder: fs_err::canonicalize(folder).ok()?, name: path.file_name()?.to_owned() })
            }
        }
    }

    /// Whether it is a file that is there, in the folder `input`.
    fn is_in(&self, input: &Path) -> bool {
        let Self::There { path, .. } = self else { return false };
        fs_err::canonicalize(input).is_ok_and(|input| input.is_dir() && path.starts_with(input))
    }
}
