//! A source as a model is shown it by a rule: which frames, at which rate, and how they are cut.

use std::collections::BTreeMap;

use ndarray::{Array3, ArrayView3};

use super::{
    AtRate, Choice, Cutter, Frame, FrameRate, FrameSource, MediaError, Moment, Part, Rule, SourceInfo, choice,
};

/// Frames as a model is shown them, one after the other.
pub trait Cuts: Send {
    /// What is known of the source.
    fn info(&self) -> &SourceInfo;

    /// How many frames there are, where that is known.
    fn frames(&self) -> Option<usize>;

    /// Height and width of what the model sees.
    fn shape(&self) -> (usize, usize);

    /// What a careful user wants to know of the source; at its end, all of it.
    fn warning(&self) -> Option<&str>;

    /// Writes the next frame to `to`, RGB float32 in [0, 1], `(height, width, 3)`; `None` at the end.
    ///
    /// # Errors
    /// What the source says; [`MediaError::Size`] where `to` is of another size.
    fn next(&mut self, to: &mut [f32]) -> Result<Option<Moment>, MediaError>;
}

/// A source as a model is shown it, each of whose frames somebody sees as it is read.
#[derive(Debug)]
pub struct Seen<'a, S, F: ?Sized> {
    /// The source.
    pub sampled: Sampled<S>,
    /// Who is shown the frames.
    pub seen: &'a mut F,
}

