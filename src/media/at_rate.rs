//! A source at another frame rate: frames are repeated or left out, never blended.

use std::time::Duration;

use super::pixels::Kept;
use super::{Frame, FrameRate, FrameSource, MediaError, Moment, PerSecond, SourceInfo};

/// Times are compared as floats: a nanosecond's slack keeps 0.3 / 0.1 on the right side.
const SLACK: f64 = 1e-9;

/// A source at a frame rate: at times 0, 1/fps, 2/fps, ... the frame that is on screen then; as many
/// as the source's duration times the rate is, rounded, and at least one.
///
/// A source that ends before its time is up (a damaged file) ends here too, where its last frame does. One that doesn't say
/// how long it is (a video file) is read half a tick ahead, so that the last tick is the same as if it had.
#[derive(Debug)]
pub struct AtRate<S> {
    source: S,
    /// `None` where frames are passed on as they are.
    ticks: Option<Ticks>,
    /// What there is to say of the rate, and of the source where it had something to say too.
    warning: Option<String>,
}

impl<S: FrameSource> AtRate<S> {
    /// `source` at `rate`.
    ///
    /// # Errors
    /// [`MediaError::NoDelays`] when a rate is asked for and the source does not say how long its frames last. One
    /// that never ends says so by its frames: there the error comes from [`advance`](FrameSource::advance).
    pub fn new(source: S, rate: FrameRate) -> Result<Self, MediaError> {
        let FrameRate::PerSecond(rate) = rate else {
            return Ok(Self { source, ticks: None, warning: None });
        };
        let info = source.info();
        if info.is_untimed() {
            return Err(MediaError::NoDelays { path: info.path.clone() });
        }
        let ticks = Ticks::new(rate, info);
        let mut at_rate = Self { source, ticks: Some(ticks), warning: None };
        at_rate.warn();
        Ok(at_rate)
    }

    fn warn(&mut self) {
        let few = self.ticks.as_ref().and_then(|ticks| few_are_left(self.source.info(), ticks));
        self.warning = few.map(|few| match self.source.warning() {
            Some(warning) => format!("{warning}; and {few}"),
            None => few,
        });
    }
}

/// What to say where the rate leaves out most of a clip: of one whose times are hardly meant, or that becomes one frame.
fn few_are_left(source: &SourceInfo, ticks: &Ticks) -> Option<String> {
    let (frames, left) = (source.frames?, ticks.info.frames?);
    let hardly_meant = source.too_brief * 2 >= frames;
    if left >= frames || !(hardly_meant || left == 1) {
        return None;
    }
    let claimed = (source.fps()? * 10.0).round() / 10.0;
    let doubt = if hardly_meant { ", faster than viewers show it," } else { "" };
    Some(format!(
        "the clip says that it has {claimed} frames a second{doubt} and so {} leaves {left} of its {frames} frames; \
         every one is taken at the native rate (--fps native)",
        FrameRate::PerSecond(ticks.rate)
    ))
}

impl<S: FrameSource> FrameSource for AtRate<S> {
    fn info(&self) -> &SourceInfo {
        self.ticks.as_ref().map_or_else(|| self.source.info(), |ticks| &ticks.info)
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        let Some(ticks) = &mut self.ticks else { return self.source.advance() };
        if ticks.ended || ticks.is_over() {
            return Ok(false);
        }
        let more = ticks.find(&mut self.source).inspect_err(|_| ticks.ended = true)?;
        ticks.ended = !more;
        ticks.given += usize::from(more);
        if !more {
            self.warn();
        }
        Ok(more)
    }

    fn frame(&self) -> Frame<'_> {
        let frame = self.source.frame();
        match &self.ticks {
            Some(ticks) => {
                let Moment { time, duration } = ticks.moment(ticks.given.saturating_sub(1));
                Frame { pixels: ticks.held.as_ref().map_or(frame.pixels, |held| held.view()), time, duration }
            }
            None => frame,
        }
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        let moments = self.source.moments()?;
        let Some(ticks) = &self.ticks else { return Ok(moments) };
        let count = |moments: &[Moment]| moments.last().map_or(0, |last| ticks.rate.count(last.end()));
        Ok(moments.map(|moments| (0..count(&moments)).map(|tick| ticks.moment(tick)).collect()))
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref().or_else(|| self.source.warning())
    }
}

#[derive(Debug)]
struct Ticks {
    rate: PerSecond,
    info: SourceInfo,
    /// How long the source's frames last together, where it says so.
    total: Option<Duration>,
    /// Until when the source's frame is on screen; `None` before the first one.
    shown_until: Option<Duration>,
    /// Whether the source's frame says how long it is shown.
    is_timed: bool,
    /// The frame of the tick, where the source is read ahead.
    held: Option<Kept>,
    /// Ticks that were given.
    given: usize,
    ended: bool,
}

impl Ticks {
    fn new(rate: PerSecond, source: &SourceInfo) -> Self {
        let frames = source.duration.map(|total| rate.count(total));
        let duration = frames.map(|count| times(rate.step(), count));
        let info = SourceInfo { frames, duration, ..source.clone() };
        let (total, shown_until, held) = (source.duration, None, None);
        Self { rate, info, total, shown_until, is_timed: true, held, given: 0, ended: false }
    }

    fn is_over(&self) -> bool {
        self.info.frames.is_some_and(|count| self.given >= count)
    }

    fn moment(&self, tick: usize) -> Moment {
        Moment { time: times(self.rate.step(), tick), duration: self.rate.step() }
    }

    /// Goes on to the source's frame that is on screen at the next tick; `false` where there is none.
    fn find(&mut self, source: &mut impl FrameSource) -> Result<bool, MediaError> {
        let time = self.given as f64 / self.rate.get();
        while !self.is_shown_at(time + 2.0 * SLACK) {
            if !self.follow(source)? {
                // Rounding may put a last tick at the very end; a source that ended early has no frame for it.
                return Ok(self.shown_until.is_some_and(|until| self.total.is_some_and(|total| until >= total)));
            }
        }
        if self.total.is_some() {
            return Ok(true);
        }
        Kept::keep(&mut self.held, source.frame().pixels);
        let belongs_from = (self.given as f64 + 0.5) / self.rate.get();
        while !self.is_shown_at(belongs_from) {
            if !self.follow(source)? {
                return Ok(self.given == 0);
            }
        }
        Ok(true)
    }

    /// Whether the source's frame is on screen up to `time`.
    fn is_shown_at(&self, time: f64) -> bool {
        self.shown_until.is_some_and(|until| until.as_secs_f64() > time - SLACK)
    }

    /// Goes on to the source's next frame.
    fn follow(&mut self, source: &mut impl FrameSource) -> Result<bool, MediaError> {
        let Some(frame) = source.next_frame()? else { return Ok(false) };
        let was_timed = std::mem::replace(&mut self.is_timed, !frame.duration.is_zero());
        if self.total.is_none() && !was_timed && !self.is_timed {
            return Err(MediaError::NoDelays { path: self.info.path.clone() }); // it might go on so for ever
        }
        self.shown_until = Some(frame.moment().end());
        Ok(true)
    }
}

/// `count` times `step`, or the longest duration.
fn times(step: Duration, count: usize) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let nanoseconds = step.as_nanos().saturating_mul(count as u128);
    u64::try_from(nanoseconds / SECOND)
        .map_or(Duration::MAX, |seconds| Duration::new(seconds, (nanoseconds % SECOND) as u32))
}

#[cfg(test)]
mod tests;
