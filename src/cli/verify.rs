//! `movinet-tf verify`.

mod against;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use movinet_tf::catalog::Variation;
use movinet_tf::report::{OutputFile, OutputTarget, json, junit, npz, verdict};
use movinet_tf::session::{EngineChoice, Session, SessionError};
use movinet_tf::verify::{KEYS, Named, Reference, SCHEMA, Tolerance, Tolerances, Verdict, bisect};
use ndarray::ArrayViewD;
use serde::Serialize;

use super::Context;
use super::clip::{CLIP, Clip};
use super::exit::{Exit, ONE_TO_STDOUT, usage};
use super::models::{ModelArguments, Plan, means_tflite};
use super::names;
use against::Against;

const EXAMPLES: &str = "\
Passes where |a - b| <= atol + rtol * |b| for every value, a from this program and b from the
reference.

Examples:
  movinet-tf verify clip.gif --against ref.npz --base DIR --stream DIR --atol 0 --rtol 0
  movinet-tf verify clip.gif --against ref.npz --base DIR --atol 0 --rtol 0     one model alone
  movinet-tf verify clip.gif --against ref.npz --model a0 --atol video=0 --atol stream_logits=1e-4
  movinet-tf verify clip.gif --against ref.npz --model a0 --json - | jq .passed
  movinet-tf verify clip.gif --against ref.npz --model a0 --junit parity.xml     for CI
  movinet-tf verify clip.mp4 --record ref.npz --model a0 --sampling model        from this program
  movinet-tf verify clip.mp4 --stream int8.tflite --against DIR   what does int8 cost?
  movinet-tf verify clip.mp4 --stream a0-stream-int8 --against a0-stream --json -
  movinet-tf verify clip.gif --bisect OTHER_STREAM --base DIR --stream DIR       where do two part?";

/// Compare a run with a recorded reference or another model, value by value
///
/// A recorded reference is an NPZ file with any of video, base_logits and stream_logits: from tools/reference (Python
/// TensorFlow), from --record or from compare --npz. A model is shown the same frames, a SavedModel by TensorFlow as it is;
/// of the predictions it is then also said what the difference means, as where they differ from recorded ones. Ends with 0
/// when all are within the tolerance, else with 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("what").args(["against", "record", "bisect"]).required(true))]
pub struct Arguments {
    #[arg(help = CLIP)]
    clip: PathBuf,
    /// The reference: a recorded one, or a model: a SavedModel folder, a TF Lite file, a name such as a0-stream or a0
    #[arg(long, value_name = "REF.npz|MODEL")]
    against: Option<PathBuf>,
    /// Write a reference from this run instead
    #[arg(long, value_name = "REF.npz")]
    record: Option<PathBuf>,
    /// Find the first frame and state in which another stream model differs instead
    #[arg(long, value_name = "MODEL")]
    bisect: Option<PathBuf>,
    /// Absolute tolerance, for all outputs or one (video=0) [default: 1e-5]
    #[arg(long, value_name = "[OUTPUT=]X", allow_negative_numbers = true, value_parser = tolerance)]
    atol: Vec<Allowed>,
    /// Tolerance relative to the reference's value, as --atol [default: 1e-5]
    #[arg(long, value_name = "[OUTPUT=]Y", allow_negative_numbers = true, value_parser = tolerance)]
    rtol: Vec<Allowed>,
    #[command(flatten)]
    models: ModelArguments,
    /// Write the verdict as JSON; - is stdout, instead of the table
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Write the verdict as JUnit XML; - is stdout, instead of the table
    #[arg(long, value_name = "FILE|-", requires = "against")]
    junit: Option<PathBuf>,
}

