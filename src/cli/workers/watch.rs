//! How far the work is: a bar on a terminal, a line now and then elsewhere, and a line in the end.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use movinet_tf::batch::{Done, ErrorKind};
use movinet_tf::progress::{Progress, Task, Unit};

use crate::cli::terminal::Terminal;

/// How often a line is said where there is no bar.
const EVERY: Duration = Duration::from_secs(30);

/// What was done so far.
pub struct Watch {
    terminal: Arc<Terminal>,
    task: Box<dyn Task>,
    /// Clips of the list, once they are counted.
    total: Arc<OnceLock<u64>>,
    total_told: bool,
    began: Instant,
    said: Instant,
    /// Clips that were done by an earlier run, and those of them that failed.
    before: (u64, u64),
    clips: u64,
    failed: BTreeMap<ErrorKind, u64>,
    frames: u64,
}

impl Watch {
    /// Watches the clips of a list of which an earlier run has done those of `before`; `what` is done with them.
    pub fn new(terminal: Arc<Terminal>, what: &str, total: Arc<OnceLock<u64>>, before: (u64, u64)) -> Self {
        let task = terminal.begin(what, None, Unit::Clips);
        task.advance(before.0);
        let (now, failed) = (Instant::now(), BTreeMap::new());
        Self { terminal, task, total, total_told: false, began: now, said: now, before, clips: 0, failed, frames: 0 }
    }

    /// A clip is done.
    pub fn done(&mut self, done: &Done) {
        self.clips += 1;
        self.frames += done.rows.iter().filter_map(|row| row.frames).sum::<usize>() as u64;
        if let Some(error) = done.rows.iter().find_map(|row| row.error.as_ref()) {
            *self.failed.entry(error.kind).or_default() += 1;
        }
        self.task.advance(1);
        if let Some(&total) = self.total.get().filter(|_| !self.total_told) {
            self.task.set_total(total);
            self.total_told = true;
        }
        if self.terminal.bars().is_hidden() && self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            self.terminal.note(&self.so_far());
        }
    }

    /// Whether a clip failed now.
    pub fn has_failed_now(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Whether a clip failed, now or before.
    pub fn has_failed(&self) -> bool {
        self.before.1 > 0 || !self.failed.is_empty()
    }

    /// Says what was done, and how many files were `skipped`.
    pub fn end(self, skipped: u64) {
        let line = self.summary(skipped);
        let Self { terminal, task, .. } = self;
        drop(task); // the bar goes first
        terminal.note(&line);
    }

    fn so_far(&self) -> String {
        let (done, failed) = (self.before.0 + self.clips, self.before.1 + self.failed.values().sum::<u64>());
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = self.clips as f64 / seconds;
        let of = self.total.get().map_or(String::new(), |total| format!(" of {total}"));
        let left = match self.total.get() {
            Some(total) if rate > 0.0 => {
                let minutes = total.saturating_sub(done) as f64 / rate / 60.0;
                format!(", about {} left", in_words(minutes))
            }
            _ => String::new(),
        };
        format!("{done}{of} clips, {failed} failed, {:.1} clips a minute{left}", rate * 60.0)
    }

    fn summary(&self, skipped: u64) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        let failed: u64 = self.failed.values().sum();
        let kinds = self.failed.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ");
        let mut line = format!("{} clips: {} done, {failed} failed", self.clips, self.clips - failed);
        if !kinds.is_empty() {
            line += &format!(" ({kinds})");
        }
        if self.before.0 > 0 {
            line += &format!("; {} done before, {} of them failed", self.before.0, self.before.1);
        }
        if skipped > 0 {
            line += &format!("; {skipped} files skipped that are no clips");
        }
        let (clips, frames) = (self.clips as f64 / seconds * 60.0, self.frames as f64 / seconds);
        line + &format!("; {seconds:.1} s, {frames:.1} frames a second, {clips:.1} clips a minute")
    }
}

fn in_words(minutes: f64) -> String {
    match minutes {
        ..1.5 => "a minute".to_owned(),
        1.5..120.0 => format!("{minutes:.0} minutes"),
        _ => format!("{:.1} hours", minutes / 60.0),
    }
}
