//! Running a pair of models on a clip: the common part of the commands that do.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use movinet_tf::catalog::{self, FAMILY};
use movinet_tf::clip::Clip;
use movinet_tf::compare::{ClipInfo, Logits, ModelInfo, Models, Timing};
use movinet_tf::fetch::FetchError;
use movinet_tf::fetch::http::{Client, Policy};
use movinet_tf::movinet::{BaseModel, MovinetError, StreamModel};
use movinet_tf::predict::Labels;
use movinet_tf::prepare::{self, Prepared, Proof};
use movinet_tf::progress::{Progress, Unit};
use movinet_tf::runtime::{self, Located, Places, Runtime, RuntimeError};
use movinet_tf::saved_model::{SessionConfig, fingerprint};
use ndarray::{Array2, Array4};

use super::exit::{NotPrepared, usage};
use super::models::{Chosen, Engine, Plan};
use super::{Context, environment};

/// What a run gave.
pub struct Run {
    /// The frames that the models saw, as decoded.
    pub frames: Clip,
    /// The clip, described.
    pub clip: ClipInfo,
    /// The models, described.
    pub models: Models,
    /// TensorFlow's version.
    pub tensorflow: String,
    /// What the models saw, `(frames, size, size, 3)`.
    pub video: Array4<f32>,
    /// What they said.
    pub logits: Logits,
    /// Names of the classes.
    pub labels: Labels,
    /// How long it took; `total` is left to the caller.
    pub timing: Timing,
}

/// Where to look for TensorFlow's library, as the environment says.
pub fn places(context: &Context) -> Places {
    Places {
        named: environment::path(environment::LIBTENSORFLOW),
        library_path: environment::paths(environment::LIBRARY_PATH),
        cache: context.cache.clone(),
    }
}

/// Loads TensorFlow, after installing it where there is none.
///
/// # Errors
/// [`RuntimeError`].
pub fn tensorflow(context: &Context) -> Result<Runtime, RuntimeError> {
    let places = places(context);
    let located = match runtime::find(&places)? {
        Some(located) => located,
        None => installed(&places, context)?,
    };
    context.hold(&located.library);
    runtime::load(&located, context.verbose)
}

/// Installs TensorFlow's library into the cache and finds it there.
///
/// # Errors
/// [`RuntimeError`].
pub fn installed(places: &Places, context: &Context) -> Result<Located, RuntimeError> {
    let url = std::env::var(environment::RUNTIME_URL).unwrap_or_else(|_| catalog::TENSORFLOW_ARCHIVE_URL.to_owned());
    if context.offline {
        let reason = FetchError::Download { url, reason: "offline".into() };
        return Err(RuntimeError::NotInstalled { tried: vec![reason.to_string()] });
    }
    context.terminal.note("TensorFlow isn't on this machine: installing its library into the cache, once");
    let client = Client::new(Policy::default())?;
    runtime::install(&context.cache, &client, &url, &context.terminal)?;
    runtime::find(places)?.ok_or_else(|| RuntimeError::NotInstalled {
        tried: vec![format!("installed into '{}', but it isn't found there", context.cache.root().display())],
    })
}

/// Makes a plan, which reads the clip, while TensorFlow is loaded beside it where it is here already; where it is not,
/// it is installed once the plan holds.
///
/// # Errors
/// Whatever `plan` says, before [`RuntimeError`].
pub fn planned(context: &Context, plan: impl FnOnce() -> anyhow::Result<Plan>) -> anyhow::Result<(Plan, Runtime)> {
    let (plan, loaded) = thread::scope(|scope| {
        let loading = scope.spawn(|| match runtime::find(&places(context)) {
            Ok(Some(_)) => Some(tensorflow(context)),
            _ => None,
        });
        (plan(), joined(loading))
    });
    let plan = plan?;
    Ok((plan, loaded.unwrap_or_else(|| tensorflow(context))?))
}

