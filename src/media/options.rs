//! What may be asked for when a clip is shown to a model.

use std::time::Duration;

use super::{FrameRate, MediaError, Sampling};

/// What is asked for; what is not, is as the models tell, or the rule's source has it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SamplingOptions {
    /// The rule; where none is named, [`Sampling::Tutorial`].
    pub sampling: Option<Sampling>,
    /// What is shown before is left out, since the clip's first frame.
    pub from: Option<Duration>,
    /// And what is shown from there on.
    pub to: Option<Duration>,
    /// The rate at which a clip is looked at, instead of the rule's.
    pub rate: Option<Rate>,
    /// Views of [`Sampling::Kinetics`]: parts of the clip that are looked at alone, and whose probabilities are averaged.
    pub views: Option<usize>,
    /// Frames of a view of [`Sampling::Kinetics`], or of [`Sampling::Letterbox`].
    pub frames: Option<usize>,
    /// How many frames of the clip they are apart.
    pub step: Option<usize>,
    /// The first frame of [`Sampling::Letterbox`].
    pub start: Option<usize>,
}

/// A rate, or where to find it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Rate {
    /// This one.
    Fixed(FrameRate),
    /// What the model was trained on.
    Model,
}

impl Rate {
    /// This rate, of a model that was trained on `fps` frames a second, where that is known.
    ///
    /// # Errors
    /// [`MediaError::NoRate`] where it isn't.
    pub(super) fn of(self, fps: Option<f64>) -> Result<FrameRate, MediaError> {
        match self {
            Self::Fixed(rate) => Ok(rate),
            Self::Model => FrameRate::per_second(fps.ok_or(MediaError::NoRate)?),
        }
    }
}

impl SamplingOptions {
    /// The rule of these options.
    pub(super) fn rule(&self) -> Sampling {
        self.sampling.unwrap_or_default()
    }

    /// Refuses what would be of no effect.
    ///
    /// # Errors
    /// [`MediaError::Wish`].
    pub(super) fn refuse_useless(&self) -> Result<(), MediaError> {
        let sampling = self.rule();
        let (kinetics, letterbox) = (sampling == Sampling::Kinetics, sampling == Sampling::Letterbox);
        let wanted = [
            ("views", self.views, kinetics),
            ("frames", self.frames, kinetics || letterbox),
            ("step", self.step, kinetics || letterbox),
            ("start", self.start, letterbox),
        ];
        for (what, wish, is_of_use) in wanted {
            let Some(wish) = wish else { continue };
            if !is_of_use || (wish == 0 && what != "start") {
                return Err(MediaError::Wish { sampling, what });
            }
        }
        Ok(())
    }
}
