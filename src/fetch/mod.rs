//! Getting models and files onto the machine: whole or not at all.
//!
//! `Store -> (cache | another program's cache | http -> archive) -> part folder -> record -> rename`

pub mod archive;
mod cache;
mod checksum;
mod error;
mod foreign;
pub mod http;
pub mod integrity;
mod record;
mod store;

pub use cache::{Cache, Entry, Kind, Locked};
pub use error::FetchError;
pub use foreign::ForeignCaches;
pub use record::{FileRecord, Record};
pub use store::{Found, From, Origin, Sources, Store};
