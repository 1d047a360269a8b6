//! `movinet-tf bench`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use movinet_tf::movinet;
use movinet_tf::report::{json, text};
use serde::Serialize;

use super::exit::Exit;
use super::models::{Engine, ModelArguments};
use super::{Context, run};

const EXAMPLES: &str = "\
Each model runs alone, after a warm-up. The first frame or clip, which may include compiling, is told apart.

Examples:
  movinet-tf bench                                  the bundled demo
  movinet-tf bench clip.gif --model a0
  movinet-tf bench clip.gif --base DIR --stream DIR --frames 200 --json";

/// Time a frame of the stream model and a clip of the base model, with both engines
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The clip, a GIF [default: the bundled one]
    clip: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArguments,
    /// Frames to stream; the clip is repeated until there are as many
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(2..))]
    frames: u16,
    /// Clips to show to the base model
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    clips: u16,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// All in seconds.
#[derive(Debug, Serialize)]
struct Figures {
    engine: &'static str,
    model: &'static str,
    load: f64,
    /// The first call of this shape.
    first: f64,
    #[serde(flatten)]
    rest: Quantiles,
    /// Largest memory of the process so far, in bytes.
    peak_memory: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Quantiles {
    min: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    /// Standard deviation as a share of the mean: above 0.2, the machine was busy with other things.
    variation: f64,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let plan = self.models.plan(self.clip.as_deref(), Engine::Auto, context)?;
        let runtime = run::tensorflow(context)?;
        // The prepared forms first: the peak of memory never goes down again.
        let engines = match self.models.engine() {
            None | Some(Engine::Auto) => vec![Engine::Prepared, Engine::Reference],
            Some(engine) => vec![engine],
        };
        let mut figures = Vec::new();
        for engine in engines {
            match self.engine(&plan, engine, &runtime, context) {
                Ok(both) => figures.extend(both),
                Err(error) if self.models.engine().is_none() => context.terminal.warning(&format!("{error:#}")),
                Err(error) => return Err(error),
            }
        }
        let mut output = context.terminal.results();
        if self.json {
            json::write(&figures, &mut output)?
        } else {
            write_table(&figures, &mut output)?
        }
        output.flush()?;
        Ok(Exit::Done)
    }

    fn engine(
        &self,
        plan: &super::models::Plan,
        engine: Engine,
        runtime: &movinet_tf::runtime::Runtime,
        context: &Context,
    ) -> anyhow::Result<[Figures; 2]> {
        let (stream, info, load_stream) = run::load_stream(plan, engine, runtime, context)?;
        let video = plan.clip.clone().at_rate(plan.rate)?.video(run::size(plan, &stream)?);
        let mut frames = Vec::new();
        while frames.len() < usize::from(self.frames) {
            for step in stream.stream(video.view())?.take(usize::from(self.frames) - frames.len()) {
                frames.push(step?.elapsed.as_secs_f64());
            }
        }
        drop(stream);
        let stream_figures = Figures::new(info.engine, "stream, a frame", load_stream.as_secs_f64(), &frames);
        let (base, info, load_base) = run::load_base(plan, engine, runtime, context)?;
        let clips = (0..self.clips)
            .map(|_| {
                let began = Instant::now();
                base.predict(video.view()).map(|_| began.elapsed().as_secs_f64())
            })
            .collect::<Result<Vec<_>, movinet::MovinetError>>()?;
        Ok([stream_figures, Figures::new(info.engine, "base, a clip", load_base.as_secs_f64(), &clips)])
    }
}

impl Figures {
    fn new(engine: &'static str, model: &'static str, load: f64, times: &[f64]) -> Self {
        Self { engine, model, load, first: times[0], rest: Quantiles::of(&times[1..]), peak_memory: peak_memory() }
    }
}

impl Quantiles {
    fn of(times: &[f64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let variance = sorted.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / sorted.len() as f64;
        Self { min: sorted[0], p50: at(0.5), p90: at(0.9), p99: at(0.99), variation: variance.sqrt() / mean }
    }
}

/// The process's largest resident memory so far, in bytes.
fn peak_memory() -> u64 {
    // SAFETY: an all-zero rusage is a valid one, and getrusage fills it in.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64 * 1024 // kilobytes on Linux
}

fn write_table(figures: &[Figures], output: &mut dyn Write) -> std::io::Result<()> {
    writeln!(output, "engine     model             load    first      min      p50      p90      p99    memory")?;
    for row in figures {
        let Quantiles { min, p50, p90, p99, .. } = row.rest;
        let times = [row.load, row.first, min, p50, p90, p99].map(|time| format!("{:>8}", text::seconds(time)));
        let memory = row.peak_memory / 1_000_000;
        writeln!(output, "{:<10} {:<15} {} {memory:>6} MB", row.engine, row.model, times.join(" "))?;
    }
    if let Some(unsteady) = figures.iter().find(|row| row.rest.variation > 0.2) {
        writeln!(output, "unsteady: {} varies by {:.0} %", unsteady.model, unsteady.rest.variation * 100.0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_times() {
        let times: Vec<_> = (0..=100).rev().map(f64::from).collect();
        let Quantiles { min, p50, p90, p99, .. } = Quantiles::of(&times);
        assert_eq!((min, p50, p90, p99), (0.0, 50.0, 90.0, 99.0));
    }
}
