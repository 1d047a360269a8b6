//! Two pools of workers on the same clips.

use std::sync::mpsc::sync_channel;
use std::thread;

use movinet_tf::batch::{Done, Entry, Pool, PoolError};

/// So many clips of the second pool wait for the first.
const AHEAD: usize = 16;

/// Gives the same clips to two `pools` and both answers of each clip to `done`, in order, until there are no more, or `done`
/// says that it is enough. `retired` is told of workers that could not go on.
///
/// # Errors
/// What a pool or `done` says.
pub fn run(
    pools: [Pool; 2],
    clips: [impl Iterator<Item = Entry> + Send + 'static; 2],
    mut done: impl FnMut(Done, Done) -> anyhow::Result<bool>,
    retired: impl Fn(&PoolError) + Sync,
) -> anyhow::Result<()> {
    let ([first, second], [first_clips, second_clips]) = (pools, clips);
    let (give, taken) = sync_channel(AHEAD);
    thread::scope(|scope| {
        let retired = &retired;
        let second = scope.spawn(move || -> Result<(), PoolError> {
            second.run(second_clips, |answer| Ok::<_, PoolError>(give.send(answer).is_ok()), retired)
        });
        let outcome = first.run(
            first_clips,
            |answer| match taken.recv() {
                Ok(other) => done(answer, other),
                Err(_) => Ok(false), // the other one ended, and says why
            },
            retired,
        );
        drop(taken); // so that the second one ends too
        let other = second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        outcome?;
        Ok(other?)
    })
}
