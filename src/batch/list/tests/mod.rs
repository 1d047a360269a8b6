mod folders;
mod tables;

use std::ffi::OsStr;
use std::io::{BufReader, Cursor, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;

/// A folder with files of these names and contents.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    folder
}

/// What a list called `name` of this content gives.
fn read(name: &str, content: impl AsRef<[u8]>) -> Vec<Result<Item, BadLine>> {
    let folder = folder(&[(name, content.as_ref())]);
    let names = [folder.path().join(name)];
    let given: Vec<_> = List::open(&names).unwrap().collect();
    assert_eq!(List::count(&names).unwrap(), given.len() as u64);
    given
}

/// The paths of what `read` gave, and the lines of what is bad.
fn paths(given: &[Result<Item, BadLine>]) -> Vec<String> {
    let path = |given: &Result<Item, BadLine>| match given {
        Ok(item) => item.path.to_string_lossy().into_owned(),
        Err(bad) => format!("line {}", bad.line.unwrap_or_default()),
    };
    given.iter().map(path).collect()
}

fn refused(name: &str, content: impl AsRef<[u8]>) -> ListError {
    let folder = folder(&[(name, content.as_ref())]);
    List::open(&[folder.path().join(name)]).unwrap_err()
}

#[test]
fn a_text_has_a_path_a_line() {
    let content = b"\xef\xbb\xbfa.mp4\r\n\n  \n# b.mp4\r\n{c}\n\"d\"\ncaf\xe9.gif\nlast";
    let given = read("clips.TXT", content);
    assert_eq!(paths(&given), ["a.mp4", "# b.mp4", "{c}", "\"d\"", "caf\u{fffd}.gif", "last"]);
    assert_eq!(given[4].as_ref().unwrap().path.as_os_str().as_bytes(), b"caf\xe9.gif");
    for nothing in ["", "\n\n", "\u{feff}", " \r\n"] {
        assert_eq!(read("clips.txt", nothing), [], "{nothing:?}");
    }
}

#[test]
fn lines_that_cannot_be_paths_are_told_and_passed() {
    let long = format!("a\n{}\nb\nzero\0byte\nc", "x".repeat(3 << 20));
    let given = read("clips.txt", &long);
    assert_eq!(paths(&given), ["a", "line 2", "b", "line 4", "c"]);
    let bad = given[1].as_ref().unwrap_err();
    assert!(bad.text.len() < 300 && bad.text.starts_with("xxx") && bad.to_string().contains("line 2"), "{bad}");
    assert!(given[3].as_ref().unwrap_err().reason.contains("zero byte"));
}

#[test]
fn json_lines_say_more_of_a_clip() {
    let given = read(
        "clips.ndjson",
        "\u{feff}{\"path\": \"a.mp4\", \"from\": 1, \"to\": 2.5, \"label\": 3, \"id\": {\"n\": [1]}, \"other\": 1}\r\n\n  \"b\\n.mp4\"  \n",
    );
    let first = Item {
        from: Some(1.0),
        to: Some(2.5),
        label: Some("3".into()),
        id: Some(json!({"n": [1]})),
        ..Item::new("a.mp4")
    };
    assert_eq!(given, [Ok(first), Ok(Item::new("b\n.mp4"))]);
}

#[test]
fn lines_that_are_no_json_of_a_clip_say_what_is_wrong() {
    for (line, reason) in [
        ("a.mp4", "neither"),
        ("[\"a.mp4\", 1, 2]", "neither"),
        ("{\"from\": 1}", "path"),
        ("{\"path\": 7}", "a path must be text"),
        ("{\"path\": \"\"}", "no path"),
        ("{\"path\": \"a\", \"from\": \"1\"}", "column"),
        ("{\"path\": \"a\", \"label\": -1}", "index from 0"),
        ("{\"path\": \"a\", \"from\": -1}", "'from' is -1"),
        ("{\"path\": \"a\", \"to\": 1e300}", "'to' is"),
        ("{\"path\": \"a\", \"from\": 3, \"to\": 2}", "must end behind"),
        ("{\"path\": \"a\"", "EOF"),
        ("{\"path\": \"a\"} {}", "trailing"),
        ("{\"path\": \"a\", \"path\": \"b\"}", "duplicate"),
        ("{\"path\": \"a\\u0000\"}", "zero byte"),
    ] {
        let given = read("clips.jsonl", format!("{line}\n\"next\""));
        let bad = given[0].as_ref().unwrap_err();
        assert!(bad.reason.contains(reason), "{line}: {bad}");
        assert!(!bad.reason.contains("line 1"), "{bad}");
        assert_eq!((bad.line, bad.text.as_str(), paths(&given)[1].as_str()), (Some(1), line, "next"));
    }
}

