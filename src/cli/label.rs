//! `movinet-tf label`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use movinet_tf::Labels;
use movinet_tf::answer::Reading;
use movinet_tf::media::Sampling;
use movinet_tf::models::{CARD, Card, CardLabels, is_tflite};
use movinet_tf::report::json;

use super::Context;
use super::clip::{Rule, parse_fps};
use super::exit::{Exit, usage};

const EXAMPLES: &str = "\
What is said here is kept in the file movinet.json in the model's folder, of a TF Lite file
NAME.tflite in NAME.movinet.json beside it, and holds wherever the
model is used; flags of a command come before it. Official models need none.

Examples:
  movinet-tf label my_model --labels names.txt --size 224 --fps 5
  movinet-tf label my_model --sampling model       show it 5 frames a second by itself
  movinet-tf label my_model --output probabilities  its one output is a probability, not a logit
  movinet-tf label my_model                        print what is known";

/// Write down beside a model what its maker knows: labels, size, frames a second
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The folder of a SavedModel, or a TF Lite file
    model: PathBuf,
    /// Names of the classes: one a line, or with their numbers (CSV, JSON)
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Height and width in pixels of the frames that it was trained on
    #[arg(long, value_name = "PIXELS", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=4096))]
    size: Option<u16>,
    /// Frames a second that it was trained on
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = parse_fps)]
    fps: Option<f64>,
    /// Which frames of a clip it is shown where nothing else is said
    #[arg(long, value_name = "RULE")]
    sampling: Option<Rule>,
    /// How its output is read
    #[arg(long, value_name = "KIND")]
    output: Option<Output>,
    /// Print what is known as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A softmax makes probabilities of it; of a single one, a sigmoid
    Logits,
    /// They are used as they are
    Probabilities,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        if !self.model.is_dir() && !is_tflite(&self.model) {
            let shown = self.model.display();
            return Err(usage(format!(
                "'{shown}' is neither a folder nor a TF Lite file; official models need no {CARD}, it is built in"
            )));
        }
        let mut card = Card::read(&self.model)?;
        let before = card.clone();
        card.labels =
            self.labels.as_deref().map(std::path::absolute).transpose()?.map(CardLabels::File).or(card.labels);
        card.size = self.size.map(usize::from).or(card.size);
        card.fps = self.fps.or(card.fps);
        card.sampling = self.sampling.map(Sampling::from).or(card.sampling);
        card.output = self.output.map(Reading::from).or(card.output);
        card.check(&self.model)?;
        if let (Some(CardLabels::File(path)), Some(_)) = (&card.labels, &self.labels) {
            // They were looked at where they are, so that what is wrong with them is told by their own name.
            card.labels = Some(CardLabels::Names(Labels::read(path)?.names().unwrap_or_default().to_vec()));
        }
        if card != before {
            let path = card.write(&self.model)?;
            context.terminal.note(&format!("written into '{}'", path.display()));
        }
        let mut output = context.terminal.results();
        match self.json {
            true => json::write(&card, &mut output)?,
            false => write(&card, &mut output)?,
        }
        output.flush()?;
        Ok(Exit::Done)
    }
}

fn write(card: &Card, output: &mut dyn Write) -> std::io::Result<()> {
    let unknown = || "not said".to_owned();
    writeln!(output, "size      {}", card.size.map_or_else(unknown, |size| format!("{size}x{size}")))?;
    writeln!(output, "fps       {}", card.fps.map_or_else(unknown, |fps| fps.to_string()))?;
    writeln!(output, "sampling  {}", card.sampling.map_or_else(unknown, |sampling| sampling.to_string()))?;
    writeln!(output, "output    {}", card.output.map_or_else(unknown, |reading| reading.to_string()))?;
    match &card.labels {
        None => writeln!(output, "labels    {}", unknown()),
        Some(CardLabels::Names(names)) => writeln!(output, "labels    {}: {}", names.len(), beginning(names)),
        Some(CardLabels::File(path)) => writeln!(output, "labels    those in '{}'", path.display()),
    }
}

/// The first few names.
fn beginning(names: &[String]) -> String {
    const MOST: usize = 5;
    let more = if names.len() > MOST { ", ..." } else { "" };
    format!("{}{more}", names[..MOST.min(names.len())].join(", "))
}

impl From<Output> for Reading {
    fn from(output: Output) -> Self {
        match output {
            Output::Logits => Self::Logits,
            Output::Probabilities => Self::Probabilities,
        }
    }
}
