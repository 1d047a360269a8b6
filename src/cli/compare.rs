//! `movinet-tf compare`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use movinet_tf::media::FrameSource;
use movinet_tf::report::{OutputFile, OutputTarget, Thumbnails, json, npz, text};
use movinet_tf::session::{EngineChoice, SessionError};
use movinet_tf::timeline::Timeline;

use super::Context;
use super::clip::CLIP;
use super::exit::{Exit, ONE_TO_STDOUT, usage};
use super::models::{ModelArguments, Plan};
use super::names;
use super::pictures::PictureArguments;

const EXAMPLES: &str = "\
Examples:
  movinet-tf compare                                    the bundled demo pair on the bundled clip
  movinet-tf compare clip.mp4 --model a0 --sampling model     an official pair, at its own rate
  movinet-tf compare clip.mp4 --model a0 --sampling kinetics --from 60 --to 70
  movinet-tf compare clip.gif --base DIR --stream DIR --labels labels.txt
  movinet-tf compare clip.gif --model a2 --json - | jq .agreement
  movinet-tf compare clip.gif --model a2 --npz run.npz  every logit, for NumPy
  movinet-tf compare clip.gif --model a2 --plot probabilities.png --animation clip-and-plot.gif
  movinet-tf compare clip.gif --model a2 --html report.html";

/// Compare the base prediction of a clip with the streaming one
///
/// Shows the whole clip to the base model and frame after frame to the stream model, and says what each sees, how far
/// they agree, and when the stream makes up its mind. Without a clip, the bundled demo runs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[arg(help = CLIP)]
    clip: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArguments,
    /// How many of the most likely classes to show
    #[arg(long, value_name = "K", default_value_t = 5, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    top_k: u16,
    /// Write the comparison as JSON; - is stdout, instead of the table
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Write preprocessed frames and all logits as a NumPy archive
    #[arg(long, value_name = "FILE")]
    npz: Option<PathBuf>,
    #[command(flatten)]
    pictures: PictureArguments,
    /// End with 1 when the models' most likely classes differ at the last frame
    #[arg(long)]
    require_agreement: bool,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let began = Instant::now();
        let outputs = [("--json", self.json.as_deref()), ("--npz", self.npz.as_deref())];
        let outputs = [&outputs[..], &self.pictures.outputs()].concat();
        names::check(&outputs, &[&[("the clip", self.clip.as_deref())], &self.models.inputs()[..]].concat())?;
        let json_to = self.json.as_deref().map(OutputTarget::create).transpose()?;
        let pictures = self.pictures.create(context)?;
        let json_to_standard = json_to.as_ref().is_some_and(OutputTarget::is_standard);
        if json_to_standard && pictures.takes_standard() {
            return Err(usage(ONE_TO_STDOUT));
        }
        let npz_file = self.npz.as_ref().map(OutputFile::create).transpose()?;
        let Plan { session, source, is_demo } =
            self.models.plan(self.clip.as_deref(), EngineChoice::TensorFlow, context)?;
        if is_demo {
            context.terminal.note(
                "This is the bundled demo, which knows rendered figures only. An official pair: \
                 movinet-tf compare clip.gif --model a2",
            );
        }
        let frames = Arc::new(Mutex::new(Thumbnails::default()));
        let draws = pictures.need_frames();
        if draws {
            let (count, info) = (source.info().frames.unwrap_or_default(), source.info());
            room_for_pictures(count, Thumbnails::bytes(count, info.width, info.height))?;
        }
        let kept = Arc::clone(&frames);
        let found = session.find_models()?;
        // The clip is read while the models are loaded.
        let cuts = found.ahead(source, move |frame| {
            if draws {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
            }
        });
        let session = found.load()?; // what is wrong with the models comes first
        let run = session.run_cuts(&mut cuts?)?;
        let answers = run.answers()?;
        session.tell_of(&answers)?;
        let mut comparison = run.comparison(&answers, self.top_k.into());
        comparison.timing.total = began.elapsed().as_secs_f64();
        if let Some(file) = npz_file {
            file.write(|output| npz::write(run.arrays(), run.clip.sampling, output))?;
        }
        let timeline = Timeline::new(&answers, &run.labels, self.top_k.into(), &run.durations);
        let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
        frames.truncate(timeline.frames());
        let mut results = context.terminal.results();
        let table = !json_to_standard && !pictures.takes_standard();
        pictures.write(&comparison, &timeline, &frames, &mut results, context)?;
        if table {
            text::write(&comparison, &mut results)?;
        }
        if let Some(target) = json_to {
            target.finish(&mut results, |output| json::write(&comparison, output))?;
        }
        results.flush()?;
        let differs = self.require_agreement && !comparison.agreement.last.top1;
        Ok(if differs { Exit::NotEqual } else { Exit::Done })
    }
}

/// Whether there is room for the frames that are drawn. They come one by one, and each would end the process for which
/// there is none.
fn room_for_pictures(count: usize, bytes: u64) -> Result<(), SessionError> {
    match Vec::<u8>::new().try_reserve_exact(bytes as usize) {
        Ok(()) => Ok(()),
        Err(_) => Err(SessionError::Memory { what: format!("{count} frames to draw"), bytes }),
    }
}
