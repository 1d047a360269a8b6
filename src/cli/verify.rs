//! `movinet-tf verify`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use movinet_tf::report::json;
use movinet_tf::verify::{Check, Reference, Tolerance, Verdict};

use super::exit::Exit;
use super::models::{Engine, ModelArguments};
use super::{Context, run};

const EXAMPLES: &str = "\
Passes where |a - b| <= atol + rtol * |b| for every value, a from this program and b from the reference.

Examples:
  movinet-tf verify clip.gif --against ref.npz --base DIR --stream DIR --atol 0 --rtol 0
  movinet-tf verify clip.gif --against ref.npz --model a0 --json - | jq .passed";

/// Compare a run with a recorded reference, value by value
///
/// The reference is an NPZ file with any of video, base_logits and stream_logits: from tools/reference (Python
/// TensorFlow) or from compare --npz. Ends with 0 when all are within the tolerance, else with 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The clip, a GIF
    clip: PathBuf,
    /// The recorded reference
    #[arg(long, value_name = "REF.npz")]
    against: PathBuf,
    /// Absolute tolerance
    #[arg(long, value_name = "X", default_value_t = 1e-5, value_parser = tolerance)]
    atol: f64,
    /// Tolerance relative to the reference's value
    #[arg(long, value_name = "Y", default_value_t = 1e-5, value_parser = tolerance)]
    rtol: f64,
    #[command(flatten)]
    models: ModelArguments,
    /// Print the verdict as JSON
    #[arg(long, value_name = "-")]
    json: Option<String>,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let reference = Reference::read(&self.against)?;
        let plan = self.models.plan(Some(&self.clip), Engine::Reference, context)?;
        let run = run::run(plan, context)?;
        let outputs =
            [run.video.view().into_dyn(), run.logits.base.view().into_dyn(), run.logits.stream.view().into_dyn()];
        let verdict = reference.verify(outputs, Tolerance { atol: self.atol, rtol: self.rtol });
        let mut results = context.terminal.results();
        match &self.json {
            Some(_) => json::write(&verdict, &mut results)?,
            None => write_table(&verdict, &mut results)?,
        }
        results.flush()?;
        Ok(if verdict.passed { Exit::Done } else { Exit::NotEqual })
    }
}

fn write_table(verdict: &Verdict, output: &mut dyn Write) -> std::io::Result<()> {
    for check in &verdict.checks {
        writeln!(output, "{:<14} {}", check.output, outcome(check))?;
    }
    let Tolerance { atol, rtol } = verdict.tolerance;
    let word = if verdict.passed { "equal" } else { "not equal" };
    writeln!(output, "{word} at --atol {atol:e} --rtol {rtol:e}")
}

fn outcome(check: &Check) -> String {
    let count: usize = check.shape.iter().product();
    if check.shape != check.expected_shape {
        return format!("DIFFERS in shape: {:?}, the reference has {:?}", check.shape, check.expected_shape);
    }
    if check.identical == count {
        return format!("identical to the last bit ({count} values)");
    }
    let differences = format!("max abs {:.3e}, max rel {:.3e}", check.max_abs, check.max_rel);
    match &check.first_beyond {
        None => format!("within tolerance, {differences}, {} of {count} identical", check.identical),
        Some(first) => format!("DIFFERS: {} of {count} beyond, {differences}, first at {first:?}", check.beyond),
    }
}

fn tolerance(typed: &str) -> Result<f64, String> {
    match typed.parse::<f64>() {
        Ok(value) if value >= 0.0 => Ok(value),
        _ => Err("a number from 0 on".into()),
    }
}
