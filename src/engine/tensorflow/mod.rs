//! SavedModels through TensorFlow's C API: their signatures, called by the names they give, and the two networks on top.
//!
//! `folder -> SavedModel (signatures) -> Function (feeds and fetches resolved once) -> BaseModel | StreamModel`

mod any;
mod base;
mod config;
mod dtype;
mod frames;
mod function;
mod output;
mod renewed;
mod saved_model;
mod session;
mod status;
mod stream;
mod tensor;

pub use any::Movinet;
pub use base::BaseModel;
pub use config::SessionConfig;
pub(crate) use function::Function;
pub use saved_model::SavedModel;
pub use stream::StreamModel;
pub(crate) use tensor::Tensor;
