//! What a MoViNet is, on top of a SavedModel: the base network, which sees a whole clip, and the stream network,
//! which sees a frame and its recurrent states.
//!
//! Both are recognised by what their signatures take and give, never by a folder's or a signature's name, so
//! official files, re-exports and renamed copies all work.

mod any;
mod base;
mod error;
mod recognise;
mod state_name;
mod stream;

pub use any::Movinet;
pub use base::BaseModel;
pub use error::MovinetError;
pub(crate) use recognise::IMAGE;
pub use state_name::StateName;
pub use stream::{States, Step, StreamModel, Streaming};
