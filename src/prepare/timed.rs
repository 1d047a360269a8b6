//! How long two forms take, to choose the faster: the quickest of many runs, since whatever else runs only adds to them, in
//! turns, since what else runs changes.

use std::time::{Duration, Instant};

#[cfg(feature = "export")]
use crate::engine::StreamNetwork;
use crate::engine::{BaseNetwork, EngineError};

/// How long both are timed.
const TIMED: Duration = Duration::from_secs(2);
/// Turns that there are at least, each a run of both.
const TURNS: usize = 5;
/// Frames of the clip that base networks are timed on, where they take clips of any length.
const FRAMES: usize = 13;

/// Seconds of the quickest step of each of two `networks` on frames of `size` pixels.
#[cfg(feature = "export")]
pub(crate) fn least_steps(networks: [&dyn StreamNetwork; 2], size: usize) -> Result<[f64; 2], EngineError> {
    let [first, second] = networks.map(|network| network.begin(size, size));
    let mut streams = [first?, second?];
    least(|which| {
        streams[which].input().fill(0.5);
        let step = Instant::now();
        streams[which].step()?;
        Ok(step.elapsed())
    })
}

/// Seconds of the quickest clip of each of two `networks`, of `size` pixels and `frames`, or a few where any number is taken.
pub(super) fn least_clips(
    networks: [&dyn BaseNetwork; 2],
    size: usize,
    frames: Option<usize>,
) -> Result<[f64; 2], EngineError> {
    let [first, second] = networks.map(|network| network.window(frames.unwrap_or(FRAMES), size, size));
    let mut windows = [first?, second?];
    windows.iter_mut().for_each(|window| window.pixels().fill(0.5));
    least(|which| {
        let clip = Instant::now();
        windows[which].predict()?;
        Ok(clip.elapsed())
    })
}

/// The least of what `run` took of each of the two, in seconds.
fn least(mut run: impl FnMut(usize) -> Result<Duration, EngineError>) -> Result<[f64; 2], EngineError> {
    let (mut least, mut turns, began) = ([Duration::MAX; 2], 0, Instant::now());
    while began.elapsed() < TIMED || turns < TURNS {
        for (which, least) in least.iter_mut().enumerate() {
            *least = run(which)?.min(*least);
        }
        turns += 1;
    }
    Ok(least.map(|least| least.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_of_each_counts() {
        let mut turn = 0;
        let took = least(|which| {
            std::thread::sleep(Duration::from_millis(200));
            turn += 1;
            Ok(Duration::from_millis([7, 4][which] + 10 * u64::from(turn != 3 + which)))
        });
        assert_eq!(took.unwrap(), [0.007, 0.004]);
    }
}
