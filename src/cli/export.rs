//! `movinet-tf export`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use movinet_tf::catalog::{Model, Variation};
use movinet_tf::export::{self, Exported, Wanted, Weights};
use movinet_tf::models::{LocatedModel, PairName};
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::report::{OutputFile, json, text};
use movinet_tf::shown::shown;
use serde::Serialize;

use super::exit::{Exit, usage};
use super::{Context, models, names};

const EXAMPLES: &str = "\
The file takes a frame (image, float32 in [0, 1]) and the states, which begin as zeros, and gives
logits and the states for the next frame, by the names of the official files. It has builtin
operators alone: any TF Lite interpreter runs it. Names of classes aren't in it.

Examples:
  movinet-tf export a0 --to a0.tflite              the stream model of a0, at its own size
  movinet-tf export my_model --to my.tflite --weights float16
  movinet-tf export a2-stream --to a2.tflite --weights int8 --size 172";

/// Write a stream model as a TF Lite file, for phones and other small machines
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A stream model: a SavedModel folder or a name: a0 to a5, a0-stream, demo
    model: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// What weights are stored as
    #[arg(long, value_name = "FORM", default_value = "float32")]
    weights: Form,
    /// Height and width in pixels of the frames [default: the model's own]
    #[arg(long, value_name = "PIXELS", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(32..=1024))]
    size: Option<u16>,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// What weights are stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// As they are
    Float32,
    /// In half precision: half the size, nearly the same numbers
    Float16,
    /// Filters as 8-bit integers, all else as it is: a quarter of the size
    Int8,
}

impl From<Form> for Weights {
    fn from(form: Form) -> Self {
        match form {
            Form::Float32 => Self::Float32,
            Form::Float16 => Self::Float16,
            Form::Int8 => Self::Int8,
        }
    }
}

#[derive(Serialize)]
struct Outcome<'a> {
    name: &'a str,
    #[serde(serialize_with = "movinet_tf::paths::serialize")]
    path: &'a Path,
    seconds: f64,
    bytes: usize,
    weights: Weights,
    size: usize,
    states: usize,
    parameters: usize,
    operators: &'a BTreeMap<&'static str, usize>,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let began = Instant::now();
        if self.to == Path::new("-") {
            return Err(usage("a TF Lite file is no text: name a file, --to model.tflite"));
        }
        names::check(&[("--to", Some(&self.to))], &[("MODEL", Some(&self.model))])?;
        let output = OutputFile::create(&self.to)?;
        let model = self.located(context)?;
        let wanted =
            Wanted { size: self.size.map(usize::from), usual_size: model.card.size, weights: self.weights.into() };
        export::check(&model.path, wanted)?;
        let (runtime, _held) = context.tensorflow()?;
        let exported = {
            let _task = context.terminal.begin(&format!("{}: exporting", model.name), None, Unit::Frames);
            context.terminal.note(&format!("{}: exporting ...", model.name));
            export::export(&runtime, &context.cache, &model.path, wanted)?
        };
        output.write(|file| file.write_all(&exported.bytes))?;
        self.tell(&model, &exported, began.elapsed().as_secs_f64(), context)?;
        Ok(Exit::Done)
    }

    /// The stream model of what was typed.
    fn located(&self, context: &Context) -> anyhow::Result<LocatedModel> {
        let finder = context.finder();
        Ok(match models::pair_of(&self.model) {
            Some(PairName::Family(family)) => finder.official(Model { family, variation: Variation::Stream }.into())?,
            Some(PairName::Demo) => finder.any("demo-stream")?,
            _ => finder.any(&self.model)?,
        })
    }

    fn tell(&self, model: &LocatedModel, exported: &Exported, seconds: f64, context: &Context) -> anyhow::Result<()> {
        let Exported { bytes, size, states, parameters, operators, .. } = exported;
        let (name, path, weights) = (model.name.as_str(), self.to.as_path(), Weights::from(self.weights));
        let mut output = context.terminal.results();
        if self.json {
            let bytes = bytes.len();
            let (size, states, parameters) = (*size, *states, *parameters);
            let outcome = Outcome { name, path, seconds, bytes, weights, size, states, parameters, operators };
            json::write(&outcome, &mut output)?;
        } else {
            writeln!(
                output,
                "{}: {size}x{size}, {states} states, {} operators, {:.2} million weights in {weights}, {:.1} MB; {}\n  {}",
                shown(name),
                operators.values().sum::<usize>(),
                *parameters as f64 / 1e6,
                bytes.len() as f64 / 1e6,
                text::seconds(seconds),
                shown(&path.to_string_lossy())
            )?;
        }
        output.flush()?;
        Ok(())
    }
}
