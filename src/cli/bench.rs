//! `movinet-tf bench`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use movinet_tf::bench::{self, Figures, Quantiles};
use movinet_tf::catalog::Variation;
use movinet_tf::media::FrameSource;
use movinet_tf::report::{json, text};
use movinet_tf::session::{EngineChoice, Session, SessionBuilder, SessionError};
use ndarray::Array4;

use super::Context;
use super::clip::CLIP;
use super::exit::Exit;
use super::models::{ModelArguments, Plan};

const EXAMPLES: &str = "\
Each model runs alone, after a warm-up. The first frame or clip, which may include compiling, is
told apart.

Examples:
  movinet-tf bench                                  the bundled demo
  movinet-tf bench clip.gif --model a0
  movinet-tf bench clip.gif --base DIR --stream DIR --frames 200 --json";

/// Time a frame of the stream model and a clip of the base model, with each engine
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[arg(help = format!("{CLIP} [default: the bundled one]"))]
    clip: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArguments,
    /// Frames to stream; the clip is repeated until there are as many
    #[arg(long, value_name = "N", default_value_t = 60, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(2..))]
    frames: u16,
    /// Clips to show to the base model
    #[arg(long, value_name = "N", default_value_t = 5, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(2..))]
    clips: u16,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let Plan { session, mut source, .. } =
            self.models.plan_of_any(self.clip.as_deref(), EngineChoice::Auto, context)?;
        // The prepared forms first: the peak of memory never goes down again.
        let named = self.models.engine();
        let engines = match named {
            None if self.models.has_forms() => {
                let litert = self.models.names_stream().then_some(EngineChoice::LiteRt);
                let openvino = self.models.names_base().then_some(EngineChoice::OpenVino);
                let (first, last) = (Some(EngineChoice::Prepared), Some(EngineChoice::Reference));
                [first, litert, openvino, last].into_iter().flatten().collect()
            }
            engine => vec![engine.unwrap_or_default()],
        };
        let mut video = None;
        let mut figures = Vec::new();
        let mut failure = None;
        for engine in engines {
            let session = session.clone().engine(engine);
            // A TF Lite file runs in one way, whatever the base model does.
            let is_told = self.models.names_tflite() && !figures.is_empty();
            let (stream, base) = self.models_of(engine);
            match self.engine(session, &mut source, &mut video, (stream && !is_told, base)) {
                Ok(both) => figures.extend(both),
                // Nobody asked for it.
                Err(error) if named.is_none() && has_no_form(&error) => {}
                // The clip is bad, whatever runs.
                Err(error) if is_of_the_clip(&error) => return Err(error),
                Err(error) => {
                    let reason = format!("{error:#}");
                    // Both engines may have failed for the same reason, which is then told once.
                    if let Some(before) = failure.replace(error).filter(|before| format!("{before:#}") != reason) {
                        context.terminal.warning(&format!("{before:#}"));
                    }
                }
            }
        }
        match failure {
            Some(error) if figures.is_empty() => return Err(error),
            Some(error) => context.terminal.warning(&format!("{error:#}")),
            None => {}
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

    /// Of the models that are named, whether `engine` runs the stream model, and the base model. Of a pair, the one that LiteRT
    /// or OpenVINO doesn't run is as TensorFlow runs it, which isn't asked here.
    fn models_of(&self, engine: EngineChoice) -> (bool, bool) {
        let (stream, base) = (self.models.names_stream(), self.models.names_base());
        match engine {
            EngineChoice::LiteRt => (stream, base && !stream),
            EngineChoice::OpenVino => (stream && !base, base),
            _ => (stream, base),
        }
    }

    /// Each model alone, so that neither takes the other's memory or cores. `video` is read once, for the first.
    fn engine(
        &self,
        session: SessionBuilder,
        source: &mut dyn FrameSource,
        video: &mut Option<Array4<f32>>,
        (stream, base): (bool, bool),
    ) -> anyhow::Result<Vec<Figures>> {
        let mut figures = Vec::new();
        if stream {
            let session = session.clone().only(Variation::Stream).build()?;
            let video = self.read(&session, source, video)?;
            if let (Some(network), Some(info)) = (session.stream_network(), session.stream_info()) {
                let loaded = (info.engine, session.loading().1);
                figures.push(bench::stream(&**network, video.view(), self.frames.into(), loaded)?);
            }
        }
        if base {
            let session = session.only(Variation::Base).build()?;
            let video = self.read(&session, source, video)?;
            if let (Some(network), Some(info)) = (session.base_network(), session.base_info()) {
                let loaded = (info.engine, session.loading().0);
                figures.push(bench::base(&**network, video.view(), self.clips.into(), loaded)?);
            }
        }
        Ok(figures)
    }

    /// What the models see: of a stream alone, no more than is streamed.
    fn read<'a>(
        &self,
        session: &Session,
        source: &mut dyn FrameSource,
        video: &'a mut Option<Array4<f32>>,
    ) -> Result<&'a Array4<f32>, SessionError> {
        let most = if self.models.names_base() { usize::MAX } else { self.frames.into() };
        match video {
            Some(video) => Ok(video),
            None => Ok(video.insert(session.video_up_to(source, most)?)),
        }
    }
}

fn has_no_form(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(SessionError::NotOfLiteRt { .. } | SessionError::NotOfOpenVino { .. }))
}

fn is_of_the_clip(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(SessionError::Media(_) | SessionError::TooLarge { .. } | SessionError::TooMany { .. })
    )
}

fn write_table(figures: &[Figures], output: &mut dyn Write) -> std::io::Result<()> {
    writeln!(output, "engine     model             load    first      min      p50      p90      p99    memory")?;
    for row in figures {
        let Quantiles { min, p50, p90, p99, .. } = row.rest;
        let times = [row.load, row.first, min, p50, p90, p99].map(|time| format!("{:>8}", text::seconds(time)));
        let memory = row.peak_memory / 1_000_000;
        let (engine, model) = (row.engine.to_string(), row.model.to_string());
        writeln!(output, "{engine:<10} {model:<15} {} {memory:>6} MB", times.join(" "))?;
    }
    if let Some(unsteady) = figures.iter().find(|row| row.rest.variation > 0.2) {
        writeln!(output, "unsteady: {} varies by {:.0} %", unsteady.model, unsteady.rest.variation * 100.0)?;
    }
    Ok(())
}
