//! How many workers a machine has room for.

use std::thread;

/// A worker takes about so many bytes: a prepared a2 and an ffmpeg beside it, measured.
const WORKER: u64 = 600 << 20;

/// As many workers as there are cores, if there is memory for them; at least one.
pub fn default_workers() -> usize {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    let room = available().map_or(usize::MAX, |bytes| usize::try_from(bytes / WORKER).unwrap_or(usize::MAX));
    cores.min(room).max(1)
}

/// Bytes of memory that are free or soon would be, where the system tells.
fn available() -> Option<u64> {
    let told = fs_err::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}