impl<S: FrameSource, F: FnMut(Frame<'_>) + Send + ?Sized> Cuts for Seen<'_, S, F> {
    fn info(&self) -> &SourceInfo {
        self.sampled.info()
    }

    fn frames(&self) -> Option<usize> {
        self.sampled.frames()
    }

    fn shape(&self) -> (usize, usize) {
        self.sampled.shape()
    }

    fn warning(&self) -> Option<&str> {
        self.sampled.warning()
    }

    fn next(&mut self, to: &mut [f32]) -> Result<Option<Moment>, MediaError> {
        self.sampled.next(to, &mut |frame| (self.seen)(frame))
    }
}

/// A source as a model is shown it.
///
/// It holds one frame, and by [`Choice::Kinetics`] all that it will give, because a frame may come several times.
#[derive(Debug)]
pub struct Sampled<S> {
    source: AtRate<Part<S>>,
    cutter: Cutter,
    taken: Taken,
    /// Frames that were given.
    given: usize,
}

/// Which frames are taken.
#[derive(Debug)]
enum Taken {
    Every,
    /// These, of a source that is read up to frame `next`; beyond its end there are black ones.
    Listed {
        wanted: Vec<usize>,
        step: u32,
        next: usize,
        ended: bool,
        last: Moment,
        black: Array3<u8>,
    },
    /// These, which are read before the first one is given: frames by their index, cut, and when each is shown.
    Gathered {
        wanted: Vec<usize>,
        frames: BTreeMap<usize, Vec<f32>>,
        stride: usize,
    },
}

impl<S: FrameSource> Sampled<S> {
    /// `source` as a model of `size` pixels is shown it by `rule`.
    ///
    /// # Errors
    /// [`MediaError`] when the source has no times and the rule needs them, or cannot tell how many frames it has.
    pub fn new(source: S, rule: &Rule, size: usize) -> Result<Self, MediaError> {
        let is_counted = matches!(rule.choice, Choice::Kinetics { .. });
        // What nothing times (pictures, arrays) was at the rate before, for a rule that counts.
        let rate = if is_counted && source.info().is_untimed() { FrameRate::Native } else { rule.rate };
        let mut source = AtRate::new(Part::new(source, rule.from, rule.to)?, rate)?;
        let (height, width) = (source.info().height, source.info().width);
        let cutter = Cutter::new(rule.space, (height, width), size);
        let taken = match rule.choice {
            Choice::Every => Taken::Every,
            Choice::Letterbox { start, frames, step } => Taken::Listed {
                wanted: choice::letterbox(start, frames, step),
                step: step as u32,
                next: 0,
                ended: false,
                last: Moment::default(),
                black: Array3::zeros((height, width, 3)),
            },
            Choice::Kinetics { frames, stride, views } => {
                let Some(moments) = source.moments()? else {
                    return Err(MediaError::Uncounted { path: source.info().path.clone(), sampling: rule.sampling });
                };
                let wanted = choice::kinetics(moments.len(), frames, stride, views).concat();
                Taken::Gathered { wanted, frames: BTreeMap::new(), stride }
            }
        };
        Ok(Self { source, cutter, taken, given: 0 })
    }

    /// What is known of the source.
    pub fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    /// How many frames it gives, where that is known.
    pub fn frames(&self) -> Option<usize> {
        match &self.taken {
            Taken::Every => self.info().frames,
            Taken::Listed { wanted, .. } | Taken::Gathered { wanted, .. } => Some(wanted.len()),
        }
    }

    /// Height and width of what the model sees.
    pub fn shape(&self) -> (usize, usize) {
        self.cutter.shape()
    }

    /// What a careful user wants to know of the source.
    pub fn warning(&self) -> Option<&str> {
        self.source.warning()
    }

    /// Writes the next frame as the model sees it to `to`, RGB float32 in [0, 1], `(height, width, 3)`, and shows it to
    /// `seen` as the source has it, by [`Choice::Kinetics`] as the model sees it; `None` at the end.
    ///
    /// # Errors
    /// What the source says; [`MediaError::Size`] where `to` is of another size.
    pub fn next(&mut self, to: &mut [f32], seen: &mut dyn FnMut(Frame<'_>)) -> Result<Option<Moment>, MediaError> {
        let moment = match &mut self.taken {
            Taken::Every => match self.source.next_frame()? {
                None => return Ok(None),
                Some(frame) => cut(&self.cutter, frame, to, seen)?,
            },
            Taken::Listed { wanted, step, next, ended, last, black } => {
                let Some(&index) = wanted.get(self.given) else { return Ok(None) };
                while !*ended && *next <= index {
                    *ended = !self.source.advance()?;
                    *next += usize::from(!*ended);
                }
                match *ended && *next <= index {
                    false => {
                        let Moment { time, duration } = cut(&self.cutter, self.source.frame(), to, seen)?;
                        *last = Moment { time, duration: duration.saturating_mul(*step) };
                    }
                    true if self.given == 0 => return Ok(None), // it begins beyond the end
                    true => {
                        *last = Moment { time: last.end(), ..*last };
                        let Moment { time, duration } = *last;
                        cut(&self.cutter, Frame { pixels: black.view().into(), time, duration }, to, seen)?;
                    }
                }
                *last
            }
            Taken::Gathered { wanted, frames, stride } => {
                if self.given == 0 {
                    gather(&mut self.source, &self.cutter, wanted, frames)?;
                }
                let Some(index) = wanted.get(self.given) else { return Ok(None) };
                let pixels = frames.get(index).map_or(&[][..], Vec::as_slice);
                let (height, width) = self.cutter.shape();
                let duration = self.source.frame().duration.saturating_mul(*stride as u32);
                let moment = Moment { time: duration.saturating_mul(self.given as u32), duration };
                let Ok(view) = ArrayView3::from_shape((height, width, 3), pixels) else { return Ok(None) };
                if to.len() != pixels.len() {
                    let (got, expected) = (vec![to.len()], vec![pixels.len()]);
                    return Err(MediaError::Size { what: "buffer", got, expected });
                }
                to.copy_from_slice(pixels);
                seen(Frame { pixels: view.into(), time: moment.time, duration });
                moment
            }
        };
        self.given += 1;
        Ok(Some(moment))
    }
}

fn cut(
    cutter: &Cutter,
    frame: Frame<'_>,
    to: &mut [f32],
    seen: &mut dyn FnMut(Frame<'_>),
) -> Result<Moment, MediaError> {
    cutter.run(frame.pixels, to)?;
    seen(frame);
    Ok(frame.moment())
}

/// Reads the frames of `source` that are `wanted`, each once.
fn gather(
    source: &mut impl FrameSource,
    cutter: &Cutter,
    wanted: &[usize],
    frames: &mut BTreeMap<usize, Vec<f32>>,
) -> Result<(), MediaError> {
    let needed: std::collections::BTreeSet<usize> = wanted.iter().copied().collect();
    let mut index = 0;
    for needed in needed {
        while index <= needed {
            if !source.advance()? {
                // It has fewer frames than it said before.
                return Err(MediaError::Truncated { path: source.info().path.clone(), whole: index });
            }
            index += 1;
        }
        let mut pixels = vec![0.0; cutter.len()];
        cutter.run(source.frame().pixels, &mut pixels)?;
        frames.insert(needed, pixels);
    }
    Ok(())
}
