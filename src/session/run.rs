//! A whole clip through the base network, the stream network, or both.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ndarray::{Array1, Array2, ArrayView4, ArrayViewD};

use super::both::Both;
use super::window::{self, Filled};
use super::{Ready, Session, SessionError};
use crate::answer::{Answer, Reading};
use crate::catalog::Variation;
use crate::compare::{
    Answers, ClipInfo, Comparison, FrameTime, Logits, Models, NoNumber, Observed, SCHEMA, Timing, by_view,
};
use crate::engine::{Engine, EngineError, Form, Window};
use crate::media::{Cuts, Frame, FrameSource, Seen};
use crate::models::CARD;
use crate::predict::{Guess, Labels};

/// A window of more bytes is worth a line before the work.
const WORTH_A_LINE: u64 = 64 << 20;
/// About how many times the window's bytes a base network takes while it runs: measured on a0, by tools/bench/cost.py, and of
/// OpenVINO by `bench` on 300 and 1,000 frames.
const PREPARED_WORK: u64 = 5;
const OPENVINO_WORK: u64 = 7;
const REFERENCE_WORK: u64 = 28;

/// What the base network says of a clip.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// Logits `(views, classes)`; of one view, but by [`Sampling::Kinetics`](crate::media::Sampling::Kinetics).
    pub logits: Array2<f32>,
    /// The most likely classes, most likely first.
    pub top: Vec<Guess>,
}

/// What the base network says of a clip, read.
pub(super) struct Whole {
    /// Frames of a view.
    pub frames: usize,
    /// `(views, outputs)`.
    pub logits: Array2<f32>,
    /// One prediction: of several views, their mean.
    pub answer: Answer,
    pub labels: Labels,
}

/// What both models of a pair gave for a clip.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// The clip, described.
    pub clip: ClipInfo,
    /// The models, described.
    pub models: Models,
    /// TensorFlow's version, where it ran.
    pub tensorflow: Option<String>,
    /// What the models said.
    pub logits: Logits,
    /// Names of the classes.
    pub labels: Labels,
    /// How long each frame is shown; zero where the source doesn't say.
    pub durations: Vec<Duration>,
    /// How long it took; `total` is the run alone.
    pub timing: Timing,
    readings: [Option<Reading>; 2],
    frames_per_step: usize,
    /// After which each of the stream model's predictions was made.
    frames: Vec<FrameTime>,
    window: Box<dyn Window>,
}

impl Run {
    /// What the models saw, `(frames, height, width, 3)`, float32 in [0, 1]; of views one after the other.
    pub fn video(&self) -> ArrayView4<'_, f32> {
        self.window.video()
    }

    /// Video, base and stream as references have them: of several views, with a dimension of views in front.
    pub fn arrays(&self) -> [Option<ArrayViewD<'_, f32>>; 3] {
        let video = by_view(self.window.video().into_dyn(), self.logits.base.nrows());
        [video, self.logits.base(), self.logits.stream()].map(Some)
    }

    /// What both models gave, to be held against what others gave.
    pub fn observed(&self) -> Observed<'_> {
        let Self { readings, frames, clip, .. } = self;
        Observed { arrays: self.arrays(), readings: *readings, frames, sampling: clip.sampling }
    }

    /// What both models said, read.
    ///
    /// # Errors
    /// [`SessionError::NotANumber`] when one gave something else.
    pub fn answers(&self) -> Result<Answers, SessionError> {
        self.logits.answers(self.readings).map_err(|NoNumber { variation, fault }| match variation {
            Variation::Base => SessionError::not_a_number(&self.models.base.name, None, fault, &self.labels),
            Variation::Stream => {
                let frame = (fault.prediction + 1) * self.frames_per_step - 1;
                SessionError::not_a_number(&self.models.stream.name, Some(frame), fault, &self.labels)
            }
        })
    }

    /// How far the two models agree in their `answers`, with the `k` most likely classes of each.
    pub fn comparison(&self, answers: &Answers, k: usize) -> Comparison {
        let (base, stream, agreement) = answers.predictions(&self.labels, k);
        let mut models = self.models.clone();
        (models.base.output, models.stream.output) = (Some(answers.base.reading), Some(answers.stream.reading));
        Comparison {
            schema: SCHEMA,
            clip: self.clip.clone(),
            models,
            tensorflow: self.tensorflow.clone(),
            base,
            stream,
            agreement,
            timing: self.timing,
        }
    }
}

