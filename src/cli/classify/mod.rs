//! `movinet-tf classify`.

mod rows;
mod supervise;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use movinet_tf::batch::{Begin, Selection, Windows};
use movinet_tf::predict::Labels;
use movinet_tf::session::SessionBuilder;

use super::clip::parse_seconds;
use super::exit::{Exit, usage};
use super::models::ModelArguments;
use super::workers::{self, Network};
use super::{Context, environment};

/// Passes in which a clip may be read, because its windows overlap.
const MOST_PASSES: usize = 16;

const EXAMPLES: &str = "\
A list (.txt with a path a line, .csv, .jsonl or .parquet) has `path` and, if it likes, `from`, `to`
(seconds), `label` and `id`. Of a folder every file is taken that may be a clip. - reads paths or
JSON lines from standard input and answers each with a row at once.

A clip that cannot be used is a row whose `error` says why, and never ends the run.

Examples:
  movinet-tf classify videos/ --model a2 --out rows.jsonl
  movinet-tf classify list.csv --model a0 --out rows.parquet --resume     as far as it is not done
  movinet-tf classify clip.mp4 --model a2 --window 10 --every 5           a row a window
  movinet-tf classify videos/ --network both --top-k 3 --out rows.csv
  find . -name '*.mp4' | movinet-tf classify - --model a0 | jq -r '[.path, .top[0].label] | @tsv'";

/// Say what is seen in each of many clips: a row each, as JSON lines, CSV or Parquet
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Clips, folders of clips, lists of clips; - for paths or JSON lines from standard input
    #[arg(value_name = "SOURCE|DIR|LIST|-", required = true)]
    clips: Vec<PathBuf>,
    #[command(flatten)]
    models: ModelArguments,
    /// Which model is asked: the stream model after a clip's last frame, the base model on all of it, or both [default: stream]
    #[arg(long, value_name = "NETWORK")]
    network: Option<Network>,
    /// A row for each window of so many seconds, as if it were a clip by itself
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = parse_seconds)]
    window: Option<Duration>,
    /// How often a window begins [default: one begins where the one before ends]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, requires = "window", value_parser = parse_seconds)]
    every: Option<Duration>,
    /// How many of the most likely classes a row tells
    #[arg(long, value_name = "K", default_value_t = 5, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    top_k: u16,
    /// Tell no class that is less likely, 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, hide_default_value = true, allow_negative_numbers = true, value_parser = parse_probability)]
    threshold: f64,
    /// Tell these classes alone, by name or index
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    classes: Vec<String>,
    /// Don't tell these classes
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Tell the logits too
    #[arg(long)]
    logits: bool,
    /// Where the rows go; - is stdout, as JSON lines
    #[arg(long, value_name = "FILE.jsonl|.csv|.parquet|-", default_value = "-", hide_default_value = true)]
    out: PathBuf,
    /// Go on where a run with the same output stopped
    #[arg(long, conflicts_with = "anew")]
    resume: bool,
    /// Begin from the beginning, whatever a run that stopped left in the output
    #[arg(long)]
    anew: bool,
    /// Processes that work side by side [default: as many as there are cores and memory for]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// End with the first clip that fails
    #[arg(long)]
    fail_fast: bool,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match environment::text(environment::WORKER) {
            Some(threads) => self.work(threads.parse()?, context),
            None => self.supervise(context),
        }
    }

    /// What a worker does.
    fn work(&self, threads: u16, context: &Context) -> anyhow::Result<Exit> {
        let rows = workers::Rows { models: &self.models, windows: self.windows()?, logits: self.logits };
        let Self { top_k, threshold, classes, exclude, .. } = self;
        let selection = |names: &Labels| {
            let selection = Selection::new((*top_k).into(), *threshold, classes, exclude, names);
            selection.map_err(|unknown| usage(unknown.to_string()))
        };
        workers::serve(self.session(context)?, &rows, selection, threads, context)
    }

    /// The models that are asked.
    fn session(&self, context: &Context) -> anyhow::Result<SessionBuilder> {
        let default = if self.models.names_stream() { Network::Stream } else { Network::Base };
        self.network.unwrap_or(default).session(&self.models, context)
    }

    fn windows(&self) -> anyhow::Result<Option<Windows>> {
        let Some(length) = self.window else { return Ok(None) };
        let windows = Windows::new(length, self.every.unwrap_or(length));
        let windows = windows.ok_or_else(|| usage("--window and --every are times above 0"))?;
        match windows.passes() {
            ..=MOST_PASSES => Ok(Some(windows)),
            passes => Err(usage(format!(
                "with these --window and --every, {passes} windows overlap; at most {MOST_PASSES} may"
            ))),
        }
    }

    /// What rows depend on beside the models and the list, in words.
    fn options(&self) -> String {
        let Self { network, window, every, top_k, threshold, classes, exclude, logits, .. } = self;
        format!(
            "{network:?}, window {window:?} every {every:?}, top {top_k} from {threshold}, of {classes:?} without {exclude:?}, \
             logits {logits}, {}",
            self.models.in_words()
        )
    }

    fn begin(&self) -> Begin {
        match (self.resume, self.anew) {
            (true, _) => Begin::Resume,
            (_, true) => Begin::Anew,
            _ => Begin::Fresh,
        }
    }

    fn reads_standard_input(&self) -> bool {
        self.clips.iter().any(|clip| clip == Path::new("-"))
    }
}

fn parse_probability(typed: &str) -> Result<f64, String> {
    match typed.parse() {
        Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(probability),
        _ => Err("a number from 0 to 1".into()),
    }
}
