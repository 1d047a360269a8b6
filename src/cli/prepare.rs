//! `movinet-tf prepare`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use movinet_tf::catalog::EngineLibrary;
use movinet_tf::engine::tensorflow::{SavedModel, StreamModel};
use movinet_tf::export::prove;
use movinet_tf::models::{LocatedModel, demo};
use movinet_tf::prepare::{self, FormRecord, Original, PrepareError, Prepared, ProvedForm, Wanted, prove_for_openvino};
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
    #[serde(flatten)]
    forms: Forms,
}

/// The forms that other libraries than TensorFlow run.
#[derive(Serialize)]
pub struct Forms {
    /// Of a stream model, the one for LiteRT.
    tflite: Option<FormRecord>,
    /// Of a base model, the one for OpenVINO.
    openvino: Option<FormRecord>,
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
        located.iter().try_for_each(|model| SavedModel::check(&model.path))?;
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
    let (Prepared { path, record, .. }, forms) = forms(model, wanted, runtime, context)?;
    Ok(Outcome { name: model.name.clone(), path, seconds: began.elapsed().as_secs_f64(), record, forms })
}

/// Prepares one model for TensorFlow, and for the library that may run it faster, and says so. Without the latter form the
/// model runs too, so what is in its way is a note.
pub fn forms(
    model: &LocatedModel,
    wanted: Wanted,
    runtime: &Runtime,
    context: &Context,
) -> Result<(Prepared, Forms), PrepareError> {
    let name = &model.name;
    let clip = |size| {
        context.terminal.note(&format!("{name}: preparing and proving, at {size}x{size} ..."));
        demo::video(size)
    };
    let wanted = Wanted { usual_size: model.card.size.or(wanted.usual_size), ..wanted };
    let original = Original::new(runtime, &context.cache, &model.path, wanted, &clip)?;
    let prepared = {
        let _task = context.terminal.begin(&format!("{name}: preparing and proving"), None, Unit::Frames);
        prepare::prepare(&original)?
    };
    let is_stream = StreamModel::check(&model.path).is_ok();
    let library = if is_stream { EngineLibrary::LiteRt } else { EngineLibrary::OpenVino };
    let _task = context.terminal.begin(&format!("{name}: form for {library}"), None, Unit::Frames);
    let made = || -> anyhow::Result<ProvedForm> {
        match library {
            EngineLibrary::LiteRt => {
                let (library, _held) = context.litert()?;
                Ok(prove(&original, &library, &prepared.path)?)
            }
            EngineLibrary::OpenVino => {
                let (library, _held) = context.openvino()?;
                Ok(prove_for_openvino(&original, &library, &prepared.path)?)
            }
        }
    };
    let told = |error: &anyhow::Error| context.terminal.note(&format!("{name}: no form for {library}: {error:#}"));
    let made = made().inspect_err(told).ok().map(|form| form.record);
    let (tflite, openvino) = if is_stream { (made, None) } else { (None, made) };
    Ok((prepared, Forms { tflite, openvino }))
}

fn write(outcomes: &[Outcome], as_json: bool, context: &Context) -> anyhow::Result<()> {
    let mut output = context.terminal.results();
    if as_json {
        json::write(&outcomes, &mut output)?;
    } else {
        for Outcome { name, path, seconds, record, forms } in outcomes {
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
            for (form, what, run) in
                [(&forms.tflite, "as TF Lite", "a step"), (&forms.openvino, "for OpenVINO", "a clip")]
            {
                if let Some(form) = form {
                    writeln!(
                        output,
                        "  {what}: equal on {} predictions ({:.1e} of the largest logit), {:.2} ms {run}; by TensorFlow {:.2} ms",
                        form.proof.predictions,
                        form.proof.max_relative,
                        1e3 * form.seconds,
                        1e3 * form.seconds_by_tensorflow
                    )?;
                }
            }
        }
    }
    output.flush()?;
    Ok(())
}
