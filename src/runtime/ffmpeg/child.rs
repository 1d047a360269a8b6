//! Running a program that may misbehave: it is given its input, listened to, and ended where it takes too long.

use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::said;

/// Of what a program writes, so many bytes are kept from the beginning and from the end.
const KEPT: usize = 1 << 16;
/// Between two looks at whether it has ended.
const PAUSE: Duration = Duration::from_millis(1);
/// What a program has written is there when it has ended, unless a child of its own goes on writing.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// What a program did.
pub(super) struct Done {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Why it did nothing.
pub(super) enum ChildError {
    /// It cannot be run.
    Start(io::Error),
    /// It had not ended after the time that it was given, and was ended.
    TooLong,
}

/// Runs `command` until it ends, `deadline` at the latest, and gives it `input`, which must have room in a pipe (64 KiB).
pub(super) fn run(command: &mut Command, input: &[u8], deadline: Instant) -> Result<Done, ChildError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(start(command, deadline).map_err(ChildError::Start)?);
    let child = &mut running.0;
    let (stdout, stderr) = (listen(child.stdout.take()), listen(child.stderr.take()));
    // One that reads nothing says in another way what it is.
    drop(child.stdin.take().map(|mut stdin| stdin.write_all(input)));
    let status = loop {
        match child.try_wait().map_err(ChildError::Start)? {
            Some(status) => break status,
            None if Instant::now() >= deadline => return Err(ChildError::TooLong),
            None => thread::sleep(PAUSE),
        }
    };
    let heard = |listener: Receiver<Vec<u8>>| listener.recv_timeout(AFTERWARDS).unwrap_or_default();
    Ok(Done { status, stdout: heard(stdout), stderr: heard(stderr) })
}

/// Starts it; one that another process just wrote may be open for writing for a moment longer.
fn start(command: &mut Command, deadline: Instant) -> io::Result<Child> {
    loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < deadline => {
                thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Reads `stream` in a thread of its own, which ends with the stream.
fn listen(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    // Where nobody waits for it any more, it is told to nobody.
    thread::spawn(move || drop(sender.send(stream.map(|stream| said::kept(stream, KEPT)).unwrap_or_default())));
    receiver
}

/// Ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // What has ended already cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