#[test]
fn standard_input_has_paths_and_json() {
    let input = "a b.mp4\n{\"path\": \"c.mp4\", \"id\": 7}\n\n\"{d}\"\n#e\n{f}\n";
    let given: Vec<_> = List::lines(input.as_bytes(), "standard input").collect();
    assert_eq!(paths(&given), ["a b.mp4", "c.mp4", "{d}", "#e", "line 6"]);
    assert_eq!(given[1].as_ref().unwrap().id, Some(json!(7)));
    assert!(given[4].as_ref().unwrap_err().to_string().starts_with("standard input, line 6: "));
}

#[test]
fn an_input_that_breaks_is_told_once() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    let given: Vec<_> = List::lines(BufReader::new(Cursor::new(b"a\nhal").chain(Broken)), "x").collect();
    assert_eq!(paths(&given), ["a", "line 2"]);
    assert!(given[1].as_ref().unwrap_err().reason.contains("unplugged"));
    let table = Cursor::new(b"path\na\nb").chain(Broken);
    let given: Vec<_> =
        csv::Csv::new(BufReader::new(table), Path::new("x"), Origin::nowhere(Path::new("x"))).unwrap().collect();
    assert_eq!(given.iter().filter(|given| given.is_err()).count(), 1, "{given:?}");
    assert!(given.last().unwrap().as_ref().unwrap_err().reason.contains("unplugged"));
}

#[test]
fn lists_that_say_no_clips_are_refused_at_once() {
    let error = refused("a.csv", "name,label\nb,c\n");
    assert!(matches!(&error, ListError::NoPath { columns, .. } if columns == &["name", "label"]), "{error}");
    assert!(error.to_string().contains("'name', 'label'"), "{error}");
    for name in ["a.csv", "a.txt", "a.jsonl"] {
        assert!(refused(name, b"\xff\xfep\0a\0t\0h\0\n\0").to_string().contains("UTF-16"), "{name}");
        let missing = List::open(&[name.into()]).unwrap_err();
        assert!(matches!(missing, ListError::Read { .. }), "{missing}");
    }
    assert_eq!(read("a.csv", ""), []);
    assert_eq!(read("a.csv", "path\n"), []);
    let pipe = List::open(&["/dev/null".into()]).unwrap().count();
    assert_eq!(pipe, 1, "no list by its name");
    let folder = tempfile::tempdir().unwrap();
    symlink("/dev/null", folder.path().join("a.txt")).unwrap();
    assert!(matches!(List::open(&[folder.path().join("a.txt")]), Err(ListError::NotAFile { .. })));
}

#[test]
fn relative_paths_are_looked_for_beside_the_list_as_well() {
    let folder = folder(&[
        ("in/clips.txt", b"a.mp4\nCargo.toml\nnowhere.mp4\n/tmp/no.mp4\nsub/b.mp4"),
        ("in/a.mp4", b""),
        ("in/Cargo.toml", b""),
        ("in/sub/b.mp4", b""),
    ]);
    let list = folder.path().join("in/clips.txt");
    let given: Vec<_> = List::open(&[list]).unwrap().map(|item| item.unwrap().path).collect();
    let beside = |name: &str| folder.path().join("in").join(name);
    // Tests run in the folder of the package.
    assert_eq!(
        given,
        [beside("a.mp4"), "Cargo.toml".into(), "nowhere.mp4".into(), "/tmp/no.mp4".into(), beside("sub/b.mp4")]
    );
}

