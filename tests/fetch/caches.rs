//! Where models come from instead: other caches, files, folders, and what is in use.

use crate::support::{Reply, Server};
use crate::world::{FILES, HUB, KAGGLE, POLICY, World, archive, model, noise};
use movinet_tf::cache::{CacheError, Found, Origin, Record};
use movinet_tf::catalog::LABELS;
use movinet_tf::fetch::{Client, FetchError, Given};

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
