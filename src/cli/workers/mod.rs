//! What commands share that are for many clips: workers, which are this program again with the same arguments, what they are
//! given, and how far they are.

mod entries;
mod network;
mod serve;
mod watch;

use std::process::Command;
use std::sync::Arc;
use std::thread;

use movinet_tf::batch::{Pool, PoolError};
use movinet_tf::media::{Rule, Sampling};

pub use entries::Entries;
pub use network::Network;
pub use serve::{Rows, serve};
pub use watch::Watch;

use super::exit::Exit;
use super::models::ModelArguments;
use super::{Context, environment};

/// Starts so many `workers`, with `more` in their environment. Where the first one ended and has said why, that is how.
///
/// # Errors
/// [`PoolError`] where none can be had for another reason.
pub fn start(
    workers: usize,
    more: &[(&'static str, &'static str)],
    context: &Context,
) -> Result<Result<Pool, Exit>, PoolError> {
    let program = std::env::current_exe().map_err(PoolError::Start)?;
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = (cores / workers).max(1).to_string();
    let more = more.to_vec();
    let start = move || {
        let mut command = Command::new(&program);
        command.args(std::env::args_os().skip(1)).env(environment::WORKER, &threads).envs(more.iter().copied());
        command
    };
    let terminal = Arc::clone(&context.terminal);
    match Pool::start(workers, Arc::new(start), Arc::new(move |line: &str| terminal.pass_on(line))) {
        Ok(pool) => Ok(Ok(pool)),
        Err(PoolError::Ended { status: Some(status), told: true, .. }) if status.code().is_some() => {
            Ok(Err(Exit::of_code(status.code())))
        }
        Err(error) => Err(error),
    }
}

/// Says by which `rule` clips are shown to `models` where it isn't the one that is meant for many clips.
pub fn tell_of_rule(rule: &Rule, models: &ModelArguments, context: &Context) {
    if models.names_no_sampling() && rule.sampling == Sampling::Tutorial {
        context
            .terminal
            .note("Nobody says at how many frames a second the model was trained: it is shown every frame (or --fps)");
    }
}
