//! A whole clip in the base network's own memory.

use std::path::Path;

use ndarray::Array4;

use super::{Session, SessionError};
use crate::engine::{BaseNetwork, Window};
use crate::media::{Cuts, FrameSource, Moment};

/// The most bytes that a window may take: float32, three channels. What a base network makes of it takes many times more.
const LARGEST: u64 = 2 << 30;
/// The most frames that a window may have; a frame rate makes any number of them out of a few that last long.
const MOST: usize = 8192;
/// Room for so many frames where a source doesn't say how many it has; it doubles from then on.
const GUESS: usize = 64;

/// A clip that was read.
#[derive(Debug)]
pub(super) struct Filled {
    pub window: Box<dyn Window>,
    /// When each frame is shown.
    pub moments: Vec<Moment>,
}

/// Bytes of a window of so many frames of `(height, width)`, of the clip at `path`.
///
/// # Errors
/// [`SessionError::TooMany`], [`SessionError::TooLarge`], or [`SessionError::Memory`] where there is no room for it now.
pub(super) fn bytes(frames: usize, (height, width): (usize, usize), path: &Path) -> Result<u64, SessionError> {
    let frame = (height as u64).saturating_mul(width as u64).saturating_mul(3 * size_of::<f32>() as u64);
    let bytes = (frames as u64).saturating_mul(frame);
    let (size, path) = (height.max(width), path.to_owned());
    match bytes {
        _ if frames > MOST => Err(SessionError::TooMany { path, frames, limit: MOST }),
        _ if bytes > LARGEST => Err(SessionError::TooLarge { path, frames, size, bytes, limit: LARGEST }),
        // Given back at once: who fills it takes it then, and would end the process where it isn't there.
        _ if Vec::<u8>::new().try_reserve_exact(bytes as usize).is_err() => {
            Err(SessionError::Memory { what: format!("{frames} frames of {height}x{width}"), bytes })
        }
        _ => Ok(bytes),
    }
}

impl Session {
    /// All of `source` as the models see it, `(frames, height, width, 3)`, float32 in [0, 1]; of views one after the other.
    ///
    /// # Errors
    /// [`SessionError::TooLarge`] before anything is read, where the source says how many frames it has; else what the
    /// source says.
    pub fn video(&self, source: impl FrameSource) -> Result<Array4<f32>, SessionError> {
        self.video_up_to(source, usize::MAX)
    }

    /// As [`Session::video`], but no more than the first `most` frames.
    ///
    /// # Errors
    /// Those of [`Session::video`].
    pub fn video_up_to(&self, source: impl FrameSource, most: usize) -> Result<Array4<f32>, SessionError> {
        Ok(self.watched(source, most)?.0)
    }

    /// As [`Session::video_up_to`], and when each of the frames is shown.
    pub(super) fn watched(
        &self,
        source: impl FrameSource,
        most: usize,
    ) -> Result<(Array4<f32>, Vec<Moment>), SessionError> {
        let mut sampled = self.sampled(source)?;
        let (height, width) = sampled.shape();
        let path = sampled.info().path.clone();
        bytes(sampled.frames().unwrap_or_default().min(most), (height, width), &path)?;
        let (mut moments, mut values, mut frame) = (Vec::new(), Vec::new(), vec![0.0; height * width * 3]);
        // Room is made frame by frame: the number of frames that a file claims may be a lie.
        while moments.len() < most {
            let Some(moment) = sampled.next(&mut frame, &mut |_| {})? else { break };
            moments.push(moment);
            bytes(moments.len(), (height, width), &path)?;
            values.extend_from_slice(&frame);
        }
        if let Some(warning) = sampled.warning() {
            self.progress.warning(warning);
        }
        let video = Array4::from_shape_vec((moments.len(), height, width, 3), values)
            .unwrap_or_else(|_| unreachable!("one value was written for every position"));
        Ok((video, moments))
    }
}

/// Reads all of `source` into a window; each frame is shown to `cut` as it comes.
///
/// # Errors
/// Whatever the source says; [`SessionError::NoFrames`], [`SessionError::TooLarge`].
pub(super) fn read(
    network: &dyn BaseNetwork,
    source: &mut dyn Cuts,
    mut cut: impl FnMut(&[f32]),
) -> Result<Filled, SessionError> {
    let (height, width) = source.shape();
    let length = height * width * 3;
    let path = source.info().path.clone();
    let mut room = source.frames().unwrap_or(GUESS);
    bytes(room, (height, width), &path)?;
    let mut window = network.window(room.max(1), height, width)?;
    let mut moments = Vec::new();
    loop {
        let at = moments.len()..moments.len() + 1;
        let place = at.start * length..at.end * length;
        if at.start < room {
            let into = window.pixels().get_mut(place).unwrap_or_default();
            let Some(moment) = source.next(into)? else { break };
            cut(into);
            moments.push(moment);
            continue;
        }
        // More than was said, or nothing was said; or the end.
        let mut frame = vec![0.0; length];
        let Some(moment) = source.next(&mut frame)? else { break };
        bytes(room + 1, (height, width), &path)?;
        room = (room * 2).clamp(GUESS, MOST.max(room + 1));
        window = moved(network, &mut *window, at.start, room, (height, width))?;
        window.pixels().get_mut(place).unwrap_or_default().copy_from_slice(&frame);
        cut(&frame);
        moments.push(moment);
    }
    match moments.len() {
        0 => return Err(SessionError::NoFrames { path: source.info().path.clone() }),
        frames if frames < room => window = moved(network, &mut *window, frames, frames, (height, width))?,
        _ => {}
    }
    Ok(Filled { window, moments })
}

