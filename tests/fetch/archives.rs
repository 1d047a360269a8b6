//! What archives hold.

use crate::support::{Reply, Server};
use crate::world::{FILES, World, archive, archive_with, refused_everywhere, tarball};
use movinet_tf::cache::Record;

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
