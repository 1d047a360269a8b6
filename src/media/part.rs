//! A part of a source, by presentation time.

use std::time::Duration;

use super::{Frame, FrameSource, MediaError, Moment, SourceInfo};

/// The frames of a source that begin at `from` or later and before `to`, both since its first frame; their times count
/// from `from`, and the last one lasts no longer than up to `to`.
#[derive(Debug)]
pub struct Part<S> {
    source: S,
    info: SourceInfo,
    from: Duration,
    to: Duration,
    /// When the source's first frame is shown.
    first: Option<Duration>,
    ended: bool,
}

impl<S: FrameSource> Part<S> {
    /// The part of `source` from `from` to `to`, or to its end.
    ///
    /// # Errors
    /// [`MediaError::NoPart`] where it ends before it begins, [`MediaError::NoTimes`] where the source doesn't say when
    /// its frames are shown.
    pub fn new(source: S, from: Duration, to: Option<Duration>) -> Result<Self, MediaError> {
        let (mut info, to) = (source.info().clone(), to.unwrap_or(Duration::MAX));
        let is_whole = from.is_zero() && to == Duration::MAX;
        if from >= to {
            return Err(MediaError::NoPart { path: info.path, from, to });
        }
        let first = info.origin.take();
        if !is_whole {
            if info.is_untimed() {
                return Err(MediaError::NoTimes { path: info.path });
            }
            // How many frames begin in between is not known before they come.
            (info.frames, info.duration) = (None, None);
        }
        Ok(Self { source, info, from, to, first, ended: false })
    }

    /// What `moment` is here; `None` for one that is not in between.
    fn moment(&self, moment: Moment) -> Option<Moment> {
        let since = moment.time.saturating_sub(self.first.unwrap_or_default());
        let duration = moment.duration.min(self.to.saturating_sub(since));
        (self.from..self.to).contains(&since).then(|| Moment { time: since - self.from, duration })
    }
}

impl<S: FrameSource> FrameSource for Part<S> {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        while !self.ended && self.source.advance()? {
            let moment = self.source.frame().moment();
            let first = *self.first.get_or_insert(moment.time);
            if self.moment(moment).is_some() {
                return Ok(true);
            }
            self.ended = moment.time.saturating_sub(first) >= self.to;
        }
        self.ended = true;
        Ok(false)
    }

    fn frame(&self) -> Frame<'_> {
        let frame = self.source.frame();
        let Moment { time, duration } = self.moment(frame.moment()).unwrap_or_default();
        Frame { time, duration, ..frame }
    }

    fn warning(&self) -> Option<&str> {
        self.source.warning()
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        let Some(moments) = self.source.moments()? else { return Ok(None) };
        self.first = moments.first().map(|moment| moment.time);
        Ok(Some(moments.into_iter().filter_map(|moment| self.moment(moment)).collect()))
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
    fn the_last_frame_is_cut() {
        let mut part = part(0, Some(250));
        while part.advance().unwrap() {}
        let moments = part.moments().unwrap().unwrap();
        assert_eq!(moments.last().unwrap().duration, MS(50));
    }

    #[test]
    fn nothing_is_no_part() {
        for (from, to) in [(5, 5), (6, 5)] {
            let refused = Part::new(MadeSource::new(10, 2, 2, 10.0), MS(from), Some(MS(to)));
            assert!(matches!(refused, Err(MediaError::NoPart { .. })));
        }
    }
}
