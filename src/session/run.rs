//! A whole clip through the base network, the stream network, or both.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use ndarray::{Array1, Array2, ArrayView4, Axis};

use super::window::{self, Filled};
use super::{Ready, Session, SessionError};
use crate::answer::{Answer, Reading};
use crate::catalog::Variation;
use crate::compare::{Answers, ClipInfo, Comparison, Logits, Models, NoNumber, SCHEMA, Timing};
use crate::engine::{Engine, EngineError, Form, StreamNetwork, Window, fill};
use crate::media::{Frame, FrameSource};
use crate::models::CARD;
use crate::predict::{Guess, Labels};
use crate::progress::Unit;

/// A window of more bytes is worth a line before the work.
const WORTH_A_LINE: u64 = 64 << 20;
/// About how many times the window's bytes a base network takes while it runs, prepared and as it is: measured on a0 by
/// tools/bench/cost.py.
const WORK: (u64, u64) = (5, 28);

/// What the base network says of a clip.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// Logits `(classes)`.
    pub logits: Array1<f32>,
    /// The most likely classes, most likely first.
    pub top: Vec<Guess>,
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
    window: Box<dyn Window>,
}

impl Run {
    /// What the models saw, `(frames, size, size, 3)`, float32 in [0, 1].
    pub fn video(&self) -> ArrayView4<'_, f32> {
        self.window.video()
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
    pub fn predict(&self, mut source: impl FrameSource) -> Result<Prediction, SessionError> {
        let read = self.read(&mut source, &mut |_| {})?;
        let base = self.base()?;
        let logits = read.window.predict()?;
        let labels = self.labels(logits.len())?;
        let answer = Answer::read(logits.view().insert_axis(Axis(0)), base.reading);
        let answer = answer.map_err(|fault| SessionError::not_a_number(&base.info.name, None, fault, &labels))?;
        self.tell(base, &answer);
        let top = labels.top(answer.probabilities[0].view(), self.top_k);
        Ok(Prediction { logits, top })
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

    /// As [`Session::compare`], giving all numbers. `seen` is shown each frame as it is read, before the models see any.
    ///
    /// # Errors
    /// [`SessionError`] when there is not both a base and a stream model, when the two differ in their number of classes,
    /// or what the source or the engines say.
    pub fn run(&self, source: &mut dyn FrameSource, seen: &mut dyn FnMut(Frame<'_>)) -> Result<Run, SessionError> {
        let began = Instant::now();
        let (base, stream) = (self.base()?, self.stream_model()?);
        let info = source.info().clone();
        let (read, decode) = timed(|| self.read(source, seen));
        let Filled { window, durations } = read?;
        if let Some(warning) = source.warning() {
            self.progress.warning(warning);
        }
        let size = self.size()?;
        let ((base_logits, base_time), streamed) = thread::scope(|scope| {
            let base = scope.spawn(|| timed(|| window.predict()));
            let streamed = self.streamed(&*stream.network, window.video());
            (super::loading::joined(base), streamed)
        });
        let (base_logits, streamed) = (base_logits?, streamed?);
        let classes = base_logits.len();
        let labels = self.labels(classes)?;
        let steps = streamed.logits.len();
        let Some(first) = streamed.logits.first() else {
            let (frames, needed) = (durations.len(), stream.network.frames_per_step());
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
        if let Some(odd) = streamed.logits.iter().find(|logits| logits.len() != classes || classes == 0) {
            let (got, expected) = (odd.len(), classes.max(1));
            return Err(EngineError::Size { what: "logits", got, expected }.into());
        }
        let mut stream_logits = Array2::zeros((steps, classes));
        for (mut row, logits) in stream_logits.axis_iter_mut(Axis(0)).zip(&streamed.logits) {
            row.assign(logits);
        }
        let shown = durations.iter().fold(Duration::ZERO, |shown, duration| shown.saturating_add(*duration));
        let (load_base, load_stream) = self.loading();
        Ok(Run {
            clip: ClipInfo {
                path: info.path,
                frames: durations.len(),
                width: info.width,
                height: info.height,
                fps: (!shown.is_zero()).then(|| durations.len() as f64 / shown.as_secs_f64()),
                size,
            },
            models: Models { base: base.info.clone(), stream: stream.info.clone() },
            tensorflow: self.tensorflow.clone(),
            logits: Logits { base: base_logits, stream: stream_logits },
            labels,
            durations,
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
                stream_total: streamed.total.as_secs_f64(),
                stream_inside: streamed.inside.as_secs_f64(),
                total: began.elapsed().as_secs_f64(),
            },
            readings: [base.reading, stream.reading],
            frames_per_step: stream.network.frames_per_step().max(1),
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

    fn tell<N: ?Sized>(&self, model: &Ready<N>, answer: &Answer) {
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
    fn read(&self, source: &mut dyn FrameSource, seen: &mut dyn FnMut(Frame<'_>)) -> Result<Filled, SessionError> {
        let (base, size) = (self.base()?, self.size()?);
        if let Some(frames) = source.info().frames {
            let bytes = window::bytes(frames, size)?;
            let work = match base.info.engine {
                Engine::TensorFlow(Form::Prepared) => WORK.0,
                Engine::TensorFlow(Form::Reference) => WORK.1,
                Engine::Fake | Engine::Other(_) => 0,
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
        window::read(&*base.network, source, size, seen)
    }

    /// Streams a clip that is in memory.
    fn streamed(&self, network: &dyn StreamNetwork, video: ArrayView4<f32>) -> Result<Streamed, EngineError> {
        let (frames, height, width, _) = video.dim();
        let task = self.progress.begin("streaming", Some(frames as u64), Unit::Frames);
        let began = Instant::now();
        let mut stream = network.begin(height, width)?;
        let (mut logits, mut times) = (Vec::new(), Vec::new());
        for frame in video.axis_iter(Axis(0)) {
            let began = Instant::now();
            fill(stream.input(), frame)?;
            if let Some(step) = stream.step()? {
                logits.push(step);
                times.push(began.elapsed());
            }
            task.advance(1);
        }
        match frames % network.frames_per_step().max(1) {
            0 => {}
            left_over => self.progress.warning(&format!(
                "the stream model takes {} frames at a time: the last {left_over} are left over",
                network.frames_per_step()
            )),
        }
        Ok(Streamed { logits, times, total: began.elapsed(), inside: stream.time_inside() })
    }
}

/// What a stream gave for a clip.
struct Streamed {
    /// After each step.
    logits: Vec<Array1<f32>>,
    /// How long each step took.
    times: Vec<Duration>,
    total: Duration,
    inside: Duration,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