/// The first `frames` of `window` in one with room for `room`.
fn moved(
    network: &dyn BaseNetwork,
    window: &mut dyn Window,
    frames: usize,
    room: usize,
    (height, width): (usize, usize),
) -> Result<Box<dyn Window>, SessionError> {
    let mut other = network.window(room, height, width)?;
    let length = frames * height * width * 3;
    let (to, from) = (other.pixels(), window.pixels());
    // A window that is too small is found out by the next frame.
    let length = length.min(to.len()).min(from.len());
    to[..length].copy_from_slice(&from[..length]);
    Ok(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Evaluation;
    use crate::engine::fake::FakeBase;
    use crate::media::{Format, Frame, MadeSource, MediaError, Rule, Sampled, SamplingOptions, Seen, SourceInfo};

    /// A source that says another number of frames than it has.
    struct Lying {
        source: MadeSource,
        info: SourceInfo,
    }

    impl FrameSource for Lying {
        fn info(&self) -> &SourceInfo {
            &self.info
        }

        fn advance(&mut self) -> Result<bool, MediaError> {
            self.source.advance()
        }

        fn frame(&self) -> Frame<'_> {
            self.source.frame()
        }
    }

    fn read_all(
        source: impl FrameSource,
        size: usize,
        seen: &mut (dyn FnMut(Frame<'_>) + Send),
        cut: impl FnMut(&[f32]),
    ) -> Result<Filled, SessionError> {
        let rule = Rule::new(&SamplingOptions::default(), None, Evaluation::of_size(size)).unwrap();
        let sampled = Sampled::new(source, &rule, size).unwrap();
        read(&FakeBase, &mut Seen { sampled, seen }, cut)
    }

    #[test]
    fn a_window_has_all_frames_whatever_the_source_says_before() {
        let made = || MadeSource::new(150, 6, 9, 10.0);
        let expected = crate::media::video(&mut made(), 4).unwrap();
        for said in [Some(150), Some(151), Some(1000), Some(149), Some(0), None] {
            let mut info = SourceInfo::new("x", Format::Made, 9, 6);
            info.frames = said;
            let (mut seen, mut cuts) = (0, 0);
            let source = Lying { source: made(), info };
            let read = read_all(source, 4, &mut |_| seen += 1, |_| cuts += 1).unwrap();
            assert_eq!(read.window.video(), expected, "{said:?}");
            assert_eq!((read.moments.len(), seen, cuts), (150, 150, 150));
        }
    }

    #[test]
    fn a_clip_may_have_as_many_frames_as_are_allowed() {
        for (said, frames, fits) in [(Some(MOST), MOST, true), (None, MOST, true), (None, MOST + 1, false)] {
            let mut info = SourceInfo::new("x", Format::Made, 2, 2);
            info.frames = said;
            let source = Lying { source: MadeSource::new(frames, 2, 2, 10.0), info };
            assert_eq!(read_all(source, 1, &mut |_| {}, |_| {}).is_ok(), fits, "{said:?} {frames}");
        }
    }

    #[test]
    fn a_frame_of_another_size_is_an_error() {
        let mut info = SourceInfo::new("x", Format::Made, 10, 6);
        info.frames = Some(2);
        let source = Lying { source: MadeSource::new(2, 6, 9, 10.0), info };
        let result = read_all(source, 4, &mut |_| {}, |_| {});
        assert!(matches!(result, Err(SessionError::Media(MediaError::Size { what: "frame", .. }))));
    }

    #[test]
    fn what_is_too_large_is_told_before_anything_is_read() {
        let read = |frames, size| {
            let source = MadeSource::new(frames, 6, 9, 10.0);
            read_all(source, size, &mut |_| unreachable!("no frame is read"), |_| {})
        };
        assert!(matches!(read(3_000_000, 224), Err(SessionError::TooMany { frames: 3_000_000, .. })));
        assert!(matches!(read(MOST + 1, 1), Err(SessionError::TooMany { .. })));
        assert!(matches!(read(5000, 224), Err(SessionError::TooLarge { frames: 5000, .. })));
        assert!(super::bytes(MOST, (1, 1), Path::new("x")).is_ok());
    }
}
