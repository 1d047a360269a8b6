//! What tests of fetching share: archives, a cache, and servers that play the hub.

use std::time::Duration;

use crate::support::{Reply, Request, Server};
use flate2::Compression;
use flate2::write::GzEncoder;
use movinet_tf::cache::{Cache, ForeignCaches, Found, Origin, Record};
use movinet_tf::catalog::Model;
use movinet_tf::fetch::{Client, FetchError, Given, Policy, Servers, Store};
use movinet_tf::progress::Silent;
use tempfile::TempDir;

pub const HUB: &str = "/tensorflow/movinet/a0/base/kinetics-600/classification/3?tf-hub-format=compressed";
pub const KAGGLE: &str = "/api/v1/models/google/movinet/tensorFlow2/a0-base-kinetics-600-classification/3/download";
pub const FILES: [&str; 3] = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];

/// Bytes that don't compress.
pub fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

pub fn tarball(entries: &[(&str, tar::EntryType, u64, &[u8])]) -> Vec<u8> {
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
pub fn archive_with(extra: &[(&str, tar::EntryType, u64, &[u8])]) -> Vec<u8> {
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

pub fn archive() -> Vec<u8> {
    archive_with(&[])
}

/// Impatient enough for a test.
pub const POLICY: Policy = Policy {
    attempts: 4,
    first_pause: Duration::from_millis(20),
    longest_pause: Duration::from_secs(3),
    connect_timeout: Duration::from_secs(2),
    read_timeout: Duration::from_millis(700),
    redirects: 5,
};

/// A cache, other programs' caches, and where to fetch from.
pub struct World {
    pub root: TempDir,
    pub cache: Cache,
    pub foreign: ForeignCaches,
    pub servers: Servers,
}

impl World {
    pub fn new(server: &Server) -> Self {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path().join("cache"));
        Self::with_cache(root, cache, server)
    }

    pub fn with_cache(root: TempDir, cache: Cache, server: &Server) -> Self {
        let foreign = ForeignCaches { tfhub: root.path().join("tfhub"), kagglehub: root.path().join("kagglehub") };
        let servers = Servers { tfhub: server.url(), kaggle: server.url(), bucket: server.url(), kaggle_login: None };
        Self { root, cache, foreign, servers }
    }

    pub fn with_store<T>(&self, client: Option<&Client>, work: impl FnOnce(&Store) -> T) -> T {
        let World { cache, foreign, servers, .. } = self;
        work(&Store { cache, foreign, client, servers, progress: &Silent })
    }

    pub fn fetch(&self) -> Result<Found, FetchError> {
        self.with_store(Some(&Client::new(POLICY).unwrap()), |store| store.fetch(model(), false))
    }

    pub fn import(&self, from: &Given) -> Result<Found, FetchError> {
        self.with_store(Some(&Client::new(POLICY).unwrap()), |store| store.import(model(), from))
    }

    /// The model is there, every byte as the server has it.
    pub fn fetches(&self) -> Record {
        let found = self.fetch().unwrap();
        assert_eq!(found.origin, Origin::Fetched);
        assert_eq!(fs_err::read(found.path.join(FILES[2])).unwrap(), noise(300_000));
        let record = Record::read(&found.path).unwrap();
        assert_eq!(record.damage(&found.path), Vec::<String>::new());
        record
    }

    /// Neither source gives it, `said` is in the message, and the cache holds nothing new.
    pub fn fails(&self, said: &str) {
        let message = self.fetch().unwrap_err().to_string();
        assert!(message.contains(said), "{message}");
        assert!(message.contains("TensorFlow Hub: ") && message.contains("Kaggle: "), "{message}");
        self.holds_nothing();
    }

    pub fn holds_nothing(&self) {
        assert_eq!(self.cache.entries().unwrap(), []);
        let left: Vec<_> = fs_err::read_dir(self.cache.root().join("models")).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// An error with all that caused it.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

pub fn model() -> Model {
    "a0-base".parse().unwrap()
}

pub fn is_hub(request: &Request) -> bool {
    request.target.starts_with("/tensorflow/")
}

/// A server whose hub answers with `hub` and whose Kaggle has the whole archive.
pub fn hub_with(hub: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| if is_hub(request) { hub() } else { Reply::ok(&archive()) })
}

/// The hub's answer is of no use, Kaggle is asked and serves.
pub fn kaggle_serves_after(hub: impl Fn() -> Reply + Send + Sync + 'static) {
    let server = hub_with(hub);
    let record = World::new(&server).fetches();
    assert_eq!(record.source, server.url() + KAGGLE);
    assert!(is_hub(&server.requests()[0]));
}

/// An answer that both sources give is refused with `said`.
pub fn refused_everywhere(body: Vec<u8>, said: &str) {
    let server = Server::start(move |_, _| Reply::ok(&body));
    World::new(&server).fails(said);
}
