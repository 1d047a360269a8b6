//! A part of a source, by presentation time.

use std::time::Duration;

use super::{Frame, FrameSource, MediaError, Moment, SourceInfo};

/// The frames of a source that begin at `from` or later and before `to`, both since the source's beginning; their times
/// count from `from`.
#[derive(Debug)]
pub struct Part<S> {
    source: S,
    info: SourceInfo,
    from: Duration,
    to: Duration,
    ended: bool,
}

impl<S: FrameSource> Part<S> {
    /// The part of `source` from `from` to `to`, or to its end.
    ///
    /// # Errors
    /// [`MediaError::NoPart`] where it ends before it begins, [`MediaError::NoDelays`] where the source doesn't say when
    /// its frames are shown.
    pub fn new(source: S, from: Duration, to: Option<Duration>) -> Result<Self, MediaError> {
        let (mut info, to) = (source.info().clone(), to.unwrap_or(Duration::MAX));
        let is_whole = from.is_zero() && to == Duration::MAX;
        if from >= to {
            return Err(MediaError::NoPart { path: info.path, from, to });
        }
        if !is_whole {
            if info.is_untimed() {
                return Err(MediaError::NoDelays { path: info.path });
            }
            // How many frames begin in between is not known before they come.
            (info.frames, info.duration) = (None, None);
        }
        Ok(Self { source, info, from, to, ended: false })
    }

    fn holds(&self, moment: Moment) -> bool {
        (self.from..self.to).contains(&moment.time)
    }
}

impl<S: FrameSource> FrameSource for Part<S> {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        while !self.ended && self.source.advance()? {
            let moment = self.source.frame().moment();
            match self.holds(moment) {
                true => return Ok(true),
                false => self.ended = moment.time >= self.to,
            }
        }
        self.ended = true;
        Ok(false)
    }

    fn frame(&self) -> Frame<'_> {
        let frame = self.source.frame();
        Frame { time: frame.time.saturating_sub(self.from), ..frame }
    }

    fn warning(&self) -> Option<&str> {
        self.source.warning()
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        let moments = self.source.moments()?;
        let part = |moment: Moment| Moment { time: moment.time - self.from, ..moment };
        Ok(moments.map(|moments| moments.into_iter().filter(|&moment| self.holds(moment)).map(part).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::MadeSource;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn part(from: u64, to: Option<u64>) -> Part<MadeSource> {
        Part::new(MadeSource::new(10, 2, 2, 10.0), MS(from), to.map(MS)).unwrap()
    }

    #[test]
    fn frames_are_those_that_begin_in_it() {
        for (from, to, count) in
            [(0, None, 10), (0, Some(1), 1), (100, Some(300), 2), (101, Some(301), 2), (950, None, 0)]
        {
            let mut part = part(from, to);
            let moments = part.moments().unwrap().unwrap();
            let mut seen = Vec::new();
            while let Some(frame) = part.next_frame().unwrap() {
                seen.push(frame.moment());
            }
            assert_eq!((seen.len(), &seen), (count, &moments), "{from} to {to:?}");
            assert!(!part.advance().unwrap());
        }
    }

    #[test]
    fn times_count_from_its_beginning() {
        let mut part = part(250, Some(500));
        assert_eq!(part.next_frame().unwrap().unwrap().time, MS(50));
        assert_eq!((part.info().frames, part.info().duration), (None, None));
    }

    #[test]
    fn nothing_is_no_part() {
        for (from, to) in [(5, 5), (6, 5)] {
            let refused = Part::new(MadeSource::new(10, 2, 2, 10.0), MS(from), Some(MS(to)));
            assert!(matches!(refused, Err(MediaError::NoPart { .. })));
        }
    }
}
