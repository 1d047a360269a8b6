//! ffmpeg at work, in threads of its own: one reads frames, one listens to what is said of them.

use std::io::{self, Read};
use std::path::Path;
use std::process::{ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::child::{GLANCE, Pipes, Process, widen};
use super::command::{Decoder, Threads, Wanted, command};
use super::listener::{Event, Hearsay, listen};

/// Frames that wait to be looked at take about so many bytes; one is always let through.
const AHEAD: usize = 48 << 20;
/// And are at most so many.
const MOST_AHEAD: usize = 16;
const CHANNELS: usize = 3;

/// A file being decoded.
#[derive(Debug)]
pub(super) struct Decoding {
    pub hearsay: Hearsay,
    /// Of frames, before they come.
    events: Receiver<Event>,
    /// RGB, in row-major order; `None` where none ever came, or none is wanted.
    frames: Option<Receiver<Vec<u8>>>,
    /// Buffers that were looked at, to be filled again.
    spare: Sender<Vec<u8>>,
    process: Process,
    reader: Option<JoinHandle<Ended>>,
    patience: Duration,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub status: io::Result<ExitStatus>,
    /// Whether the last frame came in part.
    pub in_part: bool,
    /// Bytes for which there was no memory.
    pub no_memory: Option<usize>,
    /// Whether it gave nothing more and didn't end, and so was ended.
    pub given_up: bool,
}

/// Nothing came for as long as the decoder was given.
#[derive(Debug)]
pub(super) struct Stalled;

impl Decoding {
    /// Starts decoding and waits for the first frame, or the end.
    ///
    /// # Errors
    /// What the system says where the program cannot be started; [`Stalled`] inside.
    pub fn start(
        decoder: &Decoder,
        path: &Path,
        wanted: Wanted,
        threads: Threads,
    ) -> io::Result<Result<Self, Stalled>> {
        let mut command = command(decoder, path, wanted, threads);
        command.stdout(if wanted == Wanted::Frames { Stdio::piped() } else { Stdio::null() });
        let hearsay = Hearsay::default();
        let (event, events) = channel();
        let (started, process) = channel();
        let (open, opened) = channel();
        let (spare, spares) = channel();
        let heard = hearsay.clone();
        let work = move || match Process::start(&mut command) {
            Ok((process, pipes)) => {
                // Whoever started this may have gone; then nobody reads frames either.
                let _ = started.send(Ok(process.clone()));
                Reading { process, hearsay: heard, event, open, spares }.run(pipes)
            }
            Err(error) => {
                let _ = started.send(Err(error));
                Ended { status: Err(io::ErrorKind::NotFound.into()), in_part: false, no_memory: None, given_up: false }
            }
        };
        let reader = thread::Builder::new().name("decoding".into()).spawn(work)?;
        let process = process.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))??;
        let (frames, reader, patience) = (None, Some(reader), decoder.patience);
        let mut decoding = Self { hearsay, events, frames, spare, process, reader, patience };
        match opened.recv_timeout(patience) {
            Ok(frames) => decoding.frames = Some(frames),
            Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => return Ok(Err(Stalled)),
        }
        Ok(Ok(decoding))
    }

    /// The next frame; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Stalled> {
        let Some(frames) = &self.frames else { return Ok(None) };
        match frames.recv_timeout(self.patience) {
            Ok(frame) => Ok(Some(frame)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(Stalled),
        }
    }

    /// Gives back a frame that was looked at, to be filled again.
    pub fn reuse(&self, frame: Vec<u8>) {
        let _ = self.spare.send(frame); // after the end nobody needs it
    }

    /// The next thing that is told of frames; `None` when that was all.
    pub fn event(&mut self) -> Result<Option<Event>, Stalled> {
        match self.events.recv_timeout(self.patience) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(Stalled),
        }
    }

    /// Waits for the end and tells how it was; one that has nothing more to give and doesn't end is ended. `None` where it
    /// was told before.
    pub fn end(&mut self) -> Option<Ended> {
        self.frames = None;
        let reader = self.reader.take()?;
        let (began, mut given_up) = (Instant::now(), false);
        while !reader.is_finished() {
            if began.elapsed() > self.patience {
                given_up = true;
                self.process.kill();
            }
            thread::sleep(GLANCE);
        }
        let ended = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Some(Ended { given_up, ..ended })
    }
}

impl Drop for Decoding {
    fn drop(&mut self) {
        self.frames = None; // so that the reader doesn't wait for room
        if let Some(reader) = self.reader.take() {
            self.process.kill();
            let _ = reader.join(); // its panic was told on standard error
        }
    }
}

/// What the reading thread works with.
struct Reading {
    process: Process,
    hearsay: Hearsay,
    event: Sender<Event>,
    /// Frames will come from here.
    open: Sender<Receiver<Vec<u8>>>,
    spares: Receiver<Vec<u8>>,
}

impl Reading {
    fn run(self, pipes: Pipes) -> Ended {
        let Self { process, hearsay, event, open, spares } = self;
        let (shaped, known) = channel();
        let (in_part, no_memory) = thread::scope(|scope| {
            let hearsay = &hearsay;
            scope.spawn(move || {
                let shaped = || {
                    let _ = shaped.send(()); // the reader may have ended
                };
                pipes.errors.map(|errors| listen(errors, &event, hearsay, shaped))
            });
            if known.recv().is_err() {
                return (false, None); // it ended before the first frame
            }
            let shape = hearsay.lock().shape;
            let bytes = shape.and_then(|shape| bytes(shape.width, shape.height));
            let (Some(output), Some(bytes)) = (pipes.output, bytes) else { return (false, None) };
            widen(&output);
            let (passed, frames) = sync_channel((AHEAD / bytes).clamp(1, MOST_AHEAD));
            if open.send(frames).is_err() {
                process.kill();
                return (false, None);
            }
            let pass = |frame| passed.send(frame).is_ok();
            let outcome = read_frames(output, bytes, &spares, pass);
            drop(passed);
            outcome
        });
        Ended { status: process.wait(), in_part, no_memory, given_up: false }
    }
}

/// Bytes of a frame; `None` for one that has none.
pub(super) fn bytes(width: usize, height: usize) -> Option<usize> {
    width.checked_mul(height)?.checked_mul(CHANNELS).filter(|&bytes| bytes > 0)
}

/// Reads frames of so many `bytes` to the end, however they are delivered, or until `pass` refuses one. Tells whether the
/// last one came in part, and for how many bytes there was no memory.
fn read_frames(
    mut output: ChildStdout,
    bytes: usize,
    spares: &Receiver<Vec<u8>>,
    pass: impl Fn(Vec<u8>) -> bool,
) -> (bool, Option<usize>) {
    loop {
        let mut frame = spares.try_recv().unwrap_or_default();
        if frame.try_reserve_exact(bytes.saturating_sub(frame.len())).is_err() {
            return (false, Some(bytes));
        }
        frame.resize(bytes, 0);
        let mut filled = 0;
        while filled < bytes {
            match output.read(&mut frame[filled..]) {
                Ok(0) => return (filled > 0, None),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return (filled > 0, None),
            }
        }
        if !pass(frame) {
            return (false, None);
        }
    }
}
