//! Progress bars on a terminal; a line at the beginning of each task elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use movinet_tf::progress::{Progress, Task, Unit};
use movinet_tf::shown::shown;

use super::terminal::Terminal;

impl Progress for Terminal {
    fn begin(&self, what: &str, total: Option<u64>, unit: Unit) -> Box<dyn Task> {
        if self.bars().is_hidden() {
            if unit == Unit::Bytes {
                let size = total.map_or(String::new(), |bytes| format!(", {} MB", (bytes + 500_000) / 1_000_000));
                self.note(&format!("{what}{size} ..."));
            }
            return Box::new(movinet_tf::progress::Silent);
        }
        let bar = self.bars().add(ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()));
        bar.set_style(style(total.is_some(), unit));
        bar.set_message(shown(what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Box::new(Bar(bar, unit))
    }

    fn note(&self, line: &str) {
        Self::note(self, line);
    }

    fn warning(&self, line: &str) {
        Self::warning(self, line);
    }

    fn detail(&self, line: &str) {
        Self::detail(self, line);
    }
}

struct Bar(ProgressBar, Unit);

impl Task for Bar {
    fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    fn set_total(&self, total: u64) {
        self.0.set_length(total);
        self.0.set_style(style(true, self.1));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style(total_known: bool, unit: Unit) -> ProgressStyle {
    let template = match (unit, total_known) {
        (Unit::Bytes, true) => "{msg} {bar:24.cyan/dim} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
        (Unit::Bytes, false) => "{msg} {spinner} {bytes} {bytes_per_sec}",
        (Unit::Clips, true) => "{msg} {bar:24.cyan/dim} {pos}/{len} clips, {eta} left",
        (Unit::Clips, false) => "{msg} {spinner} {pos} clips",
        (_, true) => "{msg} {bar:24.cyan/dim} frame {pos}/{len}",
        (_, false) => "{msg} {spinner}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