#[test]
fn names_are_read_one_after_the_other() {
    let folder = folder(&[("a.txt", b"1\n2"), ("b.csv", b"path\n3"), ("empty.txt", b""), ("f/4.mp4", b"")]);
    let names: Vec<PathBuf> =
        ["a.txt", "empty.txt", "missing.mp4", "f", "b.csv"].map(|name| folder.path().join(name)).into();
    let given: Vec<_> = List::open(&names).unwrap().collect();
    let given: Vec<_> = paths(&given).iter().map(|path| path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(given, ["1", "2", "missing.mp4", "4.mp4", "3"]);
    assert_eq!(List::count(&names).unwrap(), 5);
}

#[test]
fn the_same_lists_have_the_same_identity() {
    let folder = folder(&[("a.txt", b"1\n"), ("b.txt", b"1\n"), ("f/1.mp4", b"")]);
    let at = |names: &[&str]| names.iter().map(|name| folder.path().join(name)).collect::<Vec<_>>();
    let identity = |names: &[&str]| List::identity(&at(names)).unwrap();
    let before = identity(&["a.txt", "f", "x.mp4"]);
    assert_eq!((before.len(), &before), (64, &identity(&["a.txt", "f", "x.mp4"])));
    assert_ne!(before, identity(&["a.txt", "x.mp4", "f"]));
    assert_ne!(identity(&["a.txt"]), identity(&["b.txt"]));
    fs_err::write(folder.path().join("f/2.mp4"), b"").unwrap();
    assert_eq!(before, identity(&["a.txt", "f", "x.mp4"]), "of folders the names alone");
    fs_err::write(folder.path().join("a.txt"), b"2\n").unwrap();
    assert_ne!(before, identity(&["a.txt", "f", "x.mp4"]));
    assert!(List::identity(&at(&["missing.csv"])).is_err());
}

#[test]
fn a_list_can_go_to_another_thread() {
    fn can<T: Send>() {}
    can::<List>();
}

proptest! {
    #[test]
    fn whatever_a_list_holds_is_items_and_bad_lines(
        content in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[\\[{}\":,;\t\r\n\\\\pathfromtoidlabel0-9.-]{0,200}".prop_map(String::into_bytes),
        ],
        header in any::<bool>(),
    ) {
        List::lines(Cursor::new(content.clone()), "x").for_each(drop);
        let table = if header { [&b"path,from,to,label,id\n"[..], &content].concat() } else { content.clone() };
        for (name, content) in [("a.txt", &content), ("a.jsonl", &content), ("a.csv", &table)] {
            let folder = folder(&[(name, content)]);
            if let Ok(list) = List::open(&[folder.path().join(name)]) {
                for item in list.flatten() {
                    prop_assert!(item.check().is_ok());
                }
            }
        }
    }

    #[test]
    fn what_was_written_as_a_table_or_json_comes_back(
        rows in proptest::collection::vec(
            ("/[^\0]{1,20}", any::<bool>(), 0.0..1e6, 0.001..1e6, "([a-z][a-z, ;\"\n]{0,10}[a-z])?", "[a-z0-9]{0,5}"),
            0..6,
        )
    ) {
        let mut table = ::csv::Writer::from_writer(Vec::new());
        table.write_record(["label", "from", "to", "path", "id"]).unwrap();
        let mut json = Vec::new();
        let mut wanted = Vec::new();
        for (path, is_part, from, length, label, id) in rows {
            let (from, to) = (is_part.then_some(from), is_part.then_some(from + length));
            let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
            table.write_record([&label, &number(from), &number(to), &path, &id]).unwrap();
            let some = |text: String| Some(text).filter(|text| !text.is_empty());
            let item = Item { path: path.into(), from, to, label: some(label), id: some(id).map(Into::into) };
            serde_json::to_writer(&mut json, &item).unwrap();
            json.push(b'\n');
            wanted.push(Ok(item));
        }
        prop_assert_eq!(&read("a.csv", table.into_inner().unwrap()), &wanted);
        prop_assert_eq!(&read("a.jsonl", json), &wanted);
    }
}

#[test]
fn paths_of_other_encodings_come_back_from_json() {
    let item = Item::new(OsStr::from_bytes(b"/caf\xe9.gif"));
    assert_eq!(read("a.jsonl", serde_json::to_vec(&item).unwrap()), [Ok(item)]);
}
