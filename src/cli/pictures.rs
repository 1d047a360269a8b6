//! Flags of `compare` that write pictures and pages.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use movinet_tf::cache::Locked;
use movinet_tf::compare::Comparison;
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::report::animation::{self, AnimationFormat};
use movinet_tf::report::html::{self, Provenance};
use movinet_tf::report::plot::{self, PlotFormat};
use movinet_tf::report::{Look, OutputFile, OutputTarget, Theme, Thumbnails};
use movinet_tf::runtime::Ffmpeg;
use movinet_tf::timeline::Timeline;

use super::Context;
use super::exit::usage;
use super::names::Name;

/// What to draw, and how.
#[derive(Debug, Args)]
pub struct PictureArguments {
    /// Draw the probabilities over time; .png or .svg
    #[arg(long, value_name = "FILE.png")]
    plot: Option<PathBuf>,
    /// Draw the clip above the moving plot; .gif or, through ffmpeg, .webp or .mp4
    #[arg(long, value_name = "FILE.gif")]
    animation: Option<PathBuf>,
    /// Write a page with everything, to look at in a browser; - is stdout, instead of the table
    #[arg(long, value_name = "FILE.html|-")]
    html: Option<PathBuf>,
    /// Draw --plot with a logarithmic axis, as --animation always is
    #[arg(long, requires = "plot")]
    log: bool,
    /// Colours of --plot and --animation
    #[arg(long, value_name = "THEME", default_value = "light")]
    theme: ThemeChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ThemeChoice {
    /// Dark on white
    Light,
    /// Light on near black
    Dark,
}

/// ffmpeg, where the format needs it, and what keeps it from removal.
type Encoder = Option<(Ffmpeg, Option<Locked>)>;

/// The files that will be written, begun.
pub struct Pictures {
    plot: Option<(OutputFile, PlotFormat)>,
    animation: Option<(OutputFile, AnimationFormat, Encoder)>,
    html: Option<OutputTarget>,
    log: bool,
    theme: Theme,
}

impl PictureArguments {
    /// What is written.
    pub fn outputs(&self) -> [Name<'_>; 3] {
        [("--plot", self.plot.as_deref()), ("--animation", self.animation.as_deref()), ("--html", self.html.as_deref())]
    }

    /// Begins the files, so that what cannot be written is told before the slow work.
    ///
    /// # Errors
    /// When an ending is not known, a folder cannot be written, or ffmpeg is needed and cannot be had.
    pub fn create(&self, context: &Context) -> anyhow::Result<Pictures> {
        let plot = self.plot.as_ref().map(|path| {
            let format = PlotFormat::of(path);
            let format = format.ok_or_else(|| usage(format!("'{}' ends in neither .png nor .svg", path.display())))?;
            anyhow::Ok((OutputFile::create(path)?, format))
        });
        let animation = self.animation.as_ref().map(|path| {
            let format = AnimationFormat::of(path);
            let format =
                format.ok_or_else(|| usage(format!("'{}' ends in none of .gif, .webp, .mp4", path.display())))?;
            let file = OutputFile::create(path)?;
            let encoder = format.needs_ffmpeg().then(|| context.ffmpeg()).transpose()?;
            anyhow::Ok((file, format, encoder))
        });
        let theme = match self.theme {
            ThemeChoice::Light => Theme::Light,
            ThemeChoice::Dark => Theme::Dark,
        };
        let html = self.html.as_deref().map(OutputTarget::create).transpose()?;
        Ok(Pictures { plot: plot.transpose()?, animation: animation.transpose()?, html, log: self.log, theme })
    }
}

impl Pictures {
    /// Whether the page goes to standard output.
    pub fn takes_standard(&self) -> bool {
        self.html.as_ref().is_some_and(OutputTarget::is_standard)
    }

    /// Whether the clip's frames are drawn.
    pub fn need_frames(&self) -> bool {
        self.animation.is_some() || self.html.is_some()
    }

    /// Draws and writes everything; `standard` is standard output.
    ///
    /// # Errors
    /// When a file cannot be written or ffmpeg fails.
    pub fn write(
        self,
        comparison: &Comparison,
        timeline: &Timeline,
        frames: &Thumbnails,
        standard: &mut dyn Write,
        context: &Context,
    ) -> anyhow::Result<()> {
        let look = |log| Look { log, theme: self.theme };
        if let Some((file, format)) = self.plot {
            file.write(|mut output| plot::write(timeline, format, look(self.log), &mut output))?;
        }
        if let Some((file, format, encoder)) = self.animation {
            let ffmpeg = encoder.as_ref().map(|(ffmpeg, _held)| ffmpeg);
            let task = context.terminal.begin("drawing", Some(frames.len() as u64), Unit::Frames);
            let written =
                animation::write(frames, timeline, format, ffmpeg, look(true), file.path(), || task.advance(1));
            written.map_err(|error| file.failed(&error))?;
            file.finish()?;
        }
        if let Some(target) = self.html {
            let provenance = provenance();
            target.finish(standard, |output| html::write(comparison, timeline, frames, &provenance, output))?;
        }
        Ok(())
    }
}

/// What a page says of how it was made.
pub fn provenance() -> Provenance {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    Provenance {
        command: words.collect::<Vec<_>>().join(" "),
        program: format!("movinet-tf {}", env!("MOVINET_TF_VERSION")),
        machine: machine(),
    }
}

/// `Linux x86_64, AMD EPYC, 2 cores`, as far as the system tells.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = fs_err::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        line.split_once(": ").map(|(_, name)| format!("{name}, "))
    });
    format!("{} {}, {}{cores} cores", std::env::consts::OS, std::env::consts::ARCH, processor.unwrap_or_default())
}
