//! Keeping TensorFlow's chatter off the terminal.
//!
//! `TF_CPP_MIN_LOG_LEVEL` stops some of it, but most lines of 2.18 ignore it in a program that isn't C++. So standard
//! error is led through a pipe, and a thread passes on every line that isn't one of TensorFlow's own log lines.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;

/// Leads the process's file descriptor 2 through a filter that keeps TensorFlow's log lines back, for the rest of the
/// process's life. That is for a program to decide; one that draws on its terminal duplicates the descriptor first.
///
/// # Errors
/// When the system has no descriptors or threads left; standard error is then as it was.
pub fn filter_log_lines() -> io::Result<()> {
    let mut terminal = std::fs::File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let (reader, writer) = io::pipe()?;
    thread::Builder::new().name("stderr".into()).spawn(move || {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            if !is_chatter(&String::from_utf8_lossy(&line)) {
                // A closed standard error takes nothing, and there is nowhere else to say so.
                let _ = terminal.write_all(&[&line[..], b"\n"].concat());
            }
        }
    })?;
    let writer = OwnedFd::from(writer);
    // SAFETY: both are open file descriptors of this process; dup2 closes the old number 2 and nothing else.
    match unsafe { libc::dup2(writer.as_raw_fd(), libc::STDERR_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Whether `line` is a log line of TensorFlow's below fatal: `I0000 00:00:1795576863.087451 7586 file.cc:401] ...` or
/// `2026-11-25 03:20:54.123456: I tensorflow/...`, or belongs to one.
fn is_chatter(line: &str) -> bool {
    const HEADS: [&str; 2] =
        ["WARNING: All log messages before absl::InitializeLog()", "To enable the following instructions:"];
    let is_severity = |text: &str| text.starts_with(['I', 'W', 'E']);
    let digits = |text: &str, count: usize| text.len() >= count && text.bytes().take(count).all(|b| b.is_ascii_digit());
    let absl = is_severity(line) && line.get(1..).is_some_and(|rest| digits(rest, 4) && rest[4..].starts_with(' '));
    let dated =
        digits(line, 4) && line.split_once(": ").is_some_and(|(time, rest)| time.len() == 26 && is_severity(rest));
    absl || dated || HEADS.iter().any(|head| line.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tensorflows_log_lines_are_chatter() {
        for line in [
            "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
            "I0000 00:00:1795576863.087451    7586 mlir_graph_optimization_pass.cc:401] MLIR V1 ...",
            "2026-11-25 03:20:54.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow ...",
        ] {
            assert!(is_chatter(line), "{line}");
        }
        for line in [
            "",
            "error: 'clip.gif' is not a GIF",
            "Illegal instruction",
            "2026-11-25",
            "F0000 00:00:1795576863.087451    7586 tensor.cc:12] Check failed",
            "thread 'main' panicked at src/main.rs:1:1:",
        ] {
            assert!(!is_chatter(line), "{line}");
        }
    }
}
