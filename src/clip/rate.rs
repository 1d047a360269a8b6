//! Choosing frames to reach a frame rate.

use std::time::Duration;

/// At which rate a clip is shown to the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FrameRate {
    /// Every frame of the file once.
    Native,
    /// So many frames a second; above 0.
    PerSecond(f64),
}

/// Indices of the frames on screen at times 0, 1/fps, 2/fps, ... of a clip whose frames last `delays`; at least one.
pub(super) fn frames_at(delays: &[Duration], fps: f64) -> Vec<usize> {
    let total: f64 = delays.iter().map(Duration::as_secs_f64).sum();
    let count = ((total * fps).round() as usize).max(1);
    let mut chosen = Vec::with_capacity(count);
    let (mut frame, mut shown_until) = (0, delays.first().map_or(0.0, Duration::as_secs_f64));
    for tick in 0..count {
        let time = tick as f64 / fps;
        // Delays are whole hundredths of a second; a nanosecond's slack keeps 0.3 / 0.1 on the right side.
        while time >= shown_until - 1e-9 && frame + 1 < delays.len() {
            frame += 1;
            shown_until += delays[frame].as_secs_f64();
        }
        chosen.push(frame);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hundredths(delays: &[u64]) -> Vec<Duration> {
        delays.iter().map(|d| Duration::from_millis(10 * d)).collect()
    }

    #[test]
    fn same_rate_keeps_every_frame() {
        assert_eq!(frames_at(&hundredths(&[10; 13]), 10.0), (0..13).collect::<Vec<_>>());
    }

    #[test]
    fn half_the_rate_takes_every_other_frame() {
        assert_eq!(frames_at(&hundredths(&[10; 6]), 5.0), [0, 2, 4]);
    }

    #[test]
    fn a_long_frame_is_repeated() {
        assert_eq!(frames_at(&hundredths(&[10, 30, 10]), 10.0), [0, 1, 1, 1, 2]);
    }

    #[test]
    fn there_is_always_a_frame() {
        assert_eq!(frames_at(&hundredths(&[1]), 1.0), [0]);
    }
}
