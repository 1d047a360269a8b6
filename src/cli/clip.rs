//! Flags that choose a clip and how it is shown to the models: from what was typed to a source.

use std::io::{self, Read, Write};
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use movinet_tf::cache::Locked;
use movinet_tf::media::{ClipKind, Decoder, Frame, FrameRate, FrameSource, MediaError, Moment, SourceInfo};
use movinet_tf::media::{Rate, Sampling, SamplingOptions, Truncated};
use movinet_tf::models::demo;
use movinet_tf::progress::{Progress, Unit};

use super::exit::usage;
use super::{Context, environment};

/// The clip's help, wherever one is taken.
pub const CLIP: &str = "The clip: a GIF, a video, a folder of pictures, .npy or .npz, or - for standard input";
/// Standard input.
const STANDARD: &str = "-";

/// Flags that say how a clip is shown to the models.
#[derive(Debug, Clone, Args)]
pub struct ClipArguments {
    /// Which frames of the clip the models are shown, and how they are cut [default: as the model's card says, else tutorial; of many clips, model]
    #[arg(long, value_name = "RULE")]
    sampling: Option<Rule>,
    /// Frames a second: native (every frame once), model (as it was trained) or a number [default: the rule's]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = parse_rate)]
    fps: Option<Rate>,
    /// Leave out what is shown before, in seconds since the beginning
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = parse_seconds)]
    from: Option<Duration>,
    /// Leave out what is shown from there on
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = parse_seconds)]
    to: Option<Duration>,
    /// Parts of the clip that sampling kinetics looks at, to be averaged [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=100))]
    views: Option<u16>,
    /// Frames that sampling kinetics or letterbox takes [default: as the model was measured with; 8]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=8192))]
    take: Option<u16>,
    /// How many frames of the clip they are apart [default: as the model was measured with; 15]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=8192))]
    step: Option<u16>,
    /// The first frame that sampling letterbox takes [default: 0]
    #[arg(long, value_name = "FRAME", allow_negative_numbers = true)]
    start: Option<u32>,
    /// Use the whole frames of a GIF that is cut short or damaged, as TensorFlow does
    #[arg(long)]
    keep_truncated: bool,
}

/// A sampling rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// Every frame, squashed to a square: as the tutorial of the official models
    Tutorial,
    /// As many a second as the model was trained on, squashed
    Model,
    /// What published accuracies are measured with: frames out of the middle, the centre square of each
    Kinetics,
    /// Every frame in its proportions, without a border
    Fit,
    /// A few frames far apart, in their proportions on black: as TensorFlow's video tutorials
    Letterbox,
    /// The centre square, five frames a second: as the sample for phones
    Centre,
}

impl From<Rule> for Sampling {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Tutorial => Self::Tutorial,
            Rule::Model => Self::Model,
            Rule::Kinetics => Self::Kinetics,
            Rule::Fit => Self::Fit,
            Rule::Letterbox => Self::Letterbox,
            Rule::Centre => Self::Centre,
        }
    }
}

impl ClipArguments {
    /// How the clip is shown to the models.
    pub fn sampling(&self) -> SamplingOptions {
        SamplingOptions {
            sampling: self.sampling.map(Sampling::from),
            from: self.from,
            to: self.to,
            rate: self.fps,
            views: self.views.map(usize::from),
            frames: self.take.map(usize::from),
            step: self.step.map(usize::from),
            start: self.start.map(|start| start as usize),
        }
    }

    /// Opens the clip at `path`; without one, the demo's.
    ///
    /// # Errors
    /// When it cannot be used, or ffmpeg is needed and cannot be had.
    pub fn open(&self, path: Option<&Path>, context: &Context) -> anyhow::Result<Clip> {
        let truncated = if self.keep_truncated { Truncated::Keep } else { Truncated::Refuse };
        let (name, truncated) = match path {
            Some(path) => (path.to_owned(), truncated),
            None => (demo::unpack(&context.cache)?.clip, Truncated::Refuse),
        };
        let spooled = if name == Path::new(STANDARD) {
            Some(Spooled::of(&mut io::stdin().lock(), "standard input", context)?)
        } else if fs_err::metadata(&name).is_ok_and(|found| found.file_type().is_fifo()) {
            let mut pipe = fs_err::File::open(&name).context("cannot read the clip")?;
            Some(Spooled::of(&mut pipe, &name.to_string_lossy(), context)?)
        } else {
            None
        };
        let file = spooled.as_ref().map_or(name.as_path(), |spooled| &spooled.path);
        let kind = ClipKind::of(file).map_err(|error| renamed(error, &name))?;
        let (mut decoder, mut held) = (None, None);
        if kind.needs_decoder() {
            let (ffmpeg, lock) = context.ffmpeg()?;
            let mut found = Decoder::new(ffmpeg.program(), ffmpeg.sync());
            found.patience = patience()?.unwrap_or(found.patience);
            (decoder, held) = (Some(found), lock);
        }
        let source = kind.open(file, &name, truncated, decoder.as_ref())?;
        Ok(Clip { source, _spooled: spooled, _held: held })
    }
}

