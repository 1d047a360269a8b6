//! A source read and cut in a thread of its own, so that whoever runs a model doesn't wait for pixels.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::{Cuts, Frame, FrameSource, MediaError, Moment, Sampled, SourceInfo};

/// A source as a model is shown it, some frames ahead of who asks for them.
#[derive(Debug)]
pub struct Ahead {
    info: SourceInfo,
    frames: Option<usize>,
    shape: (usize, usize),
    told: Receiver<Told>,
    /// Buffers that were looked at, to be filled again.
    spare: Sender<Vec<f32>>,
    reader: Option<JoinHandle<()>>,
    warning: Option<String>,
}

/// What the reading thread tells.
#[derive(Debug)]
enum Told {
    /// A frame as the model sees it.
    Frame(Vec<f32>, Moment),
    /// There are no more, and what there is to be warned of.
    End(Option<String>),
    /// There are no more, because of this.
    Failed(MediaError),
}

impl Ahead {
    /// Starts reading `sampled`, at most so many `frames` ahead; at least one. `seen` is shown each frame, in that thread.
    ///
    /// # Errors
    /// What the system says where it has no thread.
    pub fn start<S: FrameSource + 'static>(
        sampled: Sampled<S>,
        frames: usize,
        seen: impl FnMut(Frame<'_>) + Send + 'static,
    ) -> io::Result<Self> {
        let (info, count, shape) = (sampled.info().clone(), sampled.frames(), sampled.shape());
        let ((tell, told), (spare, spares)) = (sync_channel(frames.max(1)), channel());
        let read = move || read(sampled, &tell, &spares, seen);
        let reader = Some(thread::Builder::new().name("reading".into()).spawn(read)?);
        Ok(Self { info, frames: count, shape, told, spare, reader, warning: None })
    }
}

/// Reads `sampled` to its end, or until nobody asks for it.
fn read<S: FrameSource>(
    mut sampled: Sampled<S>,
    tell: &SyncSender<Told>,
    spares: &Receiver<Vec<f32>>,
    mut seen: impl FnMut(Frame<'_>),
) {
    let (height, width) = sampled.shape();
    loop {
        let mut pixels = spares.try_recv().unwrap_or_default();
        pixels.resize(height * width * 3, 0.0);
        let (told, last) = match sampled.next(&mut pixels, &mut seen) {
            Ok(Some(moment)) => (Told::Frame(pixels, moment), false),
            Ok(None) => (Told::End(sampled.warning().map(str::to_owned)), true),
            Err(error) => (Told::Failed(error), true),
        };
        if tell.send(told).is_err() || last {
            return;
        }
    }
}

impl Cuts for Ahead {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn frames(&self) -> Option<usize> {
        self.frames
    }

    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    fn next(&mut self, to: &mut [f32]) -> Result<Option<Moment>, MediaError> {
        match self.told.recv() {
            Ok(Told::Frame(pixels, moment)) => {
                if to.len() != pixels.len() {
                    let (got, expected) = (vec![to.len()], vec![pixels.len()]);
                    return Err(MediaError::Size { what: "buffer", got, expected });
                }
                to.copy_from_slice(&pixels);
                let _ = self.spare.send(pixels); // after the end nobody needs it
                Ok(Some(moment))
            }
            Ok(Told::End(warning)) => {
                self.warning = warning;
                Ok(None)
            }
            Ok(Told::Failed(error)) => Err(error),
            Err(_) => match self.reader.take().map(JoinHandle::join) {
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                _ => Ok(None), // the end was told before
            },
        }
    }
}
