//! Clips: frames one after the other, and the float32 video that a model sees.
//!
//! `file -> FrameSource -> AtRate (choose frames) -> Resizer -> (size, size, 3) in [0, 1]`
//!
//! Nothing here holds more than one frame, [`video`] apart. The reference is Python TensorFlow's `tf.io.decode_gif`,
//! `tf.image.resize` and a division by 255; the results are equal bit for bit.
//!
//! ```
//! use movinet_tf::media::{AtRate, FrameRate, FrameSource, MadeSource, Resizer};
//!
//! let clip = MadeSource::new(20, 30, 40, 10.0);
//! let mut clip = AtRate::new(clip, FrameRate::per_second(5.0)?)?;
//! let resizer = Resizer::new((30, 40), (172, 172));
//! let mut seen = vec![0.0; 172 * 172 * 3];
//! while let Some(frame) = clip.next_frame()? {
//!     resizer.run(frame.pixels, &mut seen)?;
//! }
//! # Ok::<(), movinet_tf::media::MediaError>(())
//! ```

pub mod choice;

mod array;
mod at_rate;
mod clock;
mod error;
mod gif;
mod made;
mod rate;
mod resize;
mod sampling;
mod source;
mod space;
mod video;

pub use array::ArraySource;
pub use at_rate::AtRate;
pub use error::MediaError;
pub use gif::{GifSource, Truncated};
pub use made::MadeSource;
pub use rate::{FrameRate, PerSecond};
pub use resize::Resizer;
pub use sampling::Sampling;
pub use source::{Format, Frame, FrameSource, SourceInfo};
pub use space::{Cutter, Pixels, Space};
pub use video::video;
