//! The one place that prints: results to stdout, everything else to stderr.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use console::Term;
use indicatif::{MultiProgress, ProgressDrawTarget};
use movinet_tf::shown::shown_lines;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const BARS_A_SECOND: u8 = 20;
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the program speaks.
#[derive(Debug)]
pub struct Terminal {
    quiet: bool,
    verbose: bool,
    /// A duplicate of standard error: TensorFlow's chatter is filtered out of the original.
    stderr: Option<File>,
    bars: MultiProgress,
}

impl Terminal {
    /// Speaks in colour as `color` says, only of results and errors when `quiet`, and of more when `verbose`.
    pub fn new(color: ColorChoice, quiet: bool, verbose: bool) -> Self {
        match color {
            ColorChoice::Auto => {}
            ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        }
        let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from).ok();
        let bars = MultiProgress::with_draw_target(draw_target(stderr.as_ref().filter(|_| !quiet)));
        Self { quiet, verbose, stderr, bars }
    }

    /// The bars that are being drawn; hidden where there is no terminal or nothing is to be said.
    pub fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// Where results go. Styles are taken out where they don't belong.
    pub fn results(&self) -> Box<dyn Write> {
        Box::new(Named(anstream::stdout()))
    }

    /// A line that another process of this program has made fit to be shown.
    pub fn pass_on(&self, line: &str) {
        self.say(line);
    }

    /// A line that is neither result nor trouble.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            self.say(&safe(line));
        }
    }

    /// A line for those who want to know more.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(&safe(line));
        }
    }

    /// A line about something that the user should know, although the work goes on.
    pub fn warning(&self, line: &str) {
        if !self.quiet {
            self.say(&format!("{WARNING}warning{WARNING:#}: {}", safe(line)));
        }
    }

    /// Why the program ends, and what can be done.
    pub fn error(&self, line: &str, hint: Option<&str>) {
        self.say(&format!("{ERROR}error{ERROR:#}: {}", safe(line)));
        if let Some(hint) = hint {
            self.say(&format!("{HINT}hint{HINT:#}: {}", safe(hint)));
        }
    }

    fn say(&self, line: &str) {
        if let Some(stderr) = self.stderr.as_ref().and_then(|stderr| stderr.try_clone().ok()) {
            // A closed stderr takes nothing, and there is nowhere else to say so.
            let _ = self.bars.suspend(|| writeln!(anstream::AutoStream::auto(stderr), "{line}"));
        }
    }
}

/// `line` as it may reach a terminal, whatever the names and messages of others in it. What follows on further lines is
/// indented, so that nothing in it looks like a line of ours.
fn safe(line: &str) -> String {
    shown_lines(line).trim_end().replace('\n', "\n  ")
}

/// Standard output, whose errors say that it is it.
struct Named<W>(W);

impl<W> Named<W> {
    fn failed(error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("cannot write to stdout: {error}"))
    }
}

impl<W: Write> Write for Named<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| Self::failed(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| Self::failed(&error))
    }
}

fn draw_target(stderr: Option<&File>) -> ProgressDrawTarget {
    let terminal = stderr.filter(|stderr| stderr.is_terminal());
    match terminal.and_then(|stderr| Some((stderr.try_clone().ok()?, stderr.try_clone().ok()?))) {
        Some((read, write)) => ProgressDrawTarget::term(Term::read_write_pair(read, write), BARS_A_SECOND),
        None => ProgressDrawTarget::hidden(),
    }
}
