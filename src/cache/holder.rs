//! Who holds a lock, as it stands in the lock's file: for those who wait, and where a file stands in for a lock.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// A file of which this long after it was made nobody has written who made it is nobody's.
const UNNAMED: Duration = Duration::from_secs(10);

/// A process and what it does. In its file these are lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    process: u32,
    /// When it began, in the system's own count; 0 where that is not told. A number of a process comes again.
    began: u64,
    host: String,
    /// `fetches a0-base`.
    doing: String,
}

impl Holder {
    /// This process.
    pub fn me(doing: &str) -> Self {
        let process = std::process::id();
        Self { process, began: began(process).unwrap_or(0), host: host(), doing: doing.to_owned() }
    }

    /// Who the file at `path` names, if anybody.
    pub fn read(path: &Path) -> Option<Self> {
        let text = fs_err::read_to_string(path).ok()?;
        let mut lines = text.lines();
        let (process, began) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
        Some(Self { process, began, host: lines.next()?.to_owned(), doing: lines.next()?.to_owned() })
    }

    /// Writes the file at `path`, which must not be there: else it gives false.
    pub fn write_new(&self, path: &Path) -> io::Result<bool> {
        match fs_err::OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(mut file) => file.write_all(self.to_string().as_bytes()).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether it is a process of this machine that has ended.
    pub fn is_gone(&self) -> bool {
        if self.host != host() {
            return false;
        }
        match began(self.process) {
            Some(began) => self.began != 0 && self.began != began,
            None => !is_running(self.process),
        }
    }

    /// `process 123, which fetches a0-base`, with the machine where it is another.
    pub fn description(&self) -> String {
        let on = if self.host == host() { String::new() } else { format!(" on {}", self.host) };
        format!("process {}{on}, which {}", self.process, self.doing)
    }
}

/// Whether nobody holds the file at `path`, which names `holder`: one that has ended, or nobody long after it was made,
/// by a process that was killed meanwhile.
pub(super) fn is_abandoned(path: &Path, holder: Option<&Holder>) -> bool {
    match holder {
        Some(holder) => holder.is_gone(),
        None => {
            let age = fs_err::metadata(path).and_then(|found| found.modified()).map(|made| made.elapsed());
            age.is_ok_and(|age| age.is_ok_and(|age| age > UNNAMED))
        }
    }
}

/// Removes the file at `path` if it still names `holder`.
pub(super) fn clear(path: &Path, holder: Option<&Holder>) -> io::Result<()> {
    let aside = path.with_extension(format!("gone-{}-{:016x}", std::process::id(), fastrand::u64(..)));
    match fs_err::rename(path, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()), // another process was quicker
        other => other?,
    }
    if Holder::read(&aside).as_ref() != holder {
        // Another's by now: it gets it back, unless a third has made one since.
        match std::fs::hard_link(&aside, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return fs_err::rename(&aside, path),
            _ => {}
        }
    }
    fs_err::remove_file(aside)
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}\n{}", self.process, self.began, self.host, self.doing)
    }
}

/// When `process` began; `None` where it has ended or Linux's /proc is not there.
fn began(process: u32) -> Option<u64> {
    let line = fs_err::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name, in parentheses, may hold anything.
    line.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

fn is_running(process: u32) -> bool {
    let Ok(process) = libc::pid_t::try_from(process) else { return false };
    // SAFETY: signal 0 is none; it is only asked whether one could be sent.
    let outcome = unsafe { libc::kill(process, 0) };
    outcome == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

/// This machine's name.
fn host() -> String {
    let mut name = [0u8; 256];
    // SAFETY: the buffer is as long as is said, and its last byte stays zero.
    let outcome = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let length = if outcome == 0 { name.iter().position(|&byte| byte == 0).unwrap_or(0) } else { 0 };
    String::from_utf8_lossy(&name[..length]).replace(char::is_control, " ")
}
