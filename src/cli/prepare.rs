//! `movinet-tf prepare`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use movinet_tf::engine::tensorflow::StreamModel;
use movinet_tf::export::prove;
use movinet_tf::models::{LocatedModel, demo};
use movinet_tf::prepare::{self, PrepareError, Prepared, TfLiteForm, Wanted};
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::report::{json, text};
use movinet_tf::runtime::Runtime;
use movinet_tf::shown::shown;
use serde::Serialize;

use super::exit::{Exit, usage};
use super::side_by_side::side_by_side;
use super::{Context, models};

const EXAMPLES: &str = "\
The faster SavedModel gives the same logits within 2e-5 of the largest, or it isn't kept: both run
on noise, on the bundled clip, and on extreme inputs first. compare then uses it (--engine auto).

Examples:
  movinet-tf prepare a0                       both models of a0
  movinet-tf prepare ~/models/movinet_a2_base
  movinet-tf prepare demo";

/// Write a faster SavedModel with the same signatures, and prove it equal
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// SavedModel folders or names: a0 to a5, a0-base, demo, demo-stream
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    /// Height and width in pixels of the frames to prepare for; others run too, the stream a little slower [default: the
    /// model's own, else that of the others, else 172]
    #[arg(long, value_name = "PIXELS", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(32..=1024))]
    size: Option<u16>,
    /// Prepare it again although that was done
    #[arg(long)]
    anew: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Outcome {
    name: String,
    #[serde(serialize_with = "movinet_tf::paths::serialize")]
    path: PathBuf,
    seconds: f64,
    record: prepare::Record,
    /// Of a stream model, the form that LiteRT runs.
    tflite: Option<prepare::TfLiteRecord>,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let finder = context.finder();
        let mut located = Vec::new();
        for typed in &self.models {
            match models::pair_of(typed) {
                Some(pair) => located.extend(finder.pair(pair)?.into_iter().flatten()),
                None => located.push(finder.any(typed)?),
            }
        }
        if let Some(file) = located.iter().find(|model| model.is_tflite()) {
            let shown = file.path.display();
            return Err(usage(format!("'{shown}' is a TF Lite file, which needs no preparing: it runs as it is")));
        }
        let (runtime, _held) = context.tensorflow()?;
        // A base model of any size doesn't tell its own; the stream model that it is given with does.
        let usual_size = located.iter().find_map(|model| model.card.size.or_else(|| prepare::own_size(&model.path)));
        let wanted = Wanted { size: self.size.map(usize::from), usual_size, anew: self.anew };
        // Compiling the originals takes one core each, and much of the machine's memory.
        const AT_ONCE: usize = 2;
        let outcomes = side_by_side(&located, AT_ONCE, |model| outcome(model, wanted, &runtime, context));
        let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
        write(&outcomes, self.json, context)?;
        Ok(Exit::Done)
    }
}

fn outcome(
    model: &LocatedModel,
    wanted: Wanted,
    runtime: &Runtime,
    context: &Context,
) -> Result<Outcome, PrepareError> {
    let began = Instant::now();
    let Prepared { path, record, .. } = one(model, wanted, runtime, context)?;
    let tflite = tflite(model, &path, record.size, wanted.anew, runtime, context).map(|form| form.record);
    Ok(Outcome { name: model.name.clone(), path, seconds: began.elapsed().as_secs_f64(), record, tflite })
}

/// Makes the form of a stream model that LiteRT runs, as far as there is one; `prepared` is the folder of the other. Without
/// it the model runs too, so what is in the way is a note.
pub fn tflite(
    model: &LocatedModel,
    prepared: &Path,
    size: usize,
    anew: bool,
    runtime: &Runtime,
    context: &Context,
) -> Option<TfLiteForm> {
    StreamModel::check(&model.path).ok()?;
    let _task = context.terminal.begin(&format!("{}: TF Lite form", model.name), None, Unit::Frames);
    let made = || -> anyhow::Result<TfLiteForm> {
        let (library, _held) = context.litert()?;
        Ok(prove((runtime, &library), &context.cache, &model.path, prepared, size, anew, &demo::video)?)
    };
    made().inspect_err(|error| context.terminal.note(&format!("{}: no TF Lite form: {error:#}", model.name))).ok()
}

/// Prepares one model and says so.
pub fn one(
    model: &LocatedModel,
    wanted: Wanted,
    runtime: &Runtime,
    context: &Context,
) -> Result<Prepared, PrepareError> {
    let _task = context.terminal.begin(&format!("{}: preparing and proving", model.name), None, Unit::Frames);
    let clip = |size| {
        context.terminal.note(&format!("{}: preparing and proving, at {size}x{size} ...", model.name));
        demo::video(size)
    };
    let wanted = Wanted { usual_size: model.card.size.or(wanted.usual_size), ..wanted };
    prepare::prepare(runtime, &context.cache, &model.path, wanted, &clip)
}

fn write(outcomes: &[Outcome], as_json: bool, context: &Context) -> anyhow::Result<()> {
    let mut output = context.terminal.results();
    if as_json {
        json::write(&outcomes, &mut output)?;
    } else {
        for Outcome { name, path, seconds, record, tflite } in outcomes {
            let (proof, rewrites) = (&record.proof, &record.rewrites);
            writeln!(
                output,
                "{}: equal on {} predictions, largest difference {:.1e} ({:.1e} of the largest logit)\n  \
                     {} convolutions lowered, {} batch norms folded, {} fused, {} operations merged, {} left; {}\n  {}",
                shown(name),
                proof.predictions,
                proof.max_difference,
                proof.max_relative,
                rewrites.convolutions,
                rewrites.batch_norms,
                rewrites.fused,
                rewrites.merged,
                rewrites.operations,
                text::seconds(*seconds),
                shown(&path.to_string_lossy())
            )?;
            if let Some(tflite) = tflite {
                writeln!(
                    output,
                    "  as TF Lite: equal on {} predictions ({:.1e} of the largest logit), {:.2} ms a step; by TensorFlow {:.2} ms",
                    tflite.proof.predictions,
                    tflite.proof.max_relative,
                    1e3 * tflite.step,
                    1e3 * tflite.step_by_tensorflow
                )?;
            }
        }
    }
    output.flush()?;
    Ok(())
}
