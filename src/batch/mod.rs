//! Many clips: a list of them in, a row for each out.
//!
//! ```text
//! list (folders, .txt, .csv, .jsonl, .parquet) -> items -> workers, each a process -> rows in the list's order -> output
//! ```

mod item;
mod row;

pub use item::Item;
pub use row::{ErrorKind, Row, RowError};
