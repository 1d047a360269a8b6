//! Fetching, against a server on loopback that plays TensorFlow Hub and Kaggle and everything that can go wrong.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panic and says what it passes over")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use movinet_tf::cache::{Cache, CacheError, ForeignCaches, Found, Origin, Record};
use movinet_tf::catalog::{LABELS, Model, Official, TfLiteModel};
use movinet_tf::fetch::{Client, FetchError, Given, Login, Policy, Servers, Store};
use movinet_tf::progress::Silent;
use support::{Fault, Reply, Request, Server};
use tempfile::TempDir;

const HUB: &str = "/tensorflow/movinet/a0/base/kinetics-600/classification/3?tf-hub-format=compressed";
const KAGGLE: &str = "/api/v1/models/google/movinet/tensorFlow2/a0-base-kinetics-600-classification/3/download";
const FILES: [&str; 3] = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];

/// Bytes that don't compress.
fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

fn tarball(entries: &[(&str, tar::EntryType, u64, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, size, content) in entries {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the crate refuses to write what an attacker would.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(*size);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// An archive in the official layout, with `extra` entries at its end.
fn archive_with(extra: &[(&str, tar::EntryType, u64, &[u8])]) -> Vec<u8> {
    let weights = noise(300_000);
    let contents: [&[u8]; 3] = [b"graph", b"index", &weights];
    let names = FILES.map(|name| format!("./{name}"));
    let mut entries: Vec<_> = names
        .iter()
        .zip(contents)
        .map(|(name, content)| (name.as_str(), tar::EntryType::Regular, content.len() as u64, content))
        .collect();
    entries.extend_from_slice(extra);
    tarball(&entries)
}

fn archive() -> Vec<u8> {
    archive_with(&[])
}

/// Impatient enough for a test.
const POLICY: Policy = Policy {
    attempts: 4,
    first_pause: Duration::from_millis(20),
    longest_pause: Duration::from_secs(3),
    connect_timeout: Duration::from_secs(2),
    read_timeout: Duration::from_millis(700),
    redirects: 5,
};

/// A cache, other programs' caches, and where to fetch from.
struct World {
    root: TempDir,
    cache: Cache,
    foreign: ForeignCaches,
    servers: Servers,
}

impl World {
    fn new(server: &Server) -> Self {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path().join("cache"));
        Self::with_cache(root, cache, server)
    }

    fn with_cache(root: TempDir, cache: Cache, server: &Server) -> Self {
        let foreign = ForeignCaches { tfhub: root.path().join("tfhub"), kagglehub: root.path().join("kagglehub") };
        let servers = Servers { tfhub: server.url(), kaggle: server.url(), bucket: server.url(), kaggle_login: None };
        Self { root, cache, foreign, servers }
    }

    fn with_store<T>(&self, client: Option<&Client>, work: impl FnOnce(&Store) -> T) -> T {
        let World { cache, foreign, servers, .. } = self;
        work(&Store { cache, foreign, client, servers, progress: &Silent })
    }

    fn fetch(&self) -> Result<Found, FetchError> {
        self.with_store(Some(&Client::new(POLICY).unwrap()), |store| store.fetch(model(), false))
    }

    fn import(&self, from: &Given) -> Result<Found, FetchError> {
        self.with_store(Some(&Client::new(POLICY).unwrap()), |store| store.import(model(), from))
    }

    /// The model is there, every byte as the server has it.
    fn fetches(&self) -> Record {
        let found = self.fetch().unwrap();
        assert_eq!(found.origin, Origin::Fetched);
        assert_eq!(fs_err::read(found.path.join(FILES[2])).unwrap(), noise(300_000));
        let record = Record::read(&found.path).unwrap();
        assert_eq!(record.damage(&found.path), Vec::<String>::new());
        record
    }

    /// Neither source gives it, `said` is in the message, and the cache holds nothing new.
    fn fails(&self, said: &str) {
        let message = self.fetch().unwrap_err().to_string();
        assert!(message.contains(said), "{message}");
        assert!(message.contains("TensorFlow Hub: ") && message.contains("Kaggle: "), "{message}");
        self.holds_nothing();
    }

    fn holds_nothing(&self) {
        assert_eq!(self.cache.entries().unwrap(), []);
        let left: Vec<_> = fs_err::read_dir(self.cache.root().join("models")).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// An error with all that caused it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

fn model() -> Model {
    "a0-base".parse().unwrap()
}

fn is_hub(request: &Request) -> bool {
    request.target.starts_with("/tensorflow/")
}

/// A server whose hub answers with `hub` and whose Kaggle has the whole archive.
fn hub_with(hub: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| if is_hub(request) { hub() } else { Reply::ok(&archive()) })
}

/// The hub's answer is of no use, Kaggle is asked and serves.
fn kaggle_serves_after(hub: impl Fn() -> Reply + Send + Sync + 'static) {
    let server = hub_with(hub);
    let record = World::new(&server).fetches();
    assert_eq!(record.source, server.url() + KAGGLE);
    assert!(is_hub(&server.requests()[0]));
}

/// An answer that both sources give is refused with `said`.
fn refused_everywhere(body: Vec<u8>, said: &str) {
    let server = Server::start(move |_, _| Reply::ok(&body));
    World::new(&server).fails(said);
}

#[test]
fn plain() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    world.fetches();
    assert_eq!(server.requests()[0].target, HUB);
    assert_eq!(world.fetch().unwrap().origin, Origin::Cache);
    assert_eq!(server.requests().len(), 1, "what is here is not asked for again");
}

#[test]
fn redirect_chain_to_a_signed_address_that_is_not_stored() {
    let server = Server::start(|request, _| match request.target.as_str() {
        HUB => Reply { status: "303 See Other", ..Reply::redirect("/kaggle?tf-hub-format=compressed") },
        "/kaggle?tf-hub-format=compressed" => Reply::redirect("/storage/archive?signature=secret"),
        _ => Reply::ok(&archive()),
    });
    let world = World::new(&server);
    let record = world.fetches();
    assert_eq!(server.requests().len(), 3);
    assert_eq!(record.source, server.url() + HUB);
}

#[test]
fn forbidden_then_kaggle() {
    kaggle_serves_after(|| Reply::status("403 Forbidden"));
}

#[test]
fn not_found_anywhere() {
    let server = Server::start(|_, _| Reply::status("404 Not Found"));
    World::new(&server).fails("404 Not Found");
    assert_eq!(server.requests().len(), 2, "what isn't there isn't asked for twice");
}

#[test]
fn too_many_requests_waits_as_long_as_asked() {
    let server = Server::start(|_, number| match number {
        0 => Reply::status("429 Too Many Requests").header("Retry-After", "1"),
        _ => Reply::ok(&archive()),
    });
    let began = Instant::now();
    assert!(World::new(&server).fetches().source.contains("/tensorflow/"));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[test]
fn server_error_twice_then_fine() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Reply::status("500 Internal Server Error"),
        _ => Reply::ok(&archive()),
    });
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

/// A server that breaks off the first answer after 100,000 bytes; `resumed` answers requests for the rest.
fn breaking(resumed: impl Fn(usize, &[u8]) -> Reply + Send + Sync + 'static) -> Server {
    let body = archive();
    Server::start(move |request, number| match (request.range_start(), number) {
        (Some(start), _) => resumed(start, &body),
        (None, 0) => Reply::ok(&body).header("Accept-Ranges", "bytes").fault(Fault::ResetAfter(100_000)),
        (None, _) => Reply::ok(&body),
    })
}

#[test]
fn reset_in_the_body_is_resumed() {
    let server = breaking(|start, body| Reply::partial(body, start));
    World::new(&server).fetches();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].range_start(), Some(100_000), "{requests:?}");
}

