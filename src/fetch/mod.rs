//! Getting files onto the machine: whole or not at all.

pub mod archive;
mod cache;
mod checksum;
mod error;
pub mod http;
pub mod integrity;

pub use cache::{Cache, Locked};
pub use error::FetchError;