/// A tolerance and the output that it is for, if not for all.
#[derive(Debug, Clone)]
struct Allowed {
    output: Option<&'static str>,
    value: f64,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let outputs = [
            ("--record", self.record.as_deref()),
            ("--json", self.json.as_deref()),
            ("--junit", self.junit.as_deref()),
        ];
        let inputs = [
            ("the clip", Some(&*self.clip)),
            ("--against", self.against.as_deref()),
            ("--bisect", self.bisect.as_deref()),
        ];
        names::check(&outputs, &[&inputs[..], &self.models.inputs()].concat())?;
        let against = self.against.as_deref().map(Against::read).transpose()?;
        let json_to = self.json.as_deref().map(OutputTarget::create).transpose()?;
        let junit_to = self.junit.as_deref().map(OutputTarget::create).transpose()?;
        let taken = [&json_to, &junit_to].into_iter().flatten().filter(|target| target.is_standard()).count();
        if taken > 1 {
            return Err(usage(ONE_TO_STDOUT));
        }
        let record_to = self.record.as_deref().map(OutputFile::create).transpose()?;
        let engine = EngineChoice::Reference;
        let plan = self.models.plan_of_any(Some(&self.clip), engine, context)?;
        if let Some(other) = &self.bisect {
            return self.bisect(other, plan, json_to, context);
        }
        let Plan { session, source, .. } = plan;
        let verdict = match against {
            Some(Against::Recorded(reference)) => self.verdict(&reference, &session.build()?, source)?,
            Some(Against::Model(named)) => {
                let [session, reference] = against::sessions(&named, &self.models, session)?;
                against::verdict([&session.build()?, &reference.build()?], source, &self.tolerances())?
            }
            None => {
                let (Some(file), Some(path)) = (record_to, &self.record) else { return Ok(Exit::Done) };
                return record(path, file, &session.build()?, source, json_to, context);
            }
        };
        let mut results = context.terminal.results();
        if taken == 0 {
            verdict::write(&verdict, &mut results)?;
        }
        if let Some(target) = json_to {
            target.finish(&mut results, |output| json::write(&verdict, output))?;
        }
        if let Some(target) = junit_to {
            let clip = self.clip.to_string_lossy();
            target.finish(&mut results, |output| junit::write(&verdict, &clip, output))?;
        }
        results.flush()?;
        Ok(if verdict.passed { Exit::Done } else { Exit::NotEqual })
    }

    /// How far what the models of `session` say of `source` is from `reference`.
    fn verdict(&self, reference: &Reference, session: &Session, mut source: Clip) -> Result<Verdict, SessionError> {
        let tolerances = self.tolerances();
        if let (Some(_), Some(_)) = (session.base_info(), session.stream_info()) {
            let run = session.run(&mut source, &mut |_| {})?;
            return Ok(reference.verify(&run.observed(), &tolerances, &run.labels));
        }
        let outputs = session.outputs(source, reference.has(KEYS[0]))?;
        Ok(reference.verify(&outputs.observed(), &tolerances, &outputs.labels))
    }

    fn bisect(
        &self,
        other: &Path,
        plan: Plan,
        json_to: Option<OutputTarget>,
        context: &Context,
    ) -> anyhow::Result<Exit> {
        let Plan { session, mut source, .. } = plan;
        let other = session.clone().only(Variation::Stream).stream(other).engine(engine_for(other)).build()?;
        let session = self.models.only(session, Variation::Stream).build()?;
        let video = session.video(&mut source)?;
        let (Some(left), Some(right)) = (named(&session), named(&other)) else { return Ok(Exit::Done) };
        let parting = bisect(left, right, video.view(), self.tolerances().all)?;
        let mut results = context.terminal.results();
        match json_to {
            Some(target) => target.finish(&mut results, |output| json::write(&parting, output))?,
            None => verdict::write_parting(parting.as_ref(), video.dim().0, &mut results)?,
        }
        results.flush()?;
        Ok(if parting.is_none() { Exit::Done } else { Exit::NotEqual })
    }

    fn tolerances(&self) -> Tolerances {
        const DEFAULT: f64 = 1e-5;
        let all = |list: &[Allowed]| {
            list.iter().rev().find(|allowed| allowed.output.is_none()).map_or(DEFAULT, |allowed| allowed.value)
        };
        let own = |list: &[Allowed]| {
            list.iter().filter_map(|allowed| Some((allowed.output?.to_owned(), allowed.value))).collect()
        };
        Tolerances {
            all: Tolerance { atol: all(&self.atol), rtol: all(&self.rtol) },
            atol: own(&self.atol),
            rtol: own(&self.rtol),
        }
    }
}

/// What runs a model whose numbers are to be those of its files.
fn engine_for(model: &Path) -> EngineChoice {
    if means_tflite(model) { EngineChoice::Auto } else { EngineChoice::Reference }
}

/// A session's stream network and its name.
fn named(session: &Session) -> Option<Named<'_>> {
    Some((&session.stream_info()?.name, &**session.stream_network()?))
}

/// What was written into a reference.
#[derive(Debug, Serialize)]
struct Recorded<'a> {
    schema: &'static str,
    #[serde(serialize_with = "movinet_tf::paths::serialize")]
    recorded: &'a Path,
    arrays: Vec<Array>,
}

#[derive(Debug, Serialize)]
struct Array {
    name: &'static str,
    shape: Vec<usize>,
}

/// Writes what the models of `session` say of `source` as a reference, and says so.
fn record(
    path: &Path,
    file: OutputFile,
    session: &Session,
    mut source: Clip,
    json_to: Option<OutputTarget>,
    context: &Context,
) -> anyhow::Result<Exit> {
    let sampling = session.rule()?.sampling;
    let write = |outputs: [Option<ArrayViewD<f32>>; 3]| -> anyhow::Result<Vec<Array>> {
        let shapes = KEYS.into_iter().zip(&outputs);
        let arrays = shapes.filter_map(|(name, array)| Some(Array { name, shape: array.as_ref()?.shape().to_vec() }));
        let arrays = arrays.collect();
        file.write(|output| npz::write(outputs, sampling, output))?;
        Ok(arrays)
    };
    let arrays = match (session.base_info(), session.stream_info()) {
        (Some(_), Some(_)) => {
            let run = session.run(&mut source, &mut |_| {})?;
            run.answers()?; // what is no number is no reference
            write(run.arrays())?
        }
        _ => {
            let outputs = session.outputs(source, true)?;
            for prediction in outputs.base.iter().chain(&outputs.stream).flat_map(|logits| logits.rows()) {
                session.top(prediction)?;
            }
            write(outputs.arrays())?
        }
    };
    let mut results = context.terminal.results();
    match json_to {
        Some(target) => {
            let recorded = Recorded { schema: SCHEMA, recorded: path, arrays };
            target.finish(&mut results, |output| json::write(&recorded, output))?;
        }
        None => context.terminal.note(&format!("recorded in '{}'", path.display())),
    }
    results.flush()?;
    Ok(Exit::Done)
}

fn tolerance(typed: &str) -> Result<Allowed, String> {
    let (output, number) = match typed.split_once('=') {
        None => (None, typed),
        Some((name, number)) => {
            let known = KEYS.into_iter().find(|key| *key == name);
            (Some(known.ok_or_else(|| format!("the outputs are {}", KEYS.join(", ")))?), number)
        }
    };
    match number.parse::<f64>() {
        Ok(value) if value >= 0.0 && value.is_finite() => Ok(Allowed { output, value }),
        _ => Err("a finite number from 0 on, or OUTPUT=NUMBER".into()),
    }
}
