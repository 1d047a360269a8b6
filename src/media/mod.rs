//! Clips: frames one after the other, and the float32 video that a model sees.
//!
//! `file -> FrameSource -> Part -> Sampled: AtRate, Choice (which frames), Cutter (how they are cut) -> float32 in [0, 1]`
//!
//! Nothing here holds more than a few frames, [`video`] apart. The reference is Python TensorFlow's `tf.io.decode_gif`,
//! `tf.image.resize` and a division by 255; the results are equal bit for bit.
//!
//! ```
//! use movinet_tf::catalog::Evaluation;
//! use movinet_tf::media::{MadeSource, Rule, Sampled, Sampling, SamplingOptions};
//!
//! let clip = MadeSource::new(20, 30, 40, 10.0);
//! let rule = Rule::new(&SamplingOptions { sampling: Some(Sampling::Centre), ..SamplingOptions::default() }, None, Evaluation::of_size(172))?;
//! let mut clip = Sampled::new(clip, &rule, 172)?;
//! let mut seen = vec![0.0; 172 * 172 * 3];
//! let mut frames = 0;
//! while clip.next(&mut seen, &mut |_| {})?.is_some() {
//!     frames += 1;
//! }
//! assert_eq!(frames, 10, "two seconds, five frames each");
//! # Ok::<(), movinet_tf::media::MediaError>(())
//! ```

pub mod choice;

mod ahead;
mod array;
#[cfg(feature = "arrays")]
mod arrays;
mod at_rate;
mod clock;
mod error;
mod gif;
mod kind;
mod lent;
mod made;
mod options;
mod part;
#[cfg(feature = "pictures")]
mod pictures;
mod pixels;
mod rate;
mod rule;
mod sampled;
mod sampling;
mod source;
mod space;
mod video;
mod whole;

pub use ahead::Ahead;
pub use array::ArraySource;
pub use at_rate::AtRate;
pub use error::{Fault, MediaError};
pub use gif::{GifSource, Truncated};
pub use kind::ClipKind;
pub use lent::{Lender, Lent};
pub use made::MadeSource;
pub use options::{Rate, SamplingOptions};
pub use part::Part;
#[cfg(feature = "pictures")]
pub use pictures::PicturesSource;
pub use pixels::Pixels;
pub use rate::{FrameRate, PerSecond};
pub use rule::{Choice, Rule};
pub use sampled::{Cuts, Sampled, Seen};
pub use sampling::Sampling;
pub use source::{Format, Frame, FrameSource, Moment, SourceInfo};
pub use space::{Cutter, Space};
pub use video::{Decoder, VideoSource, end_decoders};
pub use whole::video;