impl Session {
    /// Shows all of `source` to the base network.
    ///
    /// # Errors
    /// [`SessionError`] when there is no base model, or what the source or the engine says.
    pub fn predict(&self, source: impl FrameSource) -> Result<Prediction, SessionError> {
        let Whole { logits, answer, labels, .. } = self.seen_whole(source)?;
        let top = labels.top(answer.probabilities[0].view(), self.top_k);
        Ok(Prediction { logits, top })
    }

    /// What the base network says of all of `source`, read, and said how where that is worth a line.
    pub(super) fn seen_whole(&self, source: impl FrameSource) -> Result<Whole, SessionError> {
        let (base, count) = (self.base()?, self.rule()?.views().max(1));
        let mut cuts = Seen { sampled: self.sampled(source)?, seen: &mut |_: Frame<'_>| {} };
        let read = self.read(&mut cuts, |_| {})?;
        if let Some(warning) = cuts.warning() {
            self.progress.warning(warning);
        }
        let views = self.views(&*read.window, count)?;
        let logits = rows(&views, views.first().map_or(0, Array1::len))?;
        let labels = self.labels(logits.ncols())?;
        let answer = Answer::read(logits.view(), base.reading);
        let answer = answer.map_err(|fault| SessionError::not_a_number(&base.info.name, None, fault, &labels))?;
        self.tell(base, &answer);
        Ok(Whole { frames: read.moments.len() / count, logits, answer: answer.averaged(1), labels })
    }

    /// Shows `source` to both networks and tells how far they agree.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn compare(&self, mut source: impl FrameSource) -> Result<Comparison, SessionError> {
        let run = self.run(&mut source, &mut |_| {})?;
        let answers = run.answers()?;
        self.tell_of(&answers)?;
        Ok(run.comparison(&answers, self.top_k))
    }

