//! Getting models and files onto the machine: whole or not at all.
//!
//! `Store -> (cache | another program's cache | http -> archive) -> part folder -> record -> rename`

pub(crate) mod archive;
#[cfg(test)]
#[cfg(feature = "fetch")]
mod archive_tests;
#[cfg(feature = "fetch")]
mod checksum;
#[cfg(feature = "fetch")]
mod downloads;
mod error;
#[cfg(feature = "fetch")]
mod http;
#[cfg(feature = "fetch")]
mod identity;
#[cfg(feature = "fetch")]
mod nested;
#[cfg(feature = "fetch")]
mod store;
#[cfg(feature = "fetch")]
mod tflite;
#[cfg(test)]
#[cfg(feature = "fetch")]
mod unpack_fuzz;

#[cfg(feature = "fetch")]
pub use downloads::Downloads;
pub use error::FetchError;
#[cfg(feature = "fetch")]
pub use http::{Client, Login, Policy};
#[cfg(feature = "fetch")]
pub use store::{Given, Servers, Store};
