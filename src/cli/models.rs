//! Flags that choose models and how a clip is shown to them: from what was typed to a session and a source.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use movinet_tf::catalog::{Official, Variation};
use movinet_tf::models::{PairName, is_tflite, pair_names};
use movinet_tf::session::{EngineChoice, SessionBuilder};

use super::Context;
use super::clip::{Clip, ClipArguments};
use super::exit::usage;
use super::names::Name;

/// The pair that the tutorial uses, where none is named.
const DEFAULT: &str = "a2";

/// Flags that choose models and how a clip is shown to them.
#[derive(Debug, Clone, Args)]
pub struct ModelArguments {
    #[command(flatten)]
    clip: ClipArguments,
    /// A pair of models by name: a0 to a5, or demo [default: demo without a clip, else a2]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["base", "stream"])]
    model: Option<PairName>,
    /// The base model: a SavedModel folder or a name such as a0-base
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// The stream model: a SavedModel folder, a TF Lite file, or a name such as a0-stream or a0-stream-int8
    #[arg(long, value_name = "DIR|FILE")]
    stream: Option<PathBuf>,
    /// Names of the classes: one a line, or with their numbers (CSV, JSON) [default: those of the model's card, else Kinetics-600 where they fit]
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Height and width of the frames in pixels [default: the model's own]
    #[arg(long, value_name = "PIXELS", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=4096))]
    size: Option<u16>,
    /// Which form of the models runs [default: auto; verify: reference]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<Engine>,
    /// Threads that TensorFlow may use for each model [default: all cores, one for a prepared stream model]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Which form of a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// compare, verify, bench: TensorFlow on the prepared form where there is one, else on the files as they are; others: the
    /// fastest form that is there and proved
    Auto,
    /// The prepared form, which 'movinet-tf prepare' makes
    Prepared,
    /// The files as they are: the numbers of Python TensorFlow to the last bit
    Reference,
    /// LiteRT, which runs TF Lite files, and the form of a stream model that 'movinet-tf prepare' makes
    Litert,
    /// OpenVINO, which runs the form of a base model that 'movinet-tf prepare' makes
    Openvino,
    /// Of each model the fastest form that is there and proved, whatever runs it
    Fastest,
}

impl From<Engine> for EngineChoice {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto | Engine::Fastest => Self::Auto,
            Engine::Prepared => Self::Prepared,
            Engine::Reference => Self::Reference,
            Engine::Litert => Self::LiteRt,
            Engine::Openvino => Self::OpenVino,
        }
    }
}

/// What a run needs: models, to be loaded, and a clip, of which nothing but its structure was read.
pub struct Plan {
    /// The session to build.
    pub session: SessionBuilder,
    /// The clip.
    pub source: Clip,
    /// Whether this is the bundled demo.
    pub is_demo: bool,
}

impl ModelArguments {
    /// The engine, where one is named that isn't the command's own choice.
    pub fn engine(&self) -> Option<EngineChoice> {
        self.engine.filter(|&engine| engine != Engine::Auto).map(EngineChoice::from)
    }

    /// Whether the models have files, of which there are several forms.
    pub fn has_forms(&self) -> bool {
        self.model != Some(PairName::Fake) && !self.names_tflite_alone()
    }

    /// Whether a TF Lite file is named.
    pub fn names_tflite(&self) -> bool {
        self.stream.as_deref().is_some_and(means_tflite)
    }

    /// `session` of these models with this one alone. What a command runs SavedModels by is not for a TF Lite file, which is
    /// alone then.
    pub fn only(&self, session: SessionBuilder, variation: Variation) -> SessionBuilder {
        let is_file = variation == Variation::Stream && self.names_tflite() && self.engine.is_none();
        let session = session.only(variation);
        if is_file { session.engine(EngineChoice::Auto) } else { session }
    }

    /// Whether a TF Lite file is named and no SavedModel.
    fn names_tflite_alone(&self) -> bool {
        self.base.is_none() && self.names_tflite()
    }

    /// Whether a base model is among those that are meant.
    pub fn names_base(&self) -> bool {
        self.base.is_some() || self.stream.is_none()
    }

    /// Whether a stream model is among those that are meant.
    pub fn names_stream(&self) -> bool {
        self.stream.is_some() || self.base.is_none()
    }

    /// The same flags for another model, by its name, the name of its pair, its folder or its file.
    pub fn of_other(&self, named: &Path, variation: Variation) -> Self {
        let pair = named.to_str().and_then(|name| name.parse().ok());
        let of = |own| (pair.is_none() && variation == own).then(|| named.to_owned());
        // A TF Lite file has one form: which of a SavedModel's runs is no question to it.
        let engine = self.engine.filter(|engine| *engine == Engine::Litert || !means_tflite(named));
        Self { model: pair, base: of(Variation::Base), stream: of(Variation::Stream), engine, ..self.clone() }
    }