/// A clip that was opened, and what it needs to be there.
pub struct Clip {
    source: Box<dyn FrameSource>,
    /// What came from standard input or another pipe.
    _spooled: Option<Spooled>,
    /// ffmpeg is in use as long as this is there.
    _held: Option<Locked>,
}

impl FrameSource for Clip {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        self.source.advance()
    }

    fn frame(&self) -> Frame<'_> {
        self.source.frame()
    }

    fn warning(&self) -> Option<&str> {
        self.source.warning()
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        self.source.moments()
    }
}

/// What came out of a pipe, kept in a file: many containers have to be read from both ends.
struct Spooled {
    path: PathBuf,
    _file: Kept,
}

/// A file without a name, of which nothing is left however the process ends.
#[cfg(target_os = "linux")]
type Kept = std::fs::File;
#[cfg(not(target_os = "linux"))]
type Kept = tempfile::NamedTempFile;

impl Spooled {
    /// Keeps `input`, which is called `name`, to its end.
    fn of(input: &mut dyn Read, name: &str, context: &Context) -> anyhow::Result<Self> {
        let cannot = || format!("cannot keep {name} in a file");
        let (path, mut file) = Self::unnamed().with_context(cannot)?;
        let task = context.terminal.begin(name, None, Unit::Bytes);
        let mut chunk = vec![0; 1 << 16];
        loop {
            match input.read(&mut chunk) {
                Ok(0) => return Ok(Self { path, _file: file }),
                Ok(count) => {
                    file.write_all(&chunk[..count]).with_context(cannot)?;
                    task.advance(count as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn unnamed() -> io::Result<(PathBuf, Kept)> {
        let file = tempfile::tempfile()?;
        // Not /proc/self, which is ffmpeg itself where ffmpeg opens it.
        let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        Ok((path.into(), file))
    }

    #[cfg(not(target_os = "linux"))]
    fn unnamed() -> io::Result<(PathBuf, Kept)> {
        let file = tempfile::NamedTempFile::new()?;
        Ok((file.path().to_owned(), file))
    }
}

/// Insists that what the environment says of ffmpeg can be followed, before it is needed.
///
/// # Errors
/// When it cannot.
pub fn check_settings(context: &Context) -> anyhow::Result<()> {
    patience()?;
    if environment::path(environment::FFMPEG).is_some() {
        context.ffmpeg()?;
    }
    Ok(())
}

/// How long ffmpeg may give no frame, where the user says it.
fn patience() -> anyhow::Result<Option<Duration>> {
    let Some(typed) = environment::text(environment::FFMPEG_PATIENCE) else { return Ok(None) };
    match parse_seconds(&typed) {
        Ok(patience) if !patience.is_zero() => Ok(Some(patience)),
        _ => Err(usage(format!("{}: '{typed}' is no number of seconds above 0", environment::FFMPEG_PATIENCE))),
    }
}

/// `error`, about the clip that was named.
fn renamed(error: MediaError, name: &Path) -> MediaError {
    let path = PathBuf::from(name);
    match error {
        MediaError::Empty { .. } => MediaError::Empty { path },
        MediaError::NotVideo { reason, .. } => MediaError::NotVideo { path, reason },
        MediaError::Read { source, .. } => MediaError::Read { path, source },
        other => other,
    }
}

fn parse_rate(typed: &str) -> Result<Rate, String> {
    match typed {
        "native" => Ok(Rate::Fixed(FrameRate::Native)),
        "model" => Ok(Rate::Model),
        number => match parse_fps(number).map(FrameRate::per_second) {
            Ok(Ok(rate)) => Ok(Rate::Fixed(rate)),
            _ => Err("native, model, or a number above 0 and up to 1000".into()),
        },
    }
}

/// Frames a second.
pub fn parse_fps(typed: &str) -> Result<f64, String> {
    match typed.parse() {
        Ok(fps) if fps <= 1000.0 && FrameRate::per_second(fps).is_ok() => Ok(fps),
        _ => Err("a number above 0 and up to 1000".into()),
    }
}

/// A time since the beginning of a clip.
pub fn parse_seconds(typed: &str) -> Result<Duration, String> {
    let seconds = typed.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "a number of seconds, 0 or above".into())
}
