//! TF Lite files, as they are or in an archive.

use std::path::Path;

use crate::support::{Reply, Server};
use crate::world::{POLICY, World, tarball};
use movinet_tf::cache::{Origin, Record};
use movinet_tf::catalog::{Official, TfLiteModel};
use movinet_tf::fetch::{Client, Given};

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
    let server = tflite_server("large.tflite", "large-float16.tflite");
    let world = World::new(&server);
    let client = Client::new(POLICY).unwrap();
    for (name, served) in [("a1-stream-float32", "large.tflite"), ("a0-stream-float16", "large-float16.tflite")] {
        let fetched = world.with_store(Some(&client), |store| store.fetch(tflite(name), false)).unwrap();
        assert_eq!(fetched.origin, Origin::Fetched);
        assert_eq!(fs_err::read(&fetched.path).unwrap(), tflite_file(served));
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
    let import = |name, file: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite").join(file);
        world.with_store(None, |store| store.import(tflite(name), &Given::File(file)))
    };
    for (name, file, said) in [
        ("a0-stream-float32", "large-int8.tflite", "with weights of int8, not of float32"),
        ("a0-stream-float16", "large.tflite", "with weights of float32, not of float16"),
        ("a1-stream-int8", "large-float16.tflite", "with weights of float16, not of int8"),
        // The file that is known to the byte has to be that.
        ("a0-stream-int8", "large-int8.tflite", "another file: its sha256"),
    ] {
        let error = import(name, file).unwrap_err().to_string();
        assert!(error.contains(said), "{name}: {error}");
    }
    assert_eq!(import("a1-stream-int8", "large-int8.tflite").unwrap().origin, Origin::Fetched);
}
