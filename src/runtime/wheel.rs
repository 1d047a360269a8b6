//! Files out of a Python package's wheel, which pip downloads: it knows the mirrors, proxies and logins of this machine.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{RuntimeError, damage, installed};
use crate::cache::{Cache, CacheError, Entry};
use crate::catalog::WheelBuild;
use crate::fetch::Downloads;
use crate::hash;
use crate::progress::{Counted, Progress, Unit};

/// A wheel that is known to the byte.
pub(super) struct Wheel<'a> {
    /// `tensorflow-cpu==2.18.1`.
    pub package: String,
    /// What pip calls the platforms that it is for.
    pub platforms: &'a [&'a str],
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: &'a str,
}

/// Files out of a wheel that are put into the cache.
pub(super) struct FromWheel<'a> {
    /// What they are, for people.
    pub what: &'a str,
    /// The package, as pip takes it.
    pub package: &'static str,
    /// The wheel for this machine.
    pub build: &'static WheelBuild,
    /// What the files are called in the wheel, and in the cache.
    pub members: &'a [(&'a str, &'a str)],
    /// That they cannot be had, and why.
    pub failed: &'a dyn Fn(String) -> RuntimeError,
}

impl FromWheel<'_> {
    /// Installs them as `entry`, if they are not there whole. `finish` is given the folder under work in the end.
    ///
    /// # Errors
    /// `failed` when they cannot be had or nothing may be downloaded, [`RuntimeError::Cache`].
    pub fn install(
        &self,
        cache: &Cache,
        entry: &Entry,
        downloads: &Downloads,
        progress: &dyn Progress,
        finish: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<(), RuntimeError> {
        let Self { what, package, build, members, failed } = self;
        if downloads.offline {
            return Err(failed(format!("offline, {package} is not downloaded")));
        }
        let _lock = cache.lock(entry)?;
        // Another process may have installed it while this one waited; one that was changed is made anew.
        if damage(entry.path()).is_empty() {
            return Ok(());
        }
        progress.note(&format!("{what} isn't on this machine: installing it into the cache, once"));
        let part = cache.part_for(entry)?;
        let scratch = cache.part_for(&cache.entry(entry.kind(), "wheel"))?;
        let wheel = Wheel {
            package: (*package).to_owned(),
            platforms: std::slice::from_ref(&build.platform),
            bytes: build.bytes,
            sha256: build.sha256,
        };
        wheel.unpack(members, what, scratch.path(), part.path(), progress).map_err(failed)?;
        drop(scratch);
        finish(part.path()).map_err(CacheError::Io)?;
        installed::write_manifest(part.path()).map_err(CacheError::Io)?;
        Ok(cache.publish(part, entry)?)
    }
}

impl Wheel<'_> {
    /// Has pip download it into `scratch`, and unpacks `members`, each a name in the wheel and one in `into`. In between
    /// it is told that `what` is unpacked.
    pub fn unpack(
        &self,
        members: &[(&str, &str)],
        what: &str,
        scratch: &Path,
        into: &Path,
        progress: &dyn Progress,
    ) -> Result<(), String> {
        let wheel = self.download(scratch, progress)?;
        let failed = |error: &dyn std::fmt::Display| format!("cannot unpack the wheel: {error}");
        self.check(&wheel).map_err(|error| failed(&error))?;
        let file = fs_err::File::open(&wheel).map_err(|error| failed(&error))?;
        let mut zip = zip::ZipArchive::new(file).map_err(|error| failed(&error))?;
        let mut bytes = 0;
        for (from, _) in members {
            bytes += zip.by_name(from).map_err(|error| failed(&error))?.size();
        }
        let task = progress.begin(&format!("unpacking {what}"), Some(bytes), Unit::Bytes);
        for (from, to) in members {
            let member = zip.by_name(from).map_err(|error| failed(&error))?;
            copy_into(&mut Counted::new(member, &*task), &into.join(to)).map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Has pip download it, whatever Python it runs under, and returns the file.
    fn download(&self, scratch: &Path, progress: &dyn Progress) -> Result<PathBuf, String> {
        let package = &self.package;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:"])
            .args(["--disable-pip-version-check", "--quiet", "--implementation", "cp", "--python-version", "3.11"])
            .args(["--abi", "cp311"])
            .args(self.platforms.iter().flat_map(|platform| ["--platform", platform]))
            .arg("-d")
            .arg(scratch)
            .arg(package)
            .env("TMPDIR", scratch) // pip downloads there first: same disk, and gone with it
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = pip.spawn().map_err(|error| format!("cannot run python3 ({error})"))?;
        let mut complaints = child.stderr.take();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            // What cannot be read of pip's complaints is only missing from the message.
            let _ = complaints.as_mut().map(|stream| stream.read_to_string(&mut text));
            text
        });
        let task = progress.begin(&format!("{package} by pip"), Some(self.bytes), Unit::Bytes);
        let mut shown = 0;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                break status;
            }
            let size = bytes_in(scratch).min(self.bytes);
            task.advance(size.saturating_sub(shown));
            shown = shown.max(size);
            std::thread::sleep(Duration::from_millis(100));
        };
        let complaints = reader.join().unwrap_or_default();
        if !status.success() {
            let line = complaints.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
            return Err(format!("pip cannot download {package}: {}", line.trim()));
        }
        let entries = fs_err::read_dir(scratch).map_err(|error| error.to_string())?;
        let mut paths = entries.flatten().map(|entry| entry.path());
        let wheel = paths.find(|path| path.extension().is_some_and(|ending| ending == "whl"));
        wheel.ok_or_else(|| format!("pip downloaded no wheel of {package}"))
    }

    fn check(&self, wheel: &Path) -> Result<(), String> {
        let found = hash::of_file(wheel).map_err(|error| error.to_string())?;
        if found != self.sha256 {
            return Err(format!("its sha256 is {found}, not {}", self.sha256));
        }
        Ok(())
    }
}

/// Bytes of all files below `folder`, as far as they can be seen.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs_err::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_in(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0, // moved away in between
        })
        .sum()
}

/// Makes the file `to` of all that `from` gives.
pub(super) fn copy_into(from: &mut impl Read, to: &Path) -> std::io::Result<()> {
    let mut file = fs_err::File::create(to)?;
    std::io::copy(from, &mut file)?;
    file.flush()
}
