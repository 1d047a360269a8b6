use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// The clips of a folder, by their names in it, and how many files were passed over.
fn walked(folder: &TempDir) -> (Vec<String>, u64) {
    let mut list = List::open(&[folder.path().to_owned()]).unwrap();
    let given: Vec<_> = list.by_ref().map(|item| item.unwrap().path).collect();
    let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
    (given.iter().map(name).collect(), list.skipped())
}

#[test]
fn folders_are_walked_in_the_order_of_people() {
    let folder = folder(&[
        ("10.mp4", b""),
        ("9.mp4", b"damaged"),
        ("a/2.gif", b""),
        ("a/deep/er/1.mov", b""),
        ("README.md", b"Great"),
        ("list.txt", b"x.mp4"),
        (".hidden.mp4", b""),
        (".git/1.mp4", b""),
        ("video-without-ending", b"\x1a\x45\xdf\xa3"),
        ("poster.jpg", b""),
        ("empty/notes", b""),
    ]);
    let (clips, skipped) = walked(&folder);
    assert_eq!(clips, ["9.mp4", "10.mp4", "a/2.gif", "a/deep/er/1.mov", "video-without-ending"]);
    assert_eq!(skipped, 4, "README.md, list.txt, poster.jpg, empty/notes");
}

#[test]
fn a_folder_of_pictures_alone_is_a_clip() {
    let folder = folder(&[
        ("1/b.png", b""),
        ("1/a.JPG", b""),
        ("1/notes.txt", b"n"),
        ("1/.DS_Store", b""),
        ("2/a.png", b""),
        ("2/clip.mp4", b""),
        ("3/a.png", b""),
        ("3/frames/a.png", b""),
    ]);
    let (clips, skipped) = walked(&folder);
    assert_eq!(clips, ["1", "2/clip.mp4", "3/frames"]);
    assert_eq!(skipped, 3, "1/notes.txt, 2/a.png, 3/a.png");
    let one = [folder.path().join("1")];
    assert_eq!(List::open(&one).unwrap().map(|item| item.unwrap().path).collect::<Vec<_>>(), one);
}

#[test]
fn links_are_followed_but_not_in_circles() {
    let folder = folder(&[("a/1.mp4", b""), ("b/2.mp4", b"")]);
    let at = |name: &str| folder.path().join(name);
    symlink("..", at("a/up")).unwrap();
    symlink(".", at("a/self")).unwrap();
    symlink("../b", at("a/b")).unwrap();
    symlink("../b/2.mp4", at("a/link.mp4")).unwrap();
    symlink("nowhere", at("a/dead.mp4")).unwrap();
    symlink("nowhere", at("a/dead")).unwrap();
    let (clips, skipped) = walked(&folder);
    assert_eq!(clips, ["a/1.mp4", "a/b/2.mp4", "a/dead.mp4", "a/link.mp4", "b/2.mp4"]);
    assert_eq!(skipped, 1, "a/dead");
}

#[test]
fn a_folder_that_cannot_be_read_is_told_and_passed() {
    let folder = folder(&[("a/1.mp4", b""), ("b/2.mp4", b"")]);
    let closed = folder.path().join("a");
    fs_err::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    let given: Vec<_> = List::open(&[folder.path().to_owned()]).unwrap().collect();
    fs_err::set_permissions(&closed, Permissions::from_mode(0o755)).unwrap();
    // The administrator may read everything.
    if let Err(bad) = &given[0] {
        assert_eq!((bad.list.as_path(), bad.line), (closed.as_path(), None));
    }
    assert_eq!(given[1].as_ref().unwrap().path, folder.path().join("b/2.mp4"));
    let mut gone = List::open(&[folder.path().to_owned()]).unwrap();
    gone.next();
    fs_err::remove_dir_all(folder.path().join("b")).unwrap();
    let gone: Vec<_> = gone.collect();
    assert!(gone.len() <= 1, "a name that is nothing any more: {gone:?}");
}
