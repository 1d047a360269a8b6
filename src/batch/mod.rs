//! Many clips: a list of them in, rows out.
//!
//! ```text
//! list (folders, .txt, .csv, .jsonl, .parquet) -> items -> workers, each a process -> rows in the list's order -> output
//! ```

mod classifier;
pub mod evaluation;
mod item;
mod journal;
pub mod list;
mod output;
mod pool;
mod row;
mod selection;
mod windows;
mod worker;
mod workers;

pub use classifier::{About, Classifier, Open};
pub use item::{BadItem, Item};
pub use journal::{Begin, Header, Journal, JournalError, Mark};
pub use list::{BadLine, List, ListError};
pub use output::Output;
pub use pool::{Done, Entry, Pool, PoolError, Start, Tell};
pub use row::{ErrorKind, Row, RowError};
pub use selection::{Selection, UnknownClass};
pub use windows::Windows;
pub use worker::serve;
pub use workers::default_workers;
