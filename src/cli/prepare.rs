//! `movinet-tf prepare`.

use std::io::Write;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use clap::Args;
use movinet_tf::clip::{Clip, Truncated};
use movinet_tf::demo;
use movinet_tf::prepare::{self, PrepareError, Prepared};
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::report::{json, text};
use movinet_tf::runtime::Runtime;
use movinet_tf::saved_model::fingerprint;
use serde::Serialize;

use super::exit::Exit;
use super::models::{self, Chosen};
use super::{Context, run};

const EXAMPLES: &str = "\
The faster SavedModel gives the same logits within 2e-5 of the largest, or it isn't kept: both run on noise, on the
bundled clip, and on extreme inputs first. compare then uses it (--engine auto).

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
    /// model's own, else 172]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(32..=1024))]
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
    path: PathBuf,
    seconds: f64,
    record: prepare::Record,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let clip = clip(context)?;
        let mut outcomes = Vec::new();
        let chosen =
            self.models.iter().map(|typed| models::each_model(typed, context)).collect::<Result<Vec<_>, _>>()?;
        let runtime = run::tensorflow(context)?;
        let chosen: Vec<_> = chosen.into_iter().flatten().collect();
        for pair in chosen.chunks(2) {
            // Compiling the originals takes one core each.
            let prepared: Vec<_> = thread::scope(|scope| {
                let preparing = pair.iter().map(|model| scope.spawn(|| self.one(model, &runtime, &clip, context)));
                preparing.collect::<Vec<_>>().into_iter().map(run::joined).collect()
            });
            outcomes.extend(prepared.into_iter().collect::<anyhow::Result<Vec<_>>>()?);
        }
        write(&outcomes, self.json, context)?;
        Ok(Exit::Done)
    }

    fn one(&self, model: &Chosen, runtime: &Runtime, clip: &Clip, context: &Context) -> anyhow::Result<Outcome> {
        let began = Instant::now();
        let prepared = one(model, self.size.map(usize::from), runtime, clip, self.anew, context)?;
        let (name, seconds) = (model.name.clone(), began.elapsed().as_secs_f64());
        Ok(Outcome { name, path: prepared.path, seconds, record: prepared.record })
    }
}

/// The bundled clip, on which models are proved equal.
pub fn clip(context: &Context) -> anyhow::Result<Clip> {
    Ok(Clip::read(&demo::unpack(&context.cache)?.clip, Truncated::Refuse)?)
}

/// Prepares one model, at `size` or its own.
pub fn one(
    model: &Chosen,
    size: Option<usize>,
    runtime: &Runtime,
    clip: &Clip,
    anew: bool,
    context: &Context,
) -> Result<Prepared, PrepareError> {
    const UNKNOWN_SIZE: usize = 172;
    // What was prepared for another size is made again only when this one was asked for.
    let here = prepare::find(&context.cache, runtime, &fingerprint(&model.path)?);
    let anew = anew || size.is_some_and(|size| here.is_some_and(|prepared| prepared.record.size != size));
    let size = size.or(model.size).unwrap_or(UNKNOWN_SIZE);
    let _task = context.terminal.begin(&format!("{}: preparing and proving", model.name), None, Unit::Frames);
    context.terminal.note(&format!("{}: preparing and proving, at {size}x{size} ...", model.name));
    prepare::prepare(runtime, &context.cache, &model.path, clip.video(size).view(), anew)
}

fn write(outcomes: &[Outcome], as_json: bool, context: &Context) -> anyhow::Result<()> {
    let mut output = context.terminal.results();
    if as_json {
        json::write(&outcomes, &mut output)?;
    } else {
        for Outcome { name, path, seconds, record } in outcomes {
            let (proof, rewrites) = (&record.proof, &record.rewrites);
            writeln!(
                output,
                "{name}: equal on {} predictions, largest difference {:.1e} ({:.1e} of the largest logit)\n  \
                     {} convolutions lowered, {} batch norms folded, {} fused, {} operations merged, {} left; {}\n  {}",
                proof.predictions,
                proof.max_difference,
                proof.max_relative,
                rewrites.convolutions,
                rewrites.batch_norms,
                rewrites.fused,
                rewrites.merged,
                rewrites.operations,
                text::seconds(*seconds),
                path.display()
            )?;
        }
    }
    output.flush()?;
    Ok(())
}
