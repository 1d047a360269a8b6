//! How the library tells that long work moves on; the program decides what to show of it.

/// What a task counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes of a download or an unpacking.
    Bytes,
    /// Frames of a clip.
    Frames,
    /// Clips of a list.
    Clips,
}

/// Receives the beginning of each long task, and what is worth a line.
pub trait Progress: std::fmt::Debug + Send + Sync {
    /// A task named `what` begins; `total` is its size where that is known.
    fn begin(&self, what: &str, total: Option<u64>, unit: Unit) -> Box<dyn Task>;

    /// Something worth a line that is no error.
    fn note(&self, line: &str);

    /// Something that the user should know, although the work goes on.
    fn warning(&self, line: &str);

    /// Something worth a line to those who want to know more.
    fn detail(&self, line: &str);
}

/// One task under way; it ends when it is dropped.
pub trait Task: Send {
    /// So many more units are done.
    fn advance(&self, by: u64);

    /// Its size is known now.
    fn set_total(&self, _total: u64) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _what: &str, _total: Option<u64>, _unit: Unit) -> Box<dyn Task> {
        Box::new(Silent)
    }

    fn note(&self, _line: &str) {}

    fn warning(&self, _line: &str) {}

    fn detail(&self, _line: &str) {}
}

impl Task for Silent {
    fn advance(&self, _by: u64) {}
}

/// A reader that reports what passes through it.
#[cfg(feature = "fetch")]
pub(crate) struct Counted<'a, R> {
    inner: R,
    task: &'a dyn Task,
}

#[cfg(feature = "fetch")]
impl<'a, R> Counted<'a, R> {
    /// Counts the bytes read from `inner` in `task`.
    pub fn new(inner: R, task: &'a dyn Task) -> Self {
        Self { inner, task }
    }
}

#[cfg(feature = "fetch")]
impl<R: std::io::Read> std::io::Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.task.advance(count as u64);
        Ok(count)
    }
}
