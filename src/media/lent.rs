//! A source that is lent to one reader after the other, each of which goes on where the one before it stopped.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::{Frame, FrameSource, MediaError, Moment, SourceInfo};

/// Lends a source. Parts of it that follow each other are read in one pass so.
#[derive(Debug)]
pub struct Lender<S> {
    /// Where readers bring the source back to.
    back: Receiver<Inside<S>>,
    give_back: Sender<Inside<S>>,
    ended: bool,
}

/// A source and where reading stands.
#[derive(Debug)]
struct Inside<S> {
    source: S,
    /// When its first frame is shown.
    first: Option<Duration>,
    /// The frame that it stands at is to be given once more.
    again: bool,
    ended: bool,
}

/// A source that is lent; it goes back when this is dropped. The frame that its reader stopped at is the next one's first.
/// Times count from the source's first frame.
#[derive(Debug)]
pub struct Lent<S> {
    inside: Option<Inside<S>>,
    info: SourceInfo,
    give_back: Sender<Inside<S>>,
}

impl<S: FrameSource> Lender<S> {
    /// Lends `source`.
    pub fn new(source: S) -> Self {
        let (give_back, back) = channel();
        let _ = give_back.send(Inside { source, first: None, again: false, ended: false }); // `back` is there
        Self { back, give_back, ended: false }
    }

    /// The source, as soon as the last reader is done with it.
    pub fn lend(&mut self) -> Option<Lent<S>> {
        let inside = self.back.recv().ok()?;
        let mut info = SourceInfo { origin: Some(Duration::ZERO), ..inside.source.info().clone() };
        if !info.is_untimed() {
            (info.frames, info.duration) = (None, None); // how many frames are left is not known
        }
        Some(Lent { inside: Some(inside), info, give_back: self.give_back.clone() })
    }

    /// Whether the last reader came to the source's end; waits until it is done.
    pub fn has_ended(&mut self) -> bool {
        if let Ok(inside) = self.back.recv() {
            self.ended = inside.ended;
            let _ = self.give_back.send(inside); // `back` is there
        }
        self.ended
    }
}

impl<S: FrameSource> FrameSource for Lent<S> {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        let Some(inside) = &mut self.inside else { return Ok(false) };
        if std::mem::take(&mut inside.again) {
            return Ok(true);
        }
        inside.ended = !inside.source.advance()?;
        if !inside.ended {
            let time = inside.source.frame().time;
            inside.first.get_or_insert(time);
        }
        Ok(!inside.ended)
    }

    fn frame(&self) -> Frame<'_> {
        match &self.inside {
            Some(Inside { source, first, .. }) => {
                let frame = source.frame();
                Frame { time: frame.time.saturating_sub(first.unwrap_or_default()), ..frame }
            }
            None => unreachable!("it is there until it is dropped"),
        }
    }

    fn warning(&self) -> Option<&str> {
        self.inside.as_ref()?.source.warning()
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        Ok(None)
    }
}

impl<S> Drop for Lent<S> {
    fn drop(&mut self) {
        if let Some(inside) = self.inside.take() {
            let again = !inside.ended && inside.first.is_some();
            let _ = self.give_back.send(Inside { again, ..inside }); // the lender may be gone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{MadeSource, Part};

    #[test]
    fn parts_that_follow_each_other_are_those_of_the_whole_source() {
        const MS: fn(u64) -> Duration = Duration::from_millis;
        let made = || MadeSource::new(10, 2, 2, 10.0);
        let times = |source: &mut dyn FrameSource| {
            let mut times = Vec::new();
            while source.advance().unwrap() {
                times.push(source.frame().moment());
            }
            times
        };
        let mut lender = Lender::new(made());
        for (from, to, ended) in [(0, 300, false), (300, 301, false), (500, 777, false), (777, 2000, true)] {
            let alone = times(&mut Part::new(made(), MS(from), Some(MS(to))).unwrap());
            let part = Part::new(lender.lend().unwrap(), MS(from), Some(MS(to))).unwrap();
            assert_eq!(times(&mut { part }), alone, "{from} to {to}");
            assert_eq!(lender.has_ended(), ended, "{from} to {to}");
        }
    }
}
