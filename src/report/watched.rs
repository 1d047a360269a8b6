//! A buffered writer that remembers why it failed: what writes formats wraps or loses what the system said.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

#[derive(Debug)]
pub(super) struct Watched<W: Write> {
    inner: BufWriter<Noting<W>>,
}

#[derive(Debug)]
struct Noting<W> {
    inner: W,
    failure: Option<io::Error>,
}

impl<W: Write> Watched<W> {
    pub fn new(inner: W) -> Self {
        Self { inner: BufWriter::new(Noting { inner, failure: None }) }
    }

    /// `written`, with the first thing that the writer below said in its place if it failed.
    pub fn judge(&mut self, written: io::Result<()>) -> io::Result<()> {
        written.map_err(|error| self.inner.get_mut().failure.take().unwrap_or(error))
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write + Seek> Seek for Watched<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<W> Noting<W> {
    fn noted<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &outcome
            && error.kind() != io::ErrorKind::Interrupted
        {
            let same = match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            };
            self.failure.get_or_insert(same);
        }
        outcome
    }
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.inner.write(bytes);
        self.noted(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.inner.flush();
        self.noted(outcome)
    }
}

impl<W: Seek> Seek for Noting<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let outcome = self.inner.seek(to);
        self.noted(outcome)
    }
}
