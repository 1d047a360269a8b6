//! Listens to ffmpeg's standard error from the first line to the last, so that it never waits to be heard.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};

use super::description::Description;
use super::lines::{Level, Line, Reader, Shape};

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
    pub shape: Option<Shape>,
    /// Number of errors.
    pub errors: usize,
    /// The first of them.
    pub first_error: Option<String>,
    /// The last warnings and errors.
    pub last: VecDeque<String>,
    /// What tells of a file that ends too soon.
    pub ends_early: Option<String>,
    /// The signal that asked it to end, which it did.
    pub signal: Option<i32>,
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
            Level::Info => {
                let signal = text.strip_prefix("Exiting normally, received signal ");
                self.signal = signal.and_then(|signal| signal.trim_end_matches('.').parse().ok()).or(self.signal);
                return self.description.read(&text);
            }
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

/// Reads `errors` to its end: what concerns frames goes to `events`, the rest to `hearsay`. `shaped` is called once it is
/// known what frames are like.
pub(super) fn listen(mut errors: impl Read, events: &Sender<Event>, hearsay: &Hearsay, mut shaped: impl FnMut()) {
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
                    heard(reader.read(&line), events, hearsay, &mut shaped);
                    line.clear();
                }
                byte if line.len() < LONGEST => line.push(byte),
                _ => {}
            }
        }
    }
    heard(reader.read(&line), events, hearsay, &mut shaped);
}

fn heard(line: Line, events: &Sender<Event>, hearsay: &Hearsay, shaped: &mut impl FnMut()) {
    let event = match line {
        Line::Unit { seconds } => Event::Unit { seconds },
        Line::Counted { pts } => Event::Counted { pts },
        Line::Timed { pts, duration } => Event::Timed { pts, duration },
        Line::Shape(shape) => {
            let first = hearsay.lock().shape.replace(shape).is_none();
            return if first {
                shaped()
            };
        }
        Line::Log { level, text } => return hearsay.lock().log(level, text),
        Line::Other => return,
    };
    // Who doesn't read frames any more needs no times.
    let _ = events.send(event);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Gives what it has a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.read(&mut buffer[..count])
        }
    }

    fn heard_of(text: &[u8], at_once: usize) -> (Hearsay, Vec<Event>, usize) {
        let (hearsay, mut shaped) = (Hearsay::default(), 0);
        let (sender, events) = channel();
        listen(Slow(text, at_once), &sender, &hearsay, || shaped += 1);
        drop(sender);
        (hearsay, events.iter().collect(), shaped)
    }

    #[test]
    fn it_is_the_same_however_it_is_delivered() {
        let text = b"[error] one\r\n#tb 0: 1/10\n#dimensions 0: 4x2\n#sar 0: 1/1\n#dimensions 0: 4x2\n#sar 0: 1/1\n\
                     0, 0, 0, 1, 9, 0x01234567\n0, 0, 0, 100000000, 9, 01234567";
        let told = [
            Event::Unit { seconds: 0.1 },
            Event::Counted { pts: 0 },
            Event::Timed { pts: 0, duration: 100_000_000 }, // although no line ends there
        ];
        for at_once in [1, 2, 7, 1000] {
            let (hearsay, events, shaped) = heard_of(text, at_once);
            let said = hearsay.lock();
            assert_eq!((events.as_slice(), shaped, said.errors), (told.as_slice(), 1, 1), "{at_once}");
            assert_eq!(said.shape.map(|shape| (shape.width, shape.height)), Some((4, 2)));
        }
    }

    #[test]
    fn much_that_is_said_is_kept_in_part() {
        let mut text = "[x @ 0x1] [warning] words\n".repeat(50_000);
        text += &format!("[error] {}\n[error] last", "long".repeat(100_000));
        let (hearsay, _, _) = heard_of(text.as_bytes(), 1 << 20);
        let said = hearsay.lock();
        assert_eq!((said.errors, said.last.len(), said.last[0].as_str()), (2, KEPT, "last"));
        assert!(said.first_error.as_ref().unwrap().len() < LONGEST);
    }

    #[test]
    fn who_no_longer_listens_harms_nothing() {
        let (sender, events) = channel();
        drop(events);
        listen(&b"#tb 0: 1/10\n0, 0, 0, 1, 9, 0x01234567"[..], &sender, &Hearsay::default(), || {});
    }
}
