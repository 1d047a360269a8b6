//! A child process that is gone when its owner is.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use crate::process::die_with_parent;

/// How often it is looked whether something has ended that is about to.
pub(super) const GLANCE: Duration = Duration::from_millis(2);

/// Groups of processes that were not waited for: their numbers cannot be another's yet.
static GROUPS: Mutex<Vec<libc::pid_t>> = Mutex::new(Vec::new());

/// Ends every ffmpeg that is decoding, and what each has started: for a program that is about to end at once, by a signal
/// say, without dropping what it holds.
pub fn end_decoders() {
    locked(&GROUPS).iter().for_each(|&group| kill(group));
}

/// A child process, shared by who reads it and who may end it.
#[derive(Debug, Clone)]
pub(super) struct Process {
    group: libc::pid_t,
    child: Arc<Mutex<Child>>,
}

impl Process {
    /// Starts `command` in a group of its own, so that what is typed on the terminal is for us alone.
    ///
    /// On Linux it is killed when the thread that calls this ends, however that comes; elsewhere it ends at the next frame
    /// that nobody reads. So that thread must stay until the child is gone.
    pub fn start(command: &mut Command) -> io::Result<(Self, Pipes)> {
        command.stdin(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        die_with_parent(command);
        let mut groups = locked(&GROUPS);
        let mut child = command.spawn()?;
        let group = child.id() as libc::pid_t;
        groups.push(group);
        let pipes = Pipes { output: child.stdout.take(), errors: child.stderr.take() };
        Ok((Self { group, child: Arc::new(Mutex::new(child)) }, pipes))
    }

    /// Ends it and what it has started, which may outlive it. Does nothing to one that was waited for.
    pub fn kill(&self) {
        locked(&GROUPS).iter().filter(|&&group| group == self.group).for_each(|&group| kill(group));
    }

    /// Waits until it has ended.
    pub fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            let mut groups = locked(&GROUPS);
            if let Some(status) = locked(&self.child).try_wait()? {
                groups.retain(|&group| group != self.group);
                return Ok(status);
            }
            drop(groups);
            thread::sleep(GLANCE);
        }
    }
}

fn kill(group: libc::pid_t) {
    // SAFETY: kill has no memory to harm, and who calls this holds the list of groups whose numbers are no other's.
    unsafe { libc::kill(-group, libc::SIGKILL) };
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What a child writes to.
#[derive(Debug)]
pub(super) struct Pipes {
    pub output: Option<std::process::ChildStdout>,
    pub errors: Option<std::process::ChildStderr>,
}

/// Makes the pipe that `end` belongs to hold more, so that writer and reader take turns less often.
#[cfg(target_os = "linux")]
pub(super) fn widen(end: &impl std::os::fd::AsRawFd) {
    const BYTES: libc::c_int = 1 << 20;
    // SAFETY: the descriptor is open as long as `end` is borrowed. Where it is refused, the pipe stays as it is.
    unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETPIPE_SZ, BYTES) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn widen<E>(_: &E) {}
