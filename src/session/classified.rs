//! What the models say of a clip in the end: what they say after each of its frames is not kept.

use ndarray::{Array1, Array2, Axis};

use super::run::{Whole, rows};
use super::{Ready, Session, SessionError};
use crate::answer::{Answer, Reading};
use crate::engine::StreamNetwork;
use crate::media::FrameSource;
use crate::predict::Labels;

/// What the models of a session say of a clip in the end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Classified {
    /// Frames that they were shown; of several views, those of one.
    pub frames: usize,
    /// What the stream model says after the last frame, where there is one.
    pub stream: Option<Classes>,
    /// What the base model says, where there is one.
    pub base: Option<Classes>,
    /// Names of the classes.
    pub labels: Labels,
}

/// What a model says of a clip.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Classes {
    /// Its output `(views, outputs)`; one view, but by [`Sampling::Kinetics`](crate::media::Sampling::Kinetics).
    pub logits: Array2<f32>,
    /// Probabilities `(classes)`; of several views, their mean.
    pub probabilities: Array1<f64>,
}

impl Classes {
    /// `logits` of views, read as `answer`, of which the last prediction counts.
    fn of(logits: Array2<f32>, answer: &Answer) -> Self {
        Self { logits, probabilities: answer.probabilities.last().cloned().unwrap_or_default() }
    }
}

impl Session {
    /// What the session's models say of `source` in the end: the numbers of [`Session::run`], in the memory of a few frames
    /// where a stream model is alone.
    ///
    /// # Errors
    /// What the source or the engines say; [`SessionError::NotANumber`] when a model gave anything else.
    pub fn classify<S: FrameSource + 'static>(&self, mut source: S) -> Result<Classified, SessionError> {
        match (&self.base, &self.stream) {
            (Some(_), Some(_)) => {
                let run = self.run(&mut source, &mut |_| {})?;
                let answers = run.answers()?;
                self.tell_of(&answers)?;
                let views = run.logits.base.nrows().max(1);
                let predictions = run.logits.stream.nrows() / views;
                let last: Vec<usize> = (1..=views).map(|view| view * predictions - 1).collect();
                let stream = run.logits.stream.select(Axis(0), &last);
                Ok(Classified {
                    frames: run.clip.frames,
                    stream: Some(Classes::of(stream, &answers.stream)),
                    base: Some(Classes::of(run.logits.base, &answers.base)),
                    labels: run.labels,
                })
            }
            (Some(_), None) => {
                let Whole { frames, logits, answer, labels } = self.seen_whole(source)?;
                Ok(Classified { frames, stream: None, base: Some(Classes::of(logits, &answer)), labels })
            }
            (None, Some(stream)) => self.streamed_to_the_end(stream, source),
            (None, None) => Err(SessionError::NoModel),
        }
    }

    /// `source` through the stream network, whose last prediction is kept.
    fn streamed_to_the_end<S: FrameSource + 'static>(
        &self,
        model: &Ready<dyn StreamNetwork>,
        source: S,
    ) -> Result<Classified, SessionError> {
        let views = self.rule()?.views().max(1);
        let path = source.info().path.clone();
        let mut streaming = self.stream(source)?;
        let a_view = streaming.frames_of_a_view();
        let mut last = Vec::<Array1<f32>>::new();
        // How the last one is read depends on all before, as where they are kept.
        let mut reading = Reading::Probabilities;
        for step in &mut streaming {
            let step = step?;
            let logits = step.logits.view().insert_axis(Axis(0));
            if reading == Reading::Probabilities {
                reading = Reading::of(logits);
            }
            let view = a_view.map_or(0, |a_view| step.frame / a_view);
            last.truncate(view);
            last.push(step.logits);
        }
        let frames = streaming.frames();
        if let Some(warning) = streaming.warning() {
            self.progress.warning(warning);
        }
        let Some(first) = last.first() else {
            let needed = model.network.frames_per_step();
            return Err(match frames {
                0 => self.nothing_left(SessionError::NoFrames { path }),
                _ => SessionError::TooShort { path, frames, needed },
            });
        };
        let logits = rows(&last, first.len())?;
        let labels = self.labels(first.len())?;
        let known = model.reading.or_else(|| (Reading::of(logits.view()) != reading).then_some(reading));
        let answer = Answer::read(logits.view(), known);
        let answer = answer.map_err(|fault| SessionError::not_a_number(&model.info.name, None, fault, &labels))?;
        self.tell(model, &answer);
        let stream = Some(Classes::of(logits, &answer.averaged(1)));
        Ok(Classified { frames: frames / views, stream, base: None, labels })
    }
}