    /// What is read for the models.
    pub fn inputs(&self) -> [Name<'_>; 3] {
        [("--base", self.base.as_deref()), ("--stream", self.stream.as_deref()), ("--labels", self.labels.as_deref())]
    }

    /// Chooses the models and opens the clip; without a clip it is the demo's. `default_engine` runs where none is named.
    ///
    /// # Errors
    /// When something is not here or contradicts itself. A bad clip is told before a model is looked for, which may be a
    /// long download.
    pub fn plan(&self, clip: Option<&Path>, default_engine: EngineChoice, context: &Context) -> anyhow::Result<Plan> {
        if self.base.is_some() != self.stream.is_some() {
            return Err(usage("a pair is needed: name both, --base MODEL and --stream MODEL"));
        }
        self.plan_of_any(clip, default_engine, context)
    }

    /// As [`ModelArguments::plan`], where one model alone will do.
    pub fn plan_of_any(
        &self,
        clip: Option<&Path>,
        default_engine: EngineChoice,
        context: &Context,
    ) -> anyhow::Result<Plan> {
        let names_models = self.base.is_some()
            || self.stream.is_some()
            || matches!(self.model, Some(PairName::Family(_) | PairName::Fake));
        if clip.is_none() && names_models {
            return Err(usage("which clip? Without one the bundled demo runs, and that takes no other model"));
        }
        let source = self.clip.open(clip, context)?;
        let pair = match (self.base.as_ref().or(self.stream.as_ref()), &self.model) {
            (Some(_), _) => None,
            (None, Some(pair)) => Some(*pair),
            (None, None) if clip.is_none() => Some(PairName::Demo),
            (None, None) => Some(DEFAULT.parse()?),
        };
        let session = self.session(pair, default_engine, context)?;
        Ok(Plan { session, source, is_demo: pair == Some(PairName::Demo) })
    }

    /// Chooses the models for any number of clips.
    ///
    /// # Errors
    /// When something contradicts itself, or the labels come through a pipe.
    pub fn session_for_clips(&self, context: &Context) -> anyhow::Result<SessionBuilder> {
        if self.labels.as_ref().is_some_and(|path| path.exists() && !path.is_file() && !path.is_dir()) {
            return Err(usage("the labels are read by each worker, and a pipe can be read once: name a file"));
        }
        let named = self.base.is_some() || self.stream.is_some();
        let pair = if named { None } else { Some(self.model.map_or_else(|| DEFAULT.parse(), Ok)?) };
        self.session(pair, EngineChoice::Auto, context)
    }

    /// Whether no sampling rule is named.
    pub fn names_no_sampling(&self) -> bool {
        self.clip.sampling().sampling.is_none()
    }

    /// Opens the clip at `path` as the flags say.
    ///
    /// # Errors
    /// When it cannot be used, or ffmpeg is needed and cannot be had.
    pub fn open(&self, path: &Path, context: &Context) -> anyhow::Result<Clip> {
        self.clip.open(Some(path), context)
    }

    /// Flags on which numbers and names depend, in words.
    pub fn in_words(&self) -> String {
        let Self { clip, labels, size, .. } = self;
        format!("{clip:?}, labels {labels:?}, size {size:?}")
    }

    fn session(
        &self,
        pair: Option<PairName>,
        default_engine: EngineChoice,
        context: &Context,
    ) -> anyhow::Result<SessionBuilder> {
        // What is the default of a command is meant for SavedModels.
        let default_engine = if self.names_tflite_alone() { EngineChoice::Auto } else { default_engine };
        let engine = match (self.engine, default_engine) {
            (None | Some(Engine::Auto), EngineChoice::Auto) => EngineChoice::Auto,
            // Commands whose default is TensorFlow's stay on TensorFlow.
            (Some(Engine::Auto), _) => EngineChoice::TensorFlow,
            (named, default) => named.map_or(default, EngineChoice::from),
        };
        let session = context.session().engine(engine);
        let mut session = session.sampling_options(self.clip.sampling());
        if let Some(pair) = pair {
            session = session.pair(pair);
        }
        if let Some(base) = &self.base {
            session = session.base(base);
        }
        if let Some(stream) = &self.stream {
            session = session.stream(stream);
        }
        if let Some(path) = &self.labels {
            session = session.labels_file(path)?;
        }
        if let Some(size) = self.size {
            session = session.size(size.into());
        }
        if let Some(threads) = self.threads {
            session = session.threads(threads);
        }
        Ok(session)
    }
}

/// Whether `typed` means a TF Lite file: one that is here, or an official one.
pub fn means_tflite(typed: &Path) -> bool {
    is_tflite(typed) || matches!(typed.to_str().map(str::parse), Some(Ok(Official::TfLite(_))))
}

/// Whether `typed` names a pair of models that have files.
pub fn pair_of(typed: &Path) -> Option<PairName> {
    let name = typed.to_str()?.to_ascii_lowercase();
    pair_names().find(|known| *known == name)?.parse().ok()
}