/// Runs the planned models on the planned clip, both models side by side.
///
/// # Errors
/// Whatever clip or models say.
pub fn run(plan: Plan, runtime: &Runtime, context: &Context) -> anyhow::Result<Run> {
    let clip = plan.clip.clone().at_rate(plan.rate)?;
    if let Some(warning) = clip.warning() {
        context.terminal.warning(warning);
    }
    let (base, stream, resized) = thread::scope(|scope| {
        let base = scope.spawn(|| load_base(&plan, plan.engine, runtime, context));
        let resizing = plan.size.map(|size| {
            let clip = &clip;
            scope.spawn(move || timed(|| clip.video(size)))
        });
        let stream = load_stream(&plan, plan.engine, runtime, context);
        (joined(base), stream, resizing.map(joined))
    });
    let (base, base_info, load_base) = base?;
    let (stream, stream_info, load_stream) = stream?;
    advise(&plan, [&base_info, &stream_info], context);
    let size = size(&plan, &stream)?;
    let (video, resizing) = resized.unwrap_or_else(|| timed(|| clip.video(size)));
    let ((base_logits, base_time), (steps, stream_total)) = thread::scope(|scope| {
        let base = scope.spawn(|| timed(|| base.predict(video.view())));
        let steps = timed(|| {
            let task = context.terminal.begin("streaming", Some(clip.len() as u64), Unit::Frames);
            stream.stream(video.view())?.inspect(|_| task.advance(1)).collect::<Result<Vec<_>, _>>()
        });
        (joined(base), steps)
    });
    let (base_logits, steps) = (base_logits?, steps?);
    let classes = base_logits.len();
    let labels = plan.labels.for_classes(classes)?;
    let mut stream_logits = Array2::zeros((0, steps[0].logits.len()));
    for step in &steps {
        stream_logits.push_row(step.logits.view())?;
    }
    if stream_logits.ncols() != classes {
        return Err(MovinetError::Classes {
            left: plan.base.name.clone(),
            left_classes: classes,
            right: plan.stream.name.clone(),
            right_classes: stream_logits.ncols(),
        }
        .into());
    }
    let times: Vec<_> = steps.iter().map(|step| step.elapsed).collect();
    let timing = Timing {
        decode: (plan.reading + resizing).as_secs_f64(),
        load_base: load_base.as_secs_f64(),
        load_stream: load_stream.as_secs_f64(),
        base: base_time.as_secs_f64(),
        stream_first: times[0].as_secs_f64(),
        stream_median: median(times.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(&times)).as_secs_f64(),
        stream_total: stream_total.as_secs_f64(),
        stream_inside: stream.time_inside().as_secs_f64(),
        total: 0.0,
    };
    Ok(Run {
        clip: ClipInfo {
            path: clip.path().to_owned(),
            frames: clip.len(),
            width: clip.width(),
            height: clip.height(),
            fps: clip.fps(),
            size,
        },
        frames: clip,
        models: Models { base: base_info, stream: stream_info },
        tensorflow: runtime.version().to_owned(),
        video,
        logits: Logits { base: base_logits, stream: stream_logits },
        labels,
        timing,
    })
}

/// A loaded model, what it is, and how long loading took.
type LoadedModel<M> = (M, ModelInfo, Duration);

/// Loads the plan's base model.
///
/// # Errors
/// Whatever the model says.
pub fn load_base(
    plan: &Plan,
    engine: Engine,
    runtime: &Runtime,
    context: &Context,
) -> anyhow::Result<LoadedModel<BaseModel>> {
    let config = SessionConfig { threads: plan.threads };
    Form::of(&plan.base, engine, runtime, context)?
        .load(engine, context, |form| BaseModel::load(runtime, &form.path, config))
}

/// Loads the plan's stream model.
///
/// # Errors
/// Whatever the model says.
pub fn load_stream(
    plan: &Plan,
    engine: Engine,
    runtime: &Runtime,
    context: &Context,
) -> anyhow::Result<LoadedModel<StreamModel>> {
    Form::of(&plan.stream, engine, runtime, context)?.load(engine, context, |form| {
        // Without XLA a step is many small operations: handing them to other threads costs more than they take.
        let one_if_prepared = form.proof.map(|_| 1);
        let config = SessionConfig { threads: plan.threads.or(one_if_prepared) };
        StreamModel::load(runtime, &form.path, config)
    })
}

