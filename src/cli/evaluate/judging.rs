//! Workers answer, and their answers are judged.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use movinet_tf::batch::{Done, List, Pool, PoolError, Row};

use super::judges::{Judges, Said};
use super::side_by_side;
use crate::cli::Context;
use crate::cli::workers::{Entries, Watch};

/// Has the workers of `pools`, one or two, answer each of the so many `clips` of `list`, and `judges` judge them. One pool
/// answers for one or two networks, two pools for one each.
///
/// # Errors
/// When the workers cannot go on, or their answers cannot be judged.
pub fn judge(
    mut pools: Vec<Pool>,
    list: &Path,
    clips: u64,
    judges: &mut Judges,
    context: &Context,
) -> anyhow::Result<()> {
    let list = || anyhow::Ok(Entries::new(List::open(&[PathBuf::from(list)])?));
    let total = Arc::new(OnceLock::from(clips));
    let mut watch = Watch::new(Arc::clone(&context.terminal), "evaluating", total, (0, 0));
    let retired = |error: &PoolError| context.terminal.warning(&format!("a worker less: {error}"));
    let warn = |done: &Done| done.warnings.iter().for_each(|warning| context.terminal.warning(warning));
    let first = pools.remove(0);
    match pools.pop() {
        None => first.run(
            list()?,
            |done: Done| -> anyhow::Result<bool> {
                warn(&done);
                let row = row(&done)?;
                let both: [Said; 2] = [(row, &row.top), (row, row.base_top.as_deref().unwrap_or_default())];
                judges.add(&done.item, &both)?;
                watch.done(&done);
                Ok(true)
            },
            retired,
        )?,
        Some(second) => side_by_side::run(
            [first, second],
            [list()?, list()?],
            |done, other| {
                warn(&done);
                warn(&other);
                let (first, second) = (row(&done)?, row(&other)?);
                judges.add(&done.item, &[(first, &first.top), (second, &second.top)])?;
                watch.done(&done);
                Ok(true)
            },
            retired,
        )?,
    }
    watch.end(0);
    Ok(())
}

/// The row of a clip.
fn row(done: &Done) -> anyhow::Result<&Row> {
    done.rows.first().with_context(|| format!("a worker said nothing of '{}'", done.item.path.display()))
}