#[test]
fn resume_refused_with_200_starts_over() {
    let server = breaking(|_, body| Reply::ok(body));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn wrong_content_range_starts_over() {
    let server = breaking(|start, body| Reply::partial(body, start + 1));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn reset_without_ranges_starts_over() {
    let server = Server::start(|_, number| match number {
        0 => Reply::ok(&archive()).fault(Fault::ResetAfter(100_000)),
        _ => Reply::ok(&archive()),
    });
    World::new(&server).fetches();
    assert!(server.requests().iter().all(|request| request.header("range").is_none()));
}

#[test]
fn wrong_md5() {
    kaggle_serves_after(|| Reply::ok(&archive()).header("x-goog-hash", "md5=AAAAAAAAAAAAAAAAAAAAAA=="));
}

#[test]
fn wrong_crc32c() {
    kaggle_serves_after(|| Reply::ok(&archive()).header("x-goog-hash", "crc32c=AAAAAA=="));
}

#[test]
fn right_hashes_and_none_are_both_fine() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use md5::Digest;
    let body = archive();
    let sums = format!(
        "crc32c={},md5={}",
        BASE64_STANDARD.encode(crc32c::crc32c(&body).to_be_bytes()),
        BASE64_STANDARD.encode(md5::Md5::digest(&body))
    );
    let server = Server::start(move |_, _| Reply::ok(&body).header("x-goog-hash", &sums));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 1);
    let server = Server::start(|_, _| Reply::ok(&archive()));
    World::new(&server).fetches();
}

