//! Which models, labels and clip settings a command works with: from what was typed to what was meant.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use movinet_tf::catalog::{self, Family, Model, Variation};
use movinet_tf::clip::{Clip, FrameRate, Truncated};
use movinet_tf::demo::{self, Demo};
use movinet_tf::fetch::Origin;
use movinet_tf::fetch::http::{Client, Policy};
use movinet_tf::predict::Labels;

use super::exit::usage;
use super::labels::LabelSource;
use super::{Context, environment};

/// The model that the tutorial uses, where none is named.
const DEFAULT: &str = "a2";
const DEMO: &str = "demo";

/// Flags that choose models and how a clip is shown to them.
#[derive(Debug, Args)]
pub struct ModelArguments {
    /// A pair of models by name: a0 to a5, or demo [default: demo without a clip, else a2]
    #[arg(long, value_name = "NAME", value_parser = parse_pair, conflicts_with_all = ["base", "stream"])]
    model: Option<PairName>,
    /// The base model: a SavedModel folder or a name such as a0-base
    #[arg(long, value_name = "DIR", requires = "stream")]
    base: Option<PathBuf>,
    /// The stream model: a SavedModel folder or a name such as a0-stream
    #[arg(long, value_name = "DIR", requires = "base")]
    stream: Option<PathBuf>,
    /// Names of the classes, one a line
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Height and width of the frames in pixels [default: the model's own]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=4096))]
    size: Option<u16>,
    /// Frames a second: native (every frame once), model (as it was trained) or a number
    #[arg(long, value_name = "RATE", default_value = "native", value_parser = parse_rate)]
    fps: Rate,
    /// Use the whole frames of a clip that is cut short, as TensorFlow does
    #[arg(long)]
    keep_truncated: bool,
    /// Which form of the models runs [default: auto; verify: reference]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<Engine>,
    /// Threads that TensorFlow may use for each model [default: all cores, one for a prepared stream model]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Which form of a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The prepared form where there is one, else the files as they are
    Auto,
    /// The prepared form, which 'movinet-tf prepare' makes
    Prepared,
    /// The files as they are: the numbers of Python TensorFlow to the last bit
    Reference,
}

#[derive(Debug, Clone, Copy)]
enum PairName {
    Family(&'static Family),
    Demo,
}

#[derive(Debug, Clone, Copy)]
enum Rate {
    Fixed(FrameRate),
    Model,
}

/// A model to load.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its name for reports.
    pub name: String,
    /// Its SavedModel folder.
    pub path: PathBuf,
    /// Where it came from, for reports.
    pub source: &'static str,
    /// Height and width in pixels of its frames, where its name tells them.
    pub size: Option<usize>,
    /// The prepared form that came with it.
    pub prepared: Option<PathBuf>,
}

impl Chosen {
    /// An official model that is at `path`.
    pub fn official(model: Model, path: PathBuf, origin: Origin) -> Self {
        let (name, size) = (model.to_string(), Some(model.family.size));
        Self { name, path, source: origin.word(), size, prepared: None }
    }
}

/// Everything that a run needs to be told, checked.
#[derive(Debug)]
pub struct Plan {
    /// The clip, every frame of its file.
    pub clip: Clip,
    /// How long reading it took.
    pub reading: Duration,
    /// The base model.
    pub base: Chosen,
    /// The stream model.
    pub stream: Chosen,
    /// Names of the classes.
    pub labels: LabelSource,
    /// Height and width of the frames, where the command line or the models' names tell them.
    pub size: Option<usize>,
    /// The frame rate.
    pub rate: FrameRate,
    /// Threads for each model, where the command line says.
    pub threads: Option<u16>,
    /// Which form of the models runs.
    pub engine: Engine,
    /// Whether this is the bundled demo.
    pub is_demo: bool,
}

impl ModelArguments {
    /// The engine, where one is named.
    pub fn engine(&self) -> Option<Engine> {
        self.engine
    }

    /// Finds the models, labels and clip; without a clip it is the demo's. `default_engine` runs where none is named.
    ///
    /// # Errors
    /// When something is not here or contradicts itself.
    pub fn plan(&self, clip: Option<&Path>, default_engine: Engine, context: &Context) -> anyhow::Result<Plan> {
        if clip.is_none() && (self.base.is_some() || matches!(self.model, Some(PairName::Family(_)))) {
            return Err(usage("which clip? Without one the bundled demo runs, and that takes no other model"));
        }
        // Before a model is looked for, which may be a long download: a bad file is told at once.
        let began = Instant::now();
        let truncated = if self.keep_truncated { Truncated::Keep } else { Truncated::Refuse };
        let given = clip.map(|path| Clip::read(path, truncated)).transpose()?;
        let reading = began.elapsed();
        let pair = match (&self.base, &self.stream) {
            (Some(base), Some(stream)) => Pair {
                base: chosen(base, Variation::Base, context)?,
                stream: chosen(stream, Variation::Stream, context)?,
                family: None,
                demo: None,
            },
            _ => match self.model {
                Some(PairName::Demo) => Pair::demo(context)?,
                None if clip.is_none() => Pair::demo(context)?,
                Some(PairName::Family(family)) => Pair::official(family, context)?,
                None => Pair::official(catalog::family(DEFAULT)?, context)?,
            },
        };
        let labels = match (&self.labels, &pair.demo) {
            (Some(path), _) => LabelSource::Given(Labels::read(path)?, path.clone()),
            (None, Some(_)) => LabelSource::Given(Labels::parse(demo::labels()), "the demo's labels".into()),
            (None, None) => LabelSource::kinetics(pair.family.is_some(), context)?,
        };
        let rate = match (self.fps, pair.family) {
            (Rate::Fixed(rate), _) => rate,
            (Rate::Model, Some(family)) => FrameRate::PerSecond(family.fps),
            (Rate::Model, None) => {
                return Err(usage("--fps model needs --model a0 to a5; give the rate as a number"));
            }
        };
        let known_size = match (&pair.demo, pair.family) {
            (Some(_), _) => Some(demo::SIZE),
            (None, family) => family.map(|family| family.size),
        };
        let clip = match (given, &pair.demo) {
            (Some(clip), _) => clip,
            (None, Some(demo)) => Clip::read(&demo.clip, Truncated::Refuse)?,
            (None, None) => return Err(usage("which clip?")),
        };
        Ok(Plan {
            clip,
            reading,
            base: pair.base,
            stream: pair.stream,
            labels,
            size: self.size.map(usize::from).or(known_size),
            rate,
            threads: self.threads,
            engine: self.engine.unwrap_or(default_engine),
            is_demo: pair.demo.is_some(),
        })
    }
}

struct Pair {
    base: Chosen,
    stream: Chosen,
    family: Option<&'static Family>,
    demo: Option<Demo>,
}

impl Pair {
    fn demo(context: &Context) -> anyhow::Result<Self> {
        let demo = demo::unpack(&context.cache)?;
        let chosen = |name: &str, path: &Path, prepared: &Path| Chosen {
            name: name.into(),
            path: path.into(),
            source: "bundled",
            size: Some(demo::SIZE),
            prepared: Some(prepared.into()),
        };
        Ok(Self {
            base: chosen(demo::NAMES.0, &demo.base, &demo.prepared_base),
            stream: chosen(demo::NAMES.1, &demo.stream, &demo.prepared_stream),
            family: None,
            demo: Some(demo),
        })
    }

