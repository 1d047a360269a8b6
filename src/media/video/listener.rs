//! Listens to ffmpeg's standard error from the first line to the last, so that it never waits to be heard.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};

use super::description::Description;
use super::lines::{Level, Line, Reader};

/// So many of the last warnings and errors are kept.
const KEPT: usize = 20;
/// A longer line is cut.
const LONGEST: usize = 4096;

/// What is known of frames before they are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// What [`Event::Counted`] counts in, in seconds.
    Unit { seconds: f64 },
    /// A frame that comes.
    Counted { pts: i64 },
    /// A frame, in nanoseconds.
    Timed { pts: i64, duration: i64 },
}

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub description: Description,
    /// Width and height of the frames.
    pub size: Option<(usize, usize)>,
    /// How much wider than high a pixel is.
    pub pixel_aspect: Option<f64>,
    /// Number of errors.
    pub errors: usize,
    /// The first of them.
    pub first_error: Option<String>,
    /// The last warnings and errors.
    pub last: VecDeque<String>,
    /// All lines of the log that tell of a file that ends too soon.
    pub ends_early: Option<String>,
}

/// [`Said`], shared with who listens.
#[derive(Debug, Clone, Default)]
pub(super) struct Hearsay(Arc<Mutex<Said>>);

impl Hearsay {
    pub fn lock(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Said {
    fn log(&mut self, level: Level, text: String) {
        /// What ffmpeg's readers of files say where one ends before it should.
        const EARLY: [&str; 5] =
            ["partial file", "ended prematurely", "moov atom not found", "Truncating packet", "end of file"];
        if EARLY.iter().any(|words| text.contains(words)) && level > Level::Info {
            self.ends_early.get_or_insert_with(|| text.clone());
        }
        match level {
            Level::Info => return self.description.read(&text),
            Level::Warning => {}
            Level::Error => {
                self.errors += 1;
                self.first_error.get_or_insert_with(|| text.clone());
            }
        }
        self.last.truncate(KEPT - 1);
        self.last.push_front(text);
    }
}

/// Reads `errors` to its end: what concerns frames goes to `events`, the rest to `hearsay`. `sized` is called once the size
/// of the frames is known.
pub(super) fn listen(mut errors: impl Read, events: &Sender<Event>, hearsay: &Hearsay, mut sized: impl FnMut()) {
    let (mut reader, mut line, mut chunk) = (Reader::default(), Vec::new(), [0; 1 << 14]);
    loop {
        let count = match errors.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        for &byte in &chunk[..count] {
            match byte {
                b'\n' | b'\r' => {
                    heard(reader.read(&line), events, hearsay, &mut sized);
                    line.clear();
                }
                byte if line.len() < LONGEST => line.push(byte),
                _ => {}
            }
        }
    }
    heard(reader.read(&line), events, hearsay, &mut sized);
}

fn heard(line: Line, events: &Sender<Event>, hearsay: &Hearsay, sized: &mut impl FnMut()) {
    let event = match line {
        Line::Unit { seconds } => Event::Unit { seconds },
        Line::Counted { pts } => Event::Counted { pts },
        Line::Timed { pts, duration } => Event::Timed { pts, duration },
        Line::Size { width, height } => {
            let first = hearsay.lock().size.replace((width, height)).is_none();
            return if first {
                sized()
            };
        }
        Line::PixelAspect { ratio } => return hearsay.lock().pixel_aspect = Some(ratio),
        Line::Log { level, text } => return hearsay.lock().log(level, text),
        Line::Other => return,
    };
    // Who doesn't read frames any more needs no times.
    let _ = events.send(event);
}