    /// As [`Session::compare`], giving all numbers. `seen` is shown each frame that the models see, as it is read, in
    /// another thread.
    ///
    /// # Errors
    /// [`SessionError`] when there is not both a base and a stream model, when the two differ in their number of classes,
    /// or what the source or the engines say.
    pub fn run(
        &self,
        source: &mut dyn FrameSource,
        seen: &mut (dyn FnMut(Frame<'_>) + Send),
    ) -> Result<Run, SessionError> {
        let sampled = self.sampled(source)?;
        self.run_cuts(&mut Seen { sampled, seen })
    }

    /// As [`Session::run`], of frames that are cut by the rule of this session: [`FoundModels::ahead`](super::FoundModels::ahead)
    /// reads them while the models are loaded.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_cuts(&self, cuts: &mut dyn Cuts) -> Result<Run, SessionError> {
        let began = Instant::now();
        let (base, stream) = (self.base()?, self.stream_model()?);
        let info = cuts.info().clone();
        let (rule, size) = (self.rule()?, self.size()?);
        let Both { filled: Filled { window, moments }, decode, base: base_logits, base_time, streamed } =
            self.both(cuts, rule.views())?;
        if let Some(warning) = cuts.warning() {
            self.progress.warning(warning);
        }
        let classes = base_logits.first().map_or(0, Array1::len);
        let labels = self.labels(classes)?;
        let Some(first) = streamed.logits.first() else {
            let (frames, needed) = (moments.len(), stream.network.frames_per_step());
            return Err(SessionError::TooShort { path: info.path, frames, needed });
        };
        if first.len() != classes {
            return Err(EngineError::Classes {
                left: base.info.name.clone(),
                left_classes: classes,
                right: stream.info.name.clone(),
                right_classes: first.len(),
            }
            .into());
        }
        let logits = Logits { base: rows(&base_logits, classes)?, stream: rows(&streamed.logits, classes)? };
        // Views are averaged frame by frame, so that there are as many as one view has.
        let frames = moments.len() / rule.views().max(1);
        let shown =
            moments[..frames].iter().fold(Duration::ZERO, |shown, moment| shown.saturating_add(moment.duration));
        let (load_base, load_stream) = self.loading();
        Ok(Run {
            clip: ClipInfo {
                frames,
                fps: (!shown.is_zero()).then(|| frames as f64 / shown.as_secs_f64()),
                size,
                sampling: rule.sampling,
                rule: rule.to_string(),
                from: Some(rule.from.as_secs_f64()).filter(|from| *from > 0.0),
                to: rule.to.map(|to| to.as_secs_f64()),
                ..ClipInfo::of(&info)
            },
            models: Models { base: base.info.clone(), stream: stream.info.clone() },
            tensorflow: self.tensorflow.clone(),
            logits,
            labels,
            durations: moments[..frames].iter().map(|moment| moment.duration).collect(),
            timing: Timing {
                decode: decode.as_secs_f64(),
                load_base: load_base.as_secs_f64(),
                load_stream: load_stream.as_secs_f64(),
                base: base_time.as_secs_f64(),
                stream_first: streamed.times[0].as_secs_f64(),
                stream_median: median(
                    streamed.times.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(&streamed.times),
                )
                .as_secs_f64(),
                stream_total: streamed.times.iter().sum::<Duration>().as_secs_f64(),
                stream_inside: streamed.inside.as_secs_f64(),
                total: began.elapsed().as_secs_f64(),
            },
            readings: [base.reading, stream.reading],
            frames_per_step: stream.network.frames_per_step().max(1),
            frames: FrameTime::of_predictions(&moments[..frames], stream.network.frames_per_step()),
            window,
        })
    }

    /// Says how the models' output is read where that is not as logits, or may be wrong; once.
    ///
    /// # Errors
    /// [`SessionError::NoBase`], [`SessionError::NoStream`].
    pub fn tell_of(&self, answers: &Answers) -> Result<(), SessionError> {
        self.tell(self.base()?, &answers.base);
        self.tell(self.stream_model()?, &answers.stream);
        Ok(())
    }

    pub(super) fn tell<N: ?Sized>(&self, model: &Ready<N>, answer: &Answer) {
        if model.told.swap(true, Ordering::Relaxed) {
            return;
        }
        let name = &model.info.name;
        if let Some(doubt) = answer.doubt {
            self.progress.warning(&format!("{name}: {doubt}; its {CARD} can say which: \"output\""));
        } else if answer.reading == Reading::Probabilities {
            self.progress.note(&format!("{name} gives probabilities: no softmax is applied"));
        } else if answer.outputs == 1 {
            self.progress.note(&format!("{name} tells two classes apart by one logit: a sigmoid is applied"));
        }
    }

    /// Reads all of `source` for the base network, after saying what that will need.
    pub(super) fn read(&self, source: &mut dyn Cuts, cut: impl FnMut(&[f32])) -> Result<Filled, SessionError> {
        let base = self.base()?;
        if let Some(frames) = source.frames() {
            let bytes = window::bytes(frames, source.shape(), &source.info().path)?;
            let work = match base.info.engine {
                Engine::TensorFlow(Form::Prepared) => PREPARED_WORK,
                Engine::TensorFlow(Form::Reference) => REFERENCE_WORK,
                Engine::OpenVino => OPENVINO_WORK,
                Engine::LiteRt | Engine::Fake | Engine::Other(_) => 0,
            };
            let line = format!(
                "The base model sees all {frames} frames at once: {} MB, and about {} MB more while it runs",
                bytes / 1_000_000,
                bytes * work / 1_000_000
            );
            match bytes > WORTH_A_LINE {
                true => self.progress.note(&line),
                false => self.progress.detail(&line),
            }
        }
        window::read(&*base.network, source, cut).map_err(|error| self.nothing_left(error))
    }
}

/// Predictions as one array `(predictions, classes)`.
///
/// # Errors
/// [`EngineError::Size`] where one has another number of classes, or none.
pub(super) fn rows(predictions: &[Array1<f32>], classes: usize) -> Result<Array2<f32>, EngineError> {
    let mut rows = Array2::zeros((0, classes));
    for prediction in predictions {
        let (got, expected) = (prediction.len(), classes.max(1));
        rows.push_row(prediction.view()).ok().filter(|()| got > 0).ok_or(EngineError::Size {
            what: "logits",
            got,
            expected,
        })?;
    }
    Ok(rows)
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
