//! What a MoViNet is, whatever library runs it: the base network, which sees a whole clip, and the stream network, which
//! sees a frame and its recurrent states; their signatures, the names of their states, the sizes of their frames.
//!
//! Both are recognised by what their signatures take and give, never by a folder's or a signature's name, so
//! official files, re-exports and renamed copies all work.

mod clip_input;
mod quantisation;
pub(crate) mod recognise;
mod signature;
mod size;
mod state_name;

pub use quantisation::Quantisation;
pub(crate) use quantisation::integers;
pub use signature::{DType, Signature, TensorSpec};
pub(crate) use size::{FixedShape, family, fixed_frames, fixed_shape, fixed_size, own_size};
pub use state_name::StateName;