/// The form in which a model runs.
struct Form {
    chosen: Chosen,
    sha256: String,
    path: PathBuf,
    /// How equal the prepared form is; `None` for the files as they are.
    proof: Option<Proof>,
}

impl Form {
    /// The form of `chosen` that `engine` wants, as far as it is there.
    fn of(chosen: &Chosen, engine: Engine, runtime: &Runtime, context: &Context) -> anyhow::Result<Self> {
        let chosen = chosen.clone();
        let sha256 = fingerprint(&chosen.path)?;
        let found = match engine {
            Engine::Reference => None,
            Engine::Auto | Engine::Prepared => prepare::find(&context.cache, runtime, &sha256)
                .or_else(|| prepare::at(chosen.prepared.as_deref()?, runtime, &sha256)),
        };
        context.hold(found.as_ref().map_or(&chosen.path, |prepared| &prepared.path));
        match found {
            Some(Prepared { path, record }) => Ok(Self { chosen, sha256, path, proof: Some(record.proof) }),
            None if engine == Engine::Prepared => Err(NotPrepared { model: chosen.path }.into()),
            None => Ok(Self { path: chosen.path.clone(), chosen, sha256, proof: None }),
        }
    }

    /// Loads it, describes it, and times the loading. A prepared form that doesn't load (TensorFlow was built without
    /// the kernels that it names) gives way to the files as they are, unless `engine` insists.
    fn load<M>(
        mut self,
        engine: Engine,
        context: &Context,
        load: impl Fn(&Self) -> Result<M, MovinetError>,
    ) -> anyhow::Result<LoadedModel<M>> {
        let (mut model, mut elapsed) = timed(|| load(&self));
        if let (Err(error), Some(_), Engine::Auto) = (&model, self.proof, engine) {
            context.terminal.warning(&format!("the prepared form is left aside: {error}"));
            (self.path, self.proof) = (self.chosen.path.clone(), None);
            (model, elapsed) = timed(|| load(&self));
        }
        let info = ModelInfo {
            name: self.chosen.name,
            path: self.chosen.path,
            source: self.chosen.source,
            engine: if self.proof.is_some() { "prepared" } else { "reference" },
            proof: self.proof,
            sha256: self.sha256,
        };
        Ok((model?, info, elapsed))
    }
}

/// Says what preparing would gain, where a model runs as it is although nobody asked for that.
fn advise(plan: &Plan, models: [&ModelInfo; 2], context: &Context) {
    let unprepared: Vec<_> = models
        .iter()
        .filter(|model| model.engine == "reference")
        .map(|model| model.path.display().to_string())
        .collect();
    if plan.engine == Engine::Auto && !unprepared.is_empty() {
        context.terminal.note(&format!(
            "Many times faster, and proved equal, once it is prepared: movinet-tf prepare {}",
            unprepared.join(" ")
        ));
    }
}

/// Height and width of the frames for `stream`: as the plan says, else the model's own.
///
/// # Errors
/// When neither tells.
pub fn size(plan: &Plan, stream: &StreamModel) -> anyhow::Result<usize> {
    let unknown = || usage("the models don't tell the size of their frames; say it: --size 172");
    plan.size.or_else(|| own_size(stream)).ok_or_else(unknown)
}

/// Height and width of the frames that `stream` was exported for, or else those of the family member that has as many
/// states, since their number tells the members apart.
pub fn own_size(stream: &StreamModel) -> Option<usize> {
    let by_states = || FAMILY.iter().find(|family| family.states == stream.state_count()).map(|family| family.size);
    stream.fixed_size().or_else(by_states)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}

/// What a thread gave; its panic goes on here.
pub fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
