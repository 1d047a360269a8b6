//! Keeping TensorFlow's chatter off the terminal.
//!
//! `TF_CPP_MIN_LOG_LEVEL` stops some of it, but most lines of 2.18 ignore it in a program that isn't C++, and protobuf and
//! others have their own. So standard error is led through a pipe, and a thread passes on nothing but what a process says
//! that is about to end.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

/// So long a process that ends by itself waits for its last words to be passed on.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Leads the process's file descriptor 2 through a filter that keeps back all that is written to it but panics and what is
/// said before an abort, for the rest of the process's life; both are then delayed a little, for which the panic hook and
/// the handler of SIGABRT are set. That is for a program to decide; one that speaks itself duplicates the descriptor first.
///
/// # Errors
/// When the system has no descriptors or threads left; standard error is then as it was.
pub fn filter_log_lines() -> io::Result<()> {
    let mut terminal = std::fs::File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let (reader, writer) = io::pipe()?;
    thread::Builder::new().name("stderr".into()).spawn(move || {
        let mut filter = Filter::default();
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            if filter.passes(&String::from_utf8_lossy(&line)) {
                // A closed standard error takes nothing, and there is nowhere else to say so.
                let _ = terminal.write_all(&[&line[..], b"\n"].concat());
            }
        }
    })?;
    let writer = OwnedFd::from(writer);
    // SAFETY: both are open file descriptors of this process; dup2 closes the old number 2 and nothing else.
    match unsafe { libc::dup2(writer.as_raw_fd(), libc::STDERR_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => {
            delay_the_end();
            Ok(())
        }
    }
}

/// Gives the filter time to pass on a process's last words.
fn delay_the_end() {
    extern "C" fn wait(_signal: libc::c_int) {
        let pause = libc::timespec { tv_sec: 0, tv_nsec: LAST_WORDS.as_nanos() as libc::c_long };
        // SAFETY: nanosleep may be called in a handler; abort() goes on when it returns.
        unsafe { libc::nanosleep(&pause, std::ptr::null_mut()) };
    }
    let handler: extern "C" fn(libc::c_int) = wait;
    // SAFETY: the handler does nothing but wait.
    unsafe { libc::signal(libc::SIGABRT, handler as libc::sighandler_t) };
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        thread::sleep(LAST_WORDS);
    }));
}

/// What passes, line by line.
#[derive(Debug, Default)]
struct Filter {
    /// Whether the last entry passed; lines that begin none belong to it.
    passing: bool,
}

impl Filter {
    fn passes(&mut self, line: &str) -> bool {
        if is_last_word(line) {
            self.passing = true;
        } else if is_log_entry(line) {
            self.passing = false;
        }
        self.passing
    }
}

/// Whether `line` begins what is said before a process ends: by Rust, C++, the C library, the dynamic loader, or TensorFlow
/// (`F0000 00:00:1795576863.087451 7586 tensor.cc:12] Check failed`).
fn is_last_word(line: &str) -> bool {
    const HEADS: [&str; 16] = [
        "thread '",
        "fatal runtime error",
        "memory allocation of ",
        "terminate called",
        "terminating",
        "malloc",
        "realloc(",
        "free(",
        "double free",
        "munmap_chunk",
        "corrupted ",
        "*** ",
        "Fatal ",
        "Illegal instruction",
        "Check failed",
        "out of memory",
    ];
    HEADS.iter().any(|head| line.starts_with(head))
        || [": symbol lookup error: ", "Assertion `"].iter().any(|part| line.contains(part))
        || severity(line) == Some('F')
}

/// Whether `line` begins an entry of a log that goes on.
fn is_log_entry(line: &str) -> bool {
    line.starts_with("[libprotobuf ") || line.starts_with("WARNING: ") || severity(line).is_some()
}

/// The severity of a log line: `I0000 00:00:1795576863.087451 7586 file.cc:401] ...` or
/// `2026-11-25 03:20:54.123456: I tensorflow/...`.
fn severity(line: &str) -> Option<char> {
    let digits = |text: &str, count: usize| text.len() >= count && text.bytes().take(count).all(|b| b.is_ascii_digit());
    let first = |text: &str| text.chars().next().filter(|letter| "IWEF".contains(*letter));
    let absl = first(line).filter(|_| digits(&line[1..], 4) && line[5..].starts_with(' '));
    absl.or_else(|| {
        let (_, rest) = line.split_once(": ").filter(|(time, _)| digits(line, 4) && time.len() == 26)?;
        first(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATTER: [&str; 9] = [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795576863.087451    7586 mlir_graph_optimization_pass.cc:401] MLIR V1 ...",
        "2026-11-25 03:20:54.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow ...",
        "[libprotobuf ERROR external/com_google_protobuf/src/google/protobuf/wire_format_lite.cc:618] String field",
        "[libprotobuf FATAL external/com_google_protobuf/src/google/protobuf/message_lite.cc:1] CHECK failed",
        "2026-11-25 03:20:54.123456: E tensorflow/core/util/util.cc:1] a status",
        "    of several lines",
        "To enable the following instructions: AVX2 FMA, in other operations, rebuild",
        "",
    ];

    #[test]
    fn all_entries_of_logs_are_kept_back_with_their_further_lines() {
        let mut filter = Filter::default();
        for line in CHATTER.iter().chain(&["nobody knows who said this", "Käse: E0", "F", "F000", "2026"]) {
            assert!(!filter.passes(line), "{line}");
        }
    }

    #[test]
    fn what_is_said_before_the_end_passes_with_all_that_follows() {
        for last in [
            "F0000 00:00:1795576863.087451    7586 tensor.cc:12] Check failed: 1 == 2",
            "2026-11-25 03:20:54.123456: F tensorflow/core/framework/tensor.cc:12] Check failed: NDIMS == dims()",
            "thread 'main' panicked at src/main.rs:1:1:",
            "thread 'main' has overflowed its stack",
            "memory allocation of 1000 bytes failed",
            "terminate called after throwing an instance of 'std::bad_alloc'",
            "malloc(): corrupted top size",
            "double free or corruption (!prev)",
            "movinet-tf: symbol lookup error: libtensorflow.so.2: undefined symbol: x",
        ] {
            let mut filter = Filter::default();
            assert!(!filter.passes(CHATTER[1]));
            assert!(filter.passes(last), "{last}");
            assert!(filter.passes("  what():  std::bad_alloc") && filter.passes(""), "{last}");
            // A panic in another thread need not be the end.
            assert!(!filter.passes(CHATTER[3]) && !filter.passes("of two lines"), "{last}");
        }
    }
}
