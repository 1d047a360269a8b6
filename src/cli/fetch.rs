//! `movinet-tf fetch`.

mod list;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use movinet_tf::cache::{Found, Origin};
use movinet_tf::catalog::{self, EngineLibrary, FAMILY, KnownFile, Model, Official, Variation};
use movinet_tf::fetch::{Given, Store};
use movinet_tf::models::LocatedModel;
use movinet_tf::prepare::Wanted;
use movinet_tf::report::{json, text};
use movinet_tf::runtime::{self, FfmpegPlace, Place, RuntimeError};
use movinet_tf::shown::shown;
use serde::Serialize;

use super::exit::{Exit, usage};
use super::side_by_side::side_by_side;
use super::{Context, prepare};

const EXAMPLES: &str = "\
Examples:
  movinet-tf fetch                            a2, labels, sample clip and TensorFlow's library
  movinet-tf fetch a0 a3-stream               both models of a0, and one of a3
  movinet-tf fetch a0-stream-int8             a TF Lite file, and nothing of TensorFlow's
  movinet-tf fetch --list                     what there is, and what is here
  movinet-tf fetch a2-base --from a2.tar.gz   an archive of yours; also a folder or an address
  movinet-tf fetch a0 --share-tfhub           also where Python's hub.load finds it

Models come from this program's cache, tensorflow_hub's or kagglehub's cache, TensorFlow Hub, and
Kaggle, in this order; TF Lite files of float32 from Google's bucket. MOVINET_TF_HUB_URL,
MOVINET_TF_KAGGLE_URL and MOVINET_TF_BUCKET_URL name mirrors.
Kaggle's login, where one is needed, is read from KAGGLE_API_TOKEN, ~/.kaggle/access_token,
KAGGLE_USERNAME and KAGGLE_KEY, or ~/.kaggle/kaggle.json.";

/// Downloads at once.
const WORKERS: usize = 4;

/// Fetch the official models, the labels, the sample clip, or a library or program that runs them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// a0 to a5, a2-base, a2-stream, a2-stream-int8 (or float16, float32), labels, sample, runtime, litert, openvino, ffmpeg [default: a2 labels sample runtime]
    #[arg(value_name = "WHAT", value_parser = parse_what)]
    what: Vec<Vec<What>>,
    /// All twelve SavedModels, labels, sample, runtime and ffmpeg
    #[arg(long, conflicts_with_all = ["what", "from", "list"])]
    all: bool,
    /// Take it from an archive, a SavedModel folder, a TF Lite file or an address
    #[arg(long, value_name = "FILE|DIR|URL")]
    from: Option<String>,
    /// Fetch it again although it is here
    #[arg(long)]
    force: bool,
    /// Lay models down in tensorflow_hub's cache too
    #[arg(long)]
    share_tfhub: bool,
    /// Don't prepare the models that were fetched
    #[arg(long)]
    no_prepare: bool,
    /// List the models and whether they are here, and fetch nothing
    #[arg(long, conflicts_with_all = ["what", "from", "force", "share_tfhub"])]
    list: bool,
    /// Print what was fetched, or the list, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Model(Official),
    File(&'static KnownFile),
    Runtime,
    EngineLibrary(EngineLibrary),
    Ffmpeg,
}

impl What {
    fn name(self) -> String {
        match self {
            Self::Model(model) => model.to_string(),
            Self::File(file) => file.what.to_owned(),
            Self::Runtime => "runtime".to_owned(),
            Self::EngineLibrary(which) => which.key().to_owned(),
            Self::Ffmpeg => "ffmpeg".to_owned(),
        }
    }
}

/// One line of the result.
#[derive(Debug, Serialize)]
struct Outcome {
    name: String,
    #[serde(serialize_with = "movinet_tf::paths::serialize")]
    path: PathBuf,
    origin: Origin,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        if self.list {
            return list::list(&context.store(None), self.json, context);
        }
        let wanted = self.wanted()?;
        let client = context.downloads.client()?;
        let store = context.store(client.as_ref());
        let from = self.from.as_deref().map(parse_from);
        let results = side_by_side(&wanted, WORKERS, |what| self.one(*what, from.as_ref(), &store, context));
        let mut outcomes = Vec::new();
        let mut failure = None;
        for result in results {
            match result {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) if failure.is_none() => failure = Some(error),
                Err(error) => context.terminal.warning(&format!("{error:#}")),
            }
        }
        if !self.no_prepare {
            prepare_fetched(&outcomes, context);
        }
        let mut output = context.terminal.results();
        if self.json {
            json::write(&outcomes, &mut output)?;
        } else {
            for outcome in &outcomes {
                writeln!(output, "{:<18} {}", outcome.name, shown(&outcome.path.to_string_lossy()))?;
            }
        }
        output.flush()?;
        failure.map_or(Ok(Exit::Done), Err)
    }

    fn wanted(&self) -> anyhow::Result<Vec<What>> {
        let everything = || {
            catalog::models().map(|model| What::Model(model.into())).chain([
                What::File(&catalog::LABELS),
                What::File(&catalog::SAMPLE),
                What::Runtime,
                What::Ffmpeg,
            ])
        };
        let mut wanted: Vec<What> = match (self.all, self.what.is_empty()) {
            (true, _) => everything().collect(),
            (false, true) => {
                let is_default = |what: &What| match what {
                    What::Model(model) => model.family().name == "a2",
                    What::File(_) | What::Runtime => true,
                    // GIFs need no ffmpeg, SavedModels TensorFlow alone.
                    What::Ffmpeg | What::EngineLibrary(_) => false,
                };
                everything().filter(is_default).collect()
            }
            (false, false) => Vec::new(),
        };
        for &what in self.what.iter().flatten() {
            if !wanted.contains(&what) {
                wanted.push(what);
            }
        }
        if self.from.is_some()
            && (wanted.len() != 1 || matches!(wanted[0], What::Runtime | What::EngineLibrary(_) | What::Ffmpeg))
        {
            return Err(usage("--from is for one model or file at a time: movinet-tf fetch a2-base --from FILE"));
        }
        Ok(wanted)
    }

    fn one(&self, what: What, from: Option<&Given>, store: &Store, context: &Context) -> anyhow::Result<Outcome> {
        let began = Instant::now();
        let name = what.name();
        let (path, origin) = match what {
            What::Runtime => {
                let places = context.places();
                match runtime::find(&places)? {
                    Some(located) if located.place == Place::Cache => (located.library, Origin::Cache),
                    Some(located) => (located.library, Origin::Machine),
                    None => {
                        let located = runtime::installed(&places, &context.downloads, &*context.terminal)?;
                        (located.library, Origin::Fetched)
                    }
                }
            }
            What::EngineLibrary(which) => engine_library(which, context)?,
            What::Ffmpeg => ffmpeg(context)?,
            What::File(file) => {
                let found = store.file(file, from, self.force)?;
                (found.path, found.origin)
            }
            What::Model(model) => {
                let found = match from {
                    Some(from) => store.import(model, from)?,
                    None => store.fetch(model, self.force)?,
                };
                if let (true, Official::SavedModel(model)) = (self.share_tfhub, &model) {
                    let shared = store.foreign.share_with_tfhub(model, &found.path)?;
                    context.terminal.note(&format!("{name}: for hub.load in '{}'", shared.display()));
                }
                (found.path, found.origin)
            }
        };
        context.terminal.note(&match origin {
            Origin::Fetched => format!("{name}: fetched in {}", text::seconds(began.elapsed().as_secs_f64())),
            Origin::Cache | Origin::Machine => format!("{name}: already here"),
            other => format!("{name}: already here, in the cache of {other}"),
        });
        Ok(Outcome { name, path, origin })
    }
}