    fn official(family: &'static Family, context: &Context) -> anyhow::Result<Self> {
        let [base, stream] = [Variation::Base, Variation::Stream].map(|variation| Model { family, variation });
        Ok(Self {
            base: official(base, context)?,
            stream: official(stream, context)?,
            family: Some(family),
            demo: None,
        })
    }
}

/// The model that `typed` means: a folder, or a name of the catalogue where there is no such folder.
///
/// # Errors
/// When it is neither.
pub fn chosen(typed: &Path, variation: Variation, context: &Context) -> anyhow::Result<Chosen> {
    match folder_or_model(typed)? {
        Meant::Folder(chosen) => Ok(chosen),
        Meant::Model(model) if model.variation == variation => official(model, context),
        Meant::Model(model) => Err(usage(format!("'{model}' is no {variation} model"))),
    }
}

/// As [`chosen`], for either variation; `demo-base` and `demo-stream` are known too.
///
/// # Errors
/// When it is neither a folder nor a name.
pub fn any_model(typed: &Path, context: &Context) -> anyhow::Result<Chosen> {
    let name = typed.to_string_lossy();
    if name == demo::NAMES.0 || name == demo::NAMES.1 {
        let pair = Pair::demo(context)?;
        return Ok(if name == demo::NAMES.0 { pair.base } else { pair.stream });
    }
    match folder_or_model(typed)? {
        Meant::Folder(chosen) => Ok(chosen),
        Meant::Model(model) => official(model, context),
    }
}

/// The one or two models that `typed` means: as [`any_model`], and `a0` or `demo` for both of a pair.
///
/// # Errors
/// As [`any_model`].
pub fn each_model(typed: &Path, context: &Context) -> anyhow::Result<Vec<Chosen>> {
    let pair = match typed.to_str().map(parse_pair) {
        Some(Ok(PairName::Demo)) => Pair::demo(context)?,
        Some(Ok(PairName::Family(family))) => Pair::official(family, context)?,
        _ => return Ok(vec![any_model(typed, context)?]),
    };
    Ok(vec![pair.base, pair.stream])
}

enum Meant {
    Folder(Chosen),
    Model(Model),
}

fn folder_or_model(typed: &Path) -> anyhow::Result<Meant> {
    let name = typed.to_string_lossy();
    if typed.exists() || name.contains(std::path::MAIN_SEPARATOR) {
        let name = std::path::absolute(typed)?.file_name().map_or(name.clone(), |file| file.to_string_lossy()).into();
        return Ok(Meant::Folder(Chosen {
            name,
            path: typed.to_owned(),
            source: "folder",
            size: None,
            prepared: None,
        }));
    }
    Ok(Meant::Model(name.parse::<Model>()?))
}

/// An official model, fetched where it is not here.
fn official(model: Model, context: &Context) -> anyhow::Result<Chosen> {
    let sources = environment::sources();
    let here = context.store(None, &sources).find(&model);
    let found = match here {
        Some(found) => found,
        None => {
            let client = (!context.offline).then(|| Client::new(Policy::default())).transpose()?;
            if client.is_some() {
                context.terminal.note(&format!("{model} isn't on this machine: fetching it, once"));
            }
            context.store(client.as_ref(), &sources).fetch(&model, false)?
        }
    };
    Ok(Chosen::official(model, found.path, found.origin))
}

fn parse_pair(typed: &str) -> Result<PairName, catalog::UnknownModel> {
    if typed.eq_ignore_ascii_case(DEMO) {
        return Ok(PairName::Demo);
    }
    catalog::family(typed).map(PairName::Family)
}

fn parse_rate(typed: &str) -> Result<Rate, String> {
    match typed {
        "native" => Ok(Rate::Fixed(FrameRate::Native)),
        "model" => Ok(Rate::Model),
        number => match number.parse::<f64>() {
            Ok(fps) if fps > 0.0 && fps <= 1000.0 => Ok(Rate::Fixed(FrameRate::PerSecond(fps))),
            _ => Err("native, model, or a number above 0 and up to 1000".into()),
        },
    }
}
