//! A worker: a process of its own that makes rows of the clips that it is told on its standard input.
//!
//! It says what it is in a line, [`About`]; then it answers each line, an [`Item`], with one, an [`Answer`]. All are JSON.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{About, Classifier, ErrorKind, Item, Row};
use crate::process::die_with_parent;

/// So many of the last lines that a worker writes to its standard error are kept.
const KEPT: usize = 20;
/// So long a worker that says nothing more may take to end, and so often it is looked whether it has.
const PARTING: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(2);

/// What a worker says of a clip.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub rows: Vec<Row>,
    /// What the user should know of it.
    pub warnings: Vec<String>,
}

impl Answer {
    /// Whether something failed that may not be the clip's fault.
    pub fn failed_here(&self) -> bool {
        self.rows.iter().filter_map(|row| row.error.as_ref()).any(|error| error.kind == ErrorKind::Internal)
    }
}

/// Works as a worker: answers `input` on `output` until it ends. `warnings` gives what was warned of since the last call.
///
/// # Errors
/// What the system says where nobody reads or writes any more.
pub fn serve(
    classifier: &Classifier,
    warnings: impl Fn() -> Vec<String>,
    input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    write_line(&mut output, classifier.about())?;
    for line in input.lines() {
        let item: Item = serde_json::from_str(&line?)?;
        let rows = classifier.rows(&item);
        write_line(&mut output, &Answer { rows, warnings: warnings() })?;
    }
    Ok(())
}

fn write_line(output: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    output.write_all(&line)?;
    output.flush()
}

/// A worker, seen from outside. It is killed when this is dropped.
pub(super) struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    said: Arc<Mutex<VecDeque<String>>>,
    listener: Option<JoinHandle<()>>,
}

/// How a worker ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub status: Option<ExitStatus>,
    /// The last lines that it wrote to its standard error.
    pub said: Vec<String>,
}

impl Worker {
    /// Starts `command`; what it writes to its standard error is also given to `tell`, as long as that wants it.
    ///
    /// The thread that calls this must stay until the worker is gone.
    ///
    /// # Errors
    /// What the system says where it cannot be started.
    pub fn start(mut command: Command, tell: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        // In a group of its own: what is typed on the terminal is for us, who end it.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        die_with_parent(&mut command);
        let mut child = command.spawn()?;
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let (input, output) = (child.stdin.take(), child.stdout.take().ok_or_else(gone)?);
        let errors = child.stderr.take().ok_or_else(gone)?;
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&said);
        let listener = thread::Builder::new().name("listening".into()).spawn(move || listen(errors, &kept, tell))?;
        Ok(Self { child, input, output: BufReader::new(output), said, listener: Some(listener) })
    }

    /// What it says that it is.
    ///
    /// # Errors
    /// [`Ended`] where it ended instead.
    pub fn about(&mut self) -> Result<About, Ended> {
        self.read()
    }

    /// What it says of `item`.
    ///
    /// # Errors
    /// [`Ended`] where it ended instead.
    pub fn ask(&mut self, item: &Item) -> Result<Answer, Ended> {
        // Where it is gone, reading tells.
        let _ = self.input.as_mut().map(|input| write_line(input, item));
        self.read()
    }

    fn read<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T, Ended> {
        let mut line = Vec::new();
        let read = self.output.read_until(b'\n', &mut line);
        match (read, serde_json::from_slice(&line)) {
            (Ok(1..), Ok(value)) => Ok(value),
            _ => Err(self.end()),
        }
    }

    /// Waits for the end of one that says nothing more, but not for long.
    fn end(&mut self) -> Ended {
        self.input = None;
        let began = Instant::now();
        while began.elapsed() < PARTING && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(GLANCE);
        }
        let _ = self.child.kill(); // where it is gone already, all the better
        let status = self.child.wait().ok();
        // Others may hold its standard error, an ffmpeg say, which end when it does.
        if let Some(listener) = self.listener.take() {
            let _ = listener.join(); // its panic was told
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        Ended { status, said }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill(); // where it is gone already, all the better
        let _ = self.child.wait();
    }
}

fn listen(errors: impl Read, kept: &Mutex<VecDeque<String>>, tell: impl Fn(&str)) {
    for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        tell(&line);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}

impl Ended {
    /// How it ended, in words.
    pub fn reason(&self) -> String {
        let how = match self.status {
            Some(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("was killed by signal {signal}"),
                (None, Some(code)) => format!("ended with exit code {code}"),
                (None, None) => "ended".to_owned(),
            },
            None => "ended".to_owned(),
        };
        match self.said.iter().rev().find(|line| !line.is_empty()) {
            Some(last) => format!("{how}; the last that it said: {last}"),
            None => how,
        }
    }
}
