//! Whether all clips of a list have a class that the model knows, which is told before the work.

use std::path::{Path, PathBuf};

use movinet_tf::batch::List;
use movinet_tf::batch::evaluation::truth;
use movinet_tf::predict::Labels;
use movinet_tf::session::Session;

use crate::cli::exit::usage;

/// So many clips are told of.
const TOLD: usize = 5;

/// The names of the classes of `session`.
pub fn class_names(session: &Session) -> Labels {
    let names = session.class_names();
    match names.names() {
        // A single name is that of the second of two classes, as a model with a single output has them.
        Some([name]) => Labels::new(vec![format!("not {name}"), name.clone()]),
        _ => names,
    }
}

/// How many clips `list` has.
///
/// # Errors
/// Usage with the first clips that have no class of `names`; when the list has none, or cannot be read.
pub fn check(list: &Path, names: &Labels) -> anyhow::Result<u64> {
    let (mut clips, mut wrong, mut told) = (0, 0, String::new());
    for item in List::open(&[PathBuf::from(list)])? {
        clips += 1;
        let problem = match item {
            Ok(item) => truth(&item, names).err().map(|error| format!("clip {clips}, {error}")),
            Err(line) => Some(line.to_string()),
        };
        let Some(problem) = problem else { continue };
        wrong += 1;
        if wrong <= TOLD {
            told += &format!("\n{problem}");
        }
    }
    let shown = list.display();
    match (clips, wrong) {
        (0, _) => Err(usage(format!("'{shown}' names no clip"))),
        (_, 0) => Ok(clips),
        (_, wrong) => {
            let rest = if wrong > TOLD { "\n..." } else { "" };
            Err(usage(format!("'{shown}': of {clips} clips, {wrong} have no class that the model knows{told}{rest}")))
        }
    }
}