#[test]
fn length_short() {
    kaggle_serves_after(|| Reply::ok(&archive()).length(Some(200_000)));
}

#[test]
fn length_long() {
    kaggle_serves_after(|| Reply::ok(&archive()).length(Some(9_000_000)));
}

#[test]
fn stalled_body() {
    let began = Instant::now();
    kaggle_serves_after(|| Reply::ok(&archive()).fault(Fault::StallAfter(50_000)));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn slow_but_steady_is_fine() {
    let server = Server::start(|_, _| Reply::ok(&archive()).fault(Fault::Slow(30_000, 150)));
    let began = Instant::now();
    World::new(&server).fetches();
    assert!(began.elapsed() > POLICY.read_timeout, "the time-out is for a silence, not for the whole");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn unknown_length() {
    let server = Server::start(|_, _| Reply::ok(&archive()).length(None));
    World::new(&server).fetches();
}

#[test]
fn redirect_loop() {
    let server = Server::start(|request, _| Reply::redirect(&request.target.clone()));
    World::new(&server).fails("redirected too often");
    assert!(server.requests().len() <= 2 * (POLICY.redirects + 1));
}

#[test]
fn redirect_to_another_host_drops_the_login() {
    let storage = Server::start(|_, _| Reply::ok(&archive()));
    let target = storage.other_host() + "/signed";
    let server = Server::start(move |request, _| match is_hub(request) {
        true => Reply::status("403 Forbidden"),
        false => Reply::redirect(&target),
    });
    let mut world = World::new(&server);
    world.servers.kaggle_login = Login::bearer("secret");
    world.fetches();
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), None, "the login is Kaggle's, not the hub's");
    assert_eq!(requests[1].header("authorization"), Some("Bearer secret"));
    assert_eq!(storage.requests()[0].header("authorization"), None);
    assert!(!format!("{:?}", world.servers).contains("secret"));
}

#[test]
fn html_page_with_status_200() {
    refused_everywhere(b"<!DOCTYPE html><html><body>Sign in</body></html>".to_vec(), "web page");
}

#[test]
fn gzip_bomb() {
    // The header claims five gigabytes; nobody waits for them.
    let bomb = tarball(&[("./saved_model.pb", tar::EntryType::Regular, 5 << 30, b"")]);
    refused_everywhere(bomb, "takes more than");
}

#[test]
fn entry_above_the_folder() {
    refused_everywhere(archive_with(&[("../evil", tar::EntryType::Regular, 1, b"x")]), "outside the folder");
}

#[test]
fn absolute_entry() {
    refused_everywhere(archive_with(&[("/tmp/evil", tar::EntryType::Regular, 1, b"x")]), "outside the folder");
}

#[test]
fn symlink_entry() {
    refused_everywhere(archive_with(&[("./link", tar::EntryType::Symlink, 0, b"")]), "neither a file nor a folder");
}

#[test]
fn missing_saved_model() {
    refused_everywhere(
        tarball(&[("./variables/variables.index", tar::EntryType::Regular, 1, b"x")]),
        "lacks saved_model.pb",
    );
}

#[test]
fn truncated_archive() {
    let whole = archive();
    refused_everywhere(whole[..whole.len() - 1000].to_vec(), "ends too early");
}

