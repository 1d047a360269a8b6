//! Several processes, killed ones, full and read-only disks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Fault, Reply, Server};
use crate::world::{World, archive, causes};
use movinet_tf::cache::Cache;
use movinet_tf::fetch::FetchError;
use tempfile::TempDir;

/// The program, told to fetch from `server` into `cache`.
fn program(server: &Server, cache: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("movinet-tf"));
    command.args(arguments).arg("--cache-dir").arg(cache).env("TFHUB_CACHE_DIR", cache.join("none"));
    command.env("MOVINET_TF_HUB_URL", server.url()).env("MOVINET_TF_KAGGLE_URL", server.url());
    command.env("KAGGLEHUB_CACHE", cache.join("none")).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

#[test]
fn killed_at_ten_moments_then_whole() {
    let server = Server::start(|_, _| Reply::ok(&archive()).fault(Fault::Slow(10_000, 10)));
    let root = tempfile::tempdir().unwrap();
    for _ in 0..10 {
        let mut child = program(&server, root.path(), &["fetch", "a0-base", "--no-prepare"]).spawn().unwrap();
        thread::sleep(Duration::from_millis(fastrand::u64(5..330)));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
    }
    assert!(program(&server, root.path(), &["fetch", "a0-base", "--no-prepare"]).status().unwrap().success());
    assert!(program(&server, root.path(), &["cache", "verify"]).status().unwrap().success());
    let left: Vec<PathBuf> = fs_err::read_dir(root.path().join("models")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [root.path().join("models/a0-base")], "nothing half-written stays");
}

#[test]
fn eight_processes_download_once() {
    let server = Server::start(|_, _| Reply::ok(&archive()).fault(Fault::Slow(50_000, 50)));
    let root = tempfile::tempdir().unwrap();
    let children: Vec<_> =
        (0..8).map(|_| program(&server, root.path(), &["fetch", "a0-base", "--no-prepare"]).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(server.requests().len(), 1);
}

/// A file system of its own for the cache, of `options`; `None` where the tests may not mount one.
struct Mounted(TempDir);

impl Mounted {
    fn new(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("passed over: no right to mount a file system");
        None
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn disk_full() {
    let Some(mounted) = Mounted::new("size=100k") else { return };
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::with_cache(tempfile::tempdir().unwrap(), Cache::new(mounted.0.path()), &server);
    let error = world.fetch().unwrap_err();
    assert!(matches!(error, FetchError::Unpack { .. }), "{error}");
    assert!(causes(&error).contains("No space left"), "{error}");
    assert_eq!(server.requests().len(), 1, "another source would not help");
    world.holds_nothing();
}

#[test]
fn read_only_cache() {
    let Some(mounted) = Mounted::new("ro") else { return };
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::with_cache(tempfile::tempdir().unwrap(), Cache::new(mounted.0.path()), &server);
    let error = world.fetch().unwrap_err();
    assert!(matches!(error, FetchError::Cache(_)) && causes(&error).contains("Read-only"), "{error}");
    assert!(server.requests().is_empty(), "nothing is downloaded that cannot be kept");
    let mut child = program(&server, mounted.0.path(), &["fetch", "a0-base", "--no-prepare"]);
    assert_eq!(child.status().unwrap().code(), Some(3));
}

/// The program that fetches a0-base from `server` into `world`'s cache.
fn fetching(world: &World, server: &Server) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("movinet-tf"));
    command.args(["fetch", "a0-base"]).env("MOVINET_TF_CACHE", world.cache.root()).env("HOME", world.root.path());
    command.env("MOVINET_TF_HUB_URL", server.url()).env("MOVINET_TF_KAGGLE_URL", server.url());
    command.env("TFHUB_CACHE_DIR", &world.foreign.tfhub).env("KAGGLEHUB_CACHE", &world.foreign.kagglehub);
    command.env_remove("MOVINET_TF_OFFLINE").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Ends the process, however the test ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn who_is_waited_for_is_said_even_if_that_one_is_stopped() {
    use std::io::{BufRead, BufReader};
    let server = Server::start(|_, _| Reply::ok(&archive()).fault(Fault::Slow(1000, 300)));
    let world = World::new(&server);
    let holder = Running(fetching(&world, &server).spawn().unwrap());
    let began = Instant::now();
    while server.requests().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(20));
    }
    let process = holder.0.id();
    let stopped = Command::new("kill").args(["-STOP", &process.to_string()]).status().unwrap();
    assert!(stopped.success());
    let mut waiting = Running(fetching(&world, &server).spawn().unwrap());
    let lines = BufReader::new(waiting.0.stderr.take().unwrap()).lines();
    let expected = format!("waits for process {process}, which fetches a0-base");
    // Without the line this would wait for ever.
    let deadline = process_deadline(waiting.0.id(), Duration::from_secs(20));
    let said = lines.map_while(Result::ok).find(|line| line.contains("waits for"));
    deadline.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(said, Some(expected));
}

/// Ends `process` after so long, unless it is told that nobody waits for it any more.
fn process_deadline(process: u32, after: Duration) -> std::sync::Arc<std::sync::atomic::AtomicBool> {
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&done);
    thread::spawn(move || {
        thread::sleep(after);
        if !seen.load(std::sync::atomic::Ordering::Relaxed) {
            let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
        }
    });
    done
}
