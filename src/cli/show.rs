//! `movinet-tf show`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use movinet_tf::engine::tensorflow::SavedModel;
use movinet_tf::models::{describe, describe_tflite};
use movinet_tf::report::{json, model};

use super::Context;
use super::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  movinet-tf show demo-stream
  movinet-tf show a2-stream --size 224           its states' shapes and memory at this size
  movinet-tf show ~/models/movinet_a0_stream --json | jq .states.bytes";

/// Show what a model is: signatures, states, size, parameters, where it comes from, whether it is prepared
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A SavedModel folder, a TF Lite file, or a name: a0-base to a5-stream, a0-stream-int8, demo-base, demo-stream
    model: PathBuf,
    /// Height and width in pixels of the frames whose states are shown [default: the model's own]
    #[arg(long, value_name = "PIXELS", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=4096))]
    size: Option<u16>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let model = context.finder().any(&self.model)?;
        let _model_held = context.cache.use_path(&model.path);
        let description = match model.is_tflite() {
            true => describe_tflite(model)?,
            false => {
                SavedModel::check(&model.path)?;
                let (runtime, _runtime_held) = context.tensorflow()?;
                describe(model, self.size.map(usize::from), &runtime, &context.cache)?
            }
        };
        let mut output = context.terminal.results();
        match self.json {
            true => json::write(&description, &mut output)?,
            false => model::write(&description, &mut output)?,
        }
        output.flush()?;
        Ok(Exit::Done)
    }
}