#[test]
fn a_model_in_a_folder_of_the_archive() {
    for folder in ["a0-base", "./a0-base", "models/a0"] {
        let names = FILES.map(|name| format!("{folder}/{name}"));
        let entries: Vec<_> = names.iter().map(|name| (&**name, tar::EntryType::Regular, 5, &b"bytes"[..])).collect();
        let archive = tarball(&entries);
        let server = Server::start(move |_, _| Reply::ok(&archive));
        let world = World::new(&server);
        let path = world.fetch().unwrap().path;
        assert!(FILES.iter().all(|name| path.join(name).is_file()), "{folder}");
        let record = Record::read(&path).unwrap();
        assert!(record.damage(&path).is_empty() && record.files.len() == FILES.len());
    }
}

#[test]
fn nobody_listens() {
    let server = Server::start(|_, _| Reply::ok(b""));
    let mut world = World::new(&server);
    (world.servers.tfhub, world.servers.kaggle) = ("http://127.0.0.1:9".into(), "http://127.0.0.1:9".into());
    world.fails("cannot connect");
}

#[test]
fn offline_names_what_would_be_fetched() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    let error = world.with_store(None, |store| store.fetch(model(), false)).unwrap_err().to_string();
    assert!(error.contains(HUB) && error.contains(KAGGLE), "{error}");
    assert!(server.requests().is_empty());
    world.holds_nothing();
}

#[test]
fn other_programs_caches_are_used_in_place_when_whole() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    let copy = world.root.path().join("tfhub/e6f2797008b2e688d1a73c6276713aaf3970e3e5");
    let lay_down = |files: &[&str]| {
        fs_err::create_dir_all(copy.join("variables")).unwrap();
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/src/saved_model/example");
        for file in files {
            let content = match file.rsplit_once('/') {
                Some((_, name)) if name.contains("data") => vec![0; 306],
                Some((_, name)) => fs_err::read(format!("{example}/{name}")).unwrap(),
                None => fs_err::read(format!("{example}/{file}")).unwrap(),
            };
            fs_err::write(copy.join(file), content).unwrap();
        }
    };
    lay_down(&FILES[..2]);
    world.fetches(); // the copy is gutted
    world.cache.remove(&world.cache.entries().unwrap()[0]).unwrap();
    lay_down(&FILES);
    for (file, content) in [(FILES[0], &b""[..]), (FILES[2], &[0; 305])] {
        fs_err::write(copy.join(file), content).unwrap();
        world.fetches(); // a graph of no bytes, values that are cut
        world.cache.remove(&world.cache.entries().unwrap()[0]).unwrap();
        lay_down(&FILES);
    }
    assert_eq!(world.fetch().unwrap(), Found { path: copy, origin: Origin::TensorflowHub });
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn from_a_file_a_folder_and_an_address() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    let file = world.root.path().join("no-ending-tells-what-this-is");
    fs_err::write(&file, archive()).unwrap();
    let imported = world.import(&Given::File(file.clone())).unwrap().path;
    let folder = world.root.path().join("copied");
    fs_err::rename(&imported, &folder).unwrap();
    world.import(&Given::Folder(folder)).unwrap();
    assert!(Record::read(&imported).unwrap().damage(&imported).is_empty());
    world.import(&Given::Url(server.url() + "/mine")).unwrap();
    assert_eq!(server.requests()[0].target, "/mine");
    // A bad one leaves what is there.
    fs_err::write(&file, "no archive").unwrap();
    assert!(matches!(world.import(&Given::File(file)), Err(FetchError::Archive { .. })));
    assert!(world.with_store(None, |store| store.find(model())).is_some());
}

#[test]
fn a_known_file_must_be_the_known_one() {
    let server = Server::start(|_, _| Reply::ok(&noise(LABELS.bytes as usize)));
    let world = World::new(&server);
    let client = Client::new(POLICY).unwrap();
    let from = Given::Url(server.url());
    let error = world.with_store(Some(&client), |store| store.file(&LABELS, Some(&from), false)).unwrap_err();
    assert!(matches!(error, FetchError::Hash { .. }), "{error}");
    world.holds_nothing();
}