/// A library that runs models beside TensorFlow, installed into the cache where none is found.
fn engine_library(which: EngineLibrary, context: &Context) -> Result<(PathBuf, Origin), RuntimeError> {
    let places = context.places_of(which);
    let (located, is_new) = match runtime::find_library(which, &places)? {
        Some(located) => (located, false),
        None => (runtime::install_library(which, &places, &context.downloads, &*context.terminal)?, true),
    };
    let origin = match located.place() {
        _ if is_new => Origin::Fetched,
        Place::Cache => Origin::Cache,
        _ => Origin::Machine,
    };
    Ok((located.file().to_owned(), origin))
}

/// The program, installed into the cache where none is found.
fn ffmpeg(context: &Context) -> Result<(PathBuf, Origin), RuntimeError> {
    let mut is_new = false;
    let install = || {
        is_new = true;
        runtime::install_ffmpeg(&context.cache, &context.downloads, &*context.terminal)
    };
    let (ffmpeg, _held) = runtime::obtain_ffmpeg(&context.ffmpeg_places(), install, &*context.terminal)?;
    let origin = match ffmpeg.place() {
        _ if is_new => Origin::Fetched,
        FfmpegPlace::Cache => Origin::Cache,
        _ => Origin::Machine,
    };
    Ok((ffmpeg.program().to_owned(), origin))
}

/// Prepares the models among `outcomes` that were fetched now, where there is a TensorFlow to do it with. That it fails
/// is no failure of the fetch: the models then run as they are.
fn prepare_fetched(outcomes: &[Outcome], context: &Context) {
    let fetched = outcomes.iter().filter(|outcome| outcome.origin == Origin::Fetched);
    let models: Vec<(&Outcome, Model)> = fetched.filter_map(|o| Some((o, o.name.parse().ok()?))).collect();
    if models.is_empty() {
        return;
    }
    let prepare_all = || -> anyhow::Result<()> {
        if runtime::find(&context.places())?.is_none() {
            context.terminal.note("not prepared: TensorFlow isn't here yet; later: movinet-tf prepare NAME");
            return Ok(());
        }
        let (runtime, _held) = context.tensorflow()?;
        for (outcome, model) in models {
            let found = Found { path: outcome.path.clone(), origin: Origin::Fetched };
            let model = LocatedModel::official(model, found);
            prepare::forms(&model, Wanted::default(), &runtime, context)?;
        }
        Ok(())
    };
    if let Err(error) = prepare_all() {
        context.terminal.warning(&format!("not prepared, so models run as they are: {error:#}"));
    }
}

fn parse_what(typed: &str) -> Result<Vec<What>, catalog::UnknownModel> {
    let name = typed.to_ascii_lowercase();
    if let Some(family) = FAMILY.iter().find(|family| family.name == name) {
        return Ok([Variation::Base, Variation::Stream]
            .map(|variation| What::Model(Model { family, variation }.into()))
            .into());
    }
    if let Some(which) = EngineLibrary::ALL.into_iter().find(|which| which.key() == name) {
        return Ok(vec![What::EngineLibrary(which)]);
    }
    match name.as_str() {
        "labels" => Ok(vec![What::File(&catalog::LABELS)]),
        "sample" => Ok(vec![What::File(&catalog::SAMPLE)]),
        "runtime" => Ok(vec![What::Runtime]),
        "ffmpeg" => Ok(vec![What::Ffmpeg]),
        _ => name.parse().map(|model| vec![What::Model(model)]),
    }
}

fn parse_from(typed: &str) -> Given {
    match typed {
        url if url.starts_with("http://") || url.starts_with("https://") => Given::Url(url.to_owned()),
        path if Path::new(path).is_dir() => Given::Folder(path.into()),
        path => Given::File(path.into()),
    }
}
