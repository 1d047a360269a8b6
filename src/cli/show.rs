//! `movinet-tf show`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use movinet_tf::saved_model::{SavedModel, SessionConfig, TensorSpec, fingerprint};

use super::exit::Exit;
use super::{Context, models, run};

const EXAMPLES: &str = "\
Examples:
  movinet-tf show demo-stream
  movinet-tf show ~/models/movinet_a0_stream";

/// Show a model's signatures: names, types and shapes of what they take and give
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A SavedModel folder, or a name: a0-base to a5-stream, demo-base, demo-stream
    model: PathBuf,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let chosen = models::any_model(&self.model, context)?;
        let runtime = run::tensorflow(context)?;
        let model = SavedModel::load(&runtime, &chosen.path, SessionConfig::default())?;
        let mut output = context.terminal.results();
        writeln!(output, "{}", chosen.name)?;
        writeln!(output, "  folder  {}", chosen.path.display())?;
        writeln!(output, "  sha256  {}", fingerprint(&chosen.path)?)?;
        for signature in model.signatures().values() {
            writeln!(output, "\nsignature '{}'", signature.name)?;
            write_specs(&mut output, "in", &signature.inputs)?;
            write_specs(&mut output, "out", &signature.outputs)?;
        }
        output.flush()?;
        Ok(Exit::Done)
    }
}

fn write_specs(output: &mut dyn Write, role: &str, specs: &[TensorSpec]) -> std::io::Result<()> {
    let width = specs.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    for spec in specs {
        writeln!(output, "  {role:<3}  {:<width$}  {spec}", spec.name)?;
    }
    Ok(())
}