#[test]
fn what_is_in_use_is_not_removed_and_damage_is_found() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    world.fetches();
    let entry = world.cache.entries().unwrap().remove(0);
    let in_use = world.cache.use_entry(&entry).unwrap();
    assert!(matches!(world.cache.remove(&entry), Err(CacheError::InUse { .. })));
    drop(in_use);
    let weights = entry.path().join(FILES[2]);
    let mut bytes = fs_err::read(&weights).unwrap();
    bytes[12_345] ^= 1;
    fs_err::write(&weights, bytes).unwrap();
    assert_eq!(Record::read(entry.path()).unwrap().damage(entry.path()).len(), 1);
    world.cache.remove(&entry).unwrap();
    world.holds_nothing();
}

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

fn tflite(name: &str) -> TfLiteModel {
    match name.parse().unwrap() {
        Official::TfLite(model) => model,
        Official::SavedModel(model) => panic!("{model}"),
    }
}

fn tflite_file(name: &str) -> Vec<u8> {
    fs_err::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite").join(name)).unwrap()
}

/// A server with `bare` in the bucket, and on Kaggle alone `packed` in an archive.
fn tflite_server(bare: &'static str, packed: &'static str) -> Server {
    Server::start(move |request, _| {
        let content = tflite_file(packed);
        match &*request.target {
            "/tf_model_garden/vision/movinet/movinet_a1_stream.tflite" => Reply::ok(&tflite_file(bare)),
            "/api/v1/models/google/movinet/tfLite/a0-stream-kinetics-600-classification-tflite-float16/1/download" => {
                let entry = ("1.tflite", tar::EntryType::Regular, content.len() as u64, &content[..]);
                Reply::ok(&tarball(&[entry]))
            }
            _ => Reply::status("404 Not Found"),
        }
    })
}

#[test]
fn tflite_files_come_as_they_are_or_in_an_archive() {
    let server = tflite_server("large.tflite", "large.tflite");
    let world = World::new(&server);
    let client = Client::new(POLICY).unwrap();
    for name in ["a1-stream-float32", "a0-stream-float16"] {
        let fetched = world.with_store(Some(&client), |store| store.fetch(tflite(name), false)).unwrap();
        assert_eq!(fetched.origin, Origin::Fetched);
        assert_eq!(fs_err::read(&fetched.path).unwrap(), tflite_file("large.tflite"));
        let found = world.with_store(None, |store| store.find(tflite(name))).unwrap();
        assert_eq!((found.path, found.origin), (fetched.path.clone(), Origin::Cache));
        let entry = fetched.path.parent().unwrap();
        assert_eq!(Record::read(entry).unwrap().damage(entry), Vec::<String>::new());
        assert_eq!(fs_err::read_dir(entry).unwrap().count(), 2, "the file and its record");
    }
    let asked: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
    assert!(asked[1].starts_with("/tensorflow/lite-model/movinet/a0/stream/"), "{asked:?}");
}

#[test]
fn another_tflite_file_than_the_wanted_one_is_refused() {
    let world = World::new(&tflite_server("stream.tflite", "base.tflite"));
    let client = Client::new(POLICY).unwrap();
    for (name, said) in [
        ("a1-stream-float32", "it is a stream model of 5 classes, not of 600"),
        ("a0-stream-float16", "it is a base model"),
        ("a2-stream-int8", "404"),
    ] {
        let error = world.with_store(Some(&client), |store| store.fetch(tflite(name), false)).unwrap_err().to_string();
        assert!(error.contains(said), "{name}: {error}");
        assert!(world.with_store(None, |store| store.find(tflite(name))).is_none());
    }
    let folder = world.root.path().join("mine");
    fs_err::create_dir(&folder).unwrap();
    let import = |from: &Given| world.with_store(None, |store| store.import(tflite("a0-stream-float32"), from));
    let error = import(&Given::Folder(folder.clone())).unwrap_err().to_string();
    assert!(error.ends_with("the folder holds 0 TF Lite files"), "{error}");
    fs_err::write(folder.join("x.tflite"), tflite_file("large.tflite")).unwrap();
    assert_eq!(import(&Given::Folder(folder)).unwrap().origin, Origin::Fetched);
    // The file that is known to the byte has to be that.
    let large = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite/large.tflite");
    let int8 = world.with_store(None, |store| store.import(tflite("a0-stream-int8"), &Given::File(large)));
    assert!(int8.unwrap_err().to_string().contains("another file: its sha256"));
}
