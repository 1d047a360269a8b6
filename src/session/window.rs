//! A whole clip in the base network's own memory.

use std::time::Duration;

use ndarray::Array4;

use super::{Session, SessionError};
use crate::engine::{BaseNetwork, Window};
use crate::media::{self, Frame, FrameSource, Resizer};

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
    /// How long each frame is shown.
    pub durations: Vec<Duration>,
}

/// Bytes of a window of so many frames.
///
/// # Errors
/// [`SessionError::TooMany`], [`SessionError::TooLarge`], or [`SessionError::Memory`] where there is no room for it now.
pub(super) fn bytes(frames: usize, size: usize) -> Result<u64, SessionError> {
    let frame = (size as u64).saturating_pow(2).saturating_mul(3 * size_of::<f32>() as u64);
    let bytes = (frames as u64).saturating_mul(frame);
    match bytes {
        _ if frames > MOST => Err(SessionError::TooMany { frames, limit: MOST }),
        _ if bytes > LARGEST => Err(SessionError::TooLarge { frames, size, bytes, limit: LARGEST }),
        // Given back at once: who fills it takes it then, and would end the process where it isn't there.
        _ if Vec::<u8>::new().try_reserve_exact(bytes as usize).is_err() => {
            Err(SessionError::Memory { what: format!("{frames} frames of {size}x{size}"), bytes })
        }
        _ => Ok(bytes),
    }
}

impl Session {
    /// All of `source` as the models see it, `(frames, size, size, 3)`, float32 in [0, 1].
    ///
    /// # Errors
    /// [`SessionError::TooLarge`] before anything is read, where the source says how many frames it has; else what the
    /// source says.
    pub fn video(&self, mut source: impl FrameSource) -> Result<Array4<f32>, SessionError> {
        let size = self.size()?;
        bytes(source.info().frames.unwrap_or_default(), size)?;
        Ok(media::video(&mut source, size)?)
    }
}

/// Reads all of `source`, each frame resized into the window and shown to `seen` as it comes.
///
/// # Errors
/// Whatever the source says; [`SessionError::NoFrames`], [`SessionError::TooLarge`].
pub(super) fn read(
    network: &dyn BaseNetwork,
    source: &mut dyn FrameSource,
    size: usize,
    seen: &mut dyn FnMut(Frame<'_>),
) -> Result<Filled, SessionError> {
    let info = source.info().clone();
    let resizer = Resizer::new((info.height, info.width), (size, size));
    let length = size * size * 3;
    let mut room = info.frames.unwrap_or(GUESS);
    bytes(room, size)?;
    let mut window = network.window(room, size, size)?;
    let mut durations = Vec::new();
    while let Some(frame) = source.next_frame()? {
        let at = durations.len();
        if at == room {
            // More than was said, or nothing was said.
            room = (room * 2).max(GUESS);
            bytes(room, size)?;
            window = moved(network, &mut *window, at, room, size)?;
        }
        let into = window.pixels().get_mut(at * length..(at + 1) * length).unwrap_or_default();
        resizer.run(frame.pixels, into)?;
        durations.push(frame.duration);
        seen(frame);
    }
    match durations.len() {
        0 => return Err(SessionError::NoFrames { path: info.path }),
        frames if frames < room => window = moved(network, &mut *window, frames, frames, size)?,
        _ => {}
    }
    Ok(Filled { window, durations })
}

/// The first `frames` of `window` in one with room for `room`.
fn moved(
    network: &dyn BaseNetwork,
    window: &mut dyn Window,
    frames: usize,
    room: usize,
    size: usize,
) -> Result<Box<dyn Window>, SessionError> {
    let mut other = network.window(room, size, size)?;
    let length = frames * size * size * 3;
    let (to, from) = (other.pixels(), window.pixels());
    // A window that is too small is found out by the next frame.
    let length = length.min(to.len()).min(from.len());
    to[..length].copy_from_slice(&from[..length]);
    Ok(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::FakeBase;
    use crate::media::{Format, MadeSource, MediaError, SourceInfo};

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

    #[test]
    fn a_window_has_all_frames_whatever_the_source_says_before() {
        let made = || MadeSource::new(150, 6, 9, 10.0);
        let expected = crate::media::video(&mut made(), 4).unwrap();
        for said in [Some(150), Some(151), Some(1000), Some(149), Some(0), None] {
            let mut info = SourceInfo::new("x", Format::Made, 9, 6);
            info.frames = said;
            let mut source = Lying { source: made(), info };
            let mut seen = 0;
            let read = read(&FakeBase, &mut source, 4, &mut |_| seen += 1).unwrap();
            assert_eq!(read.window.video(), expected, "{said:?}");
            assert_eq!((read.durations.len(), seen), (150, 150));
        }
    }

    #[test]
    fn a_frame_of_another_size_is_an_error() {
        let mut info = SourceInfo::new("x", Format::Made, 10, 6);
        info.frames = Some(2);
        let mut source = Lying { source: MadeSource::new(2, 6, 9, 10.0), info };
        let result = read(&FakeBase, &mut source, 4, &mut |_| {});
        assert!(matches!(result, Err(SessionError::Media(MediaError::Size { what: "frame", .. }))));
    }

    #[test]
    fn what_is_too_large_is_told_before_anything_is_read() {
        let read = |frames, size| {
            let mut source = MadeSource::new(frames, 6, 9, 10.0);
            super::read(&FakeBase, &mut source, size, &mut |_| unreachable!("no frame is read"))
        };
        assert!(matches!(read(3_000_000, 224), Err(SessionError::TooMany { frames: 3_000_000, .. })));
        assert!(matches!(read(MOST + 1, 1), Err(SessionError::TooMany { .. })));
        assert!(matches!(read(5000, 224), Err(SessionError::TooLarge { frames: 5000, .. })));
    }
}
