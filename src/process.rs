//! Child processes that don't outlive this one.

use std::process::Command;

/// On Linux, has what `command` starts killed when the thread that starts it ends, however that comes. So that thread must
/// stay until the child is gone.
#[cfg(target_os = "linux")]
pub(crate) fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    let parent = std::process::id();
    // SAFETY: between fork and exec only system calls are made, which may be.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            match libc::getppid() as u32 == parent {
                true => Ok(()),
                false => Err(std::io::ErrorKind::Interrupted.into()), // it died before it could be told
            }
        })
    };
}

/// Elsewhere there is no such thing.
#[cfg(not(target_os = "linux"))]
pub(crate) fn die_with_parent(_: &mut Command) {}
