#[cfg(feature = "parquet")]
mod as_parquet;

use std::io;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::batch::{ErrorKind, RowError};
use crate::media::Sampling;
use crate::predict::Guess;

const ALL: Columns = Columns { top: 2, base: true, logits: true };

fn guess(label: &str, index: usize, probability: f64) -> Guess {
    Guess { label: label.into(), index, probability }
}

fn done() -> Row {
    Row {
        path: "a, b.mp4".into(),
        from: 0.5,
        to: Some(2.0),
        frames: Some(12),
        top: vec![guess("red", 0, 0.75), guess("\"blue\"", 4, 1e-30), guess("green", 2, 0.0)],
        base_top: Some(vec![guess("red", 0, 0.1)]),
        model: "a0-stream".into(),
        engine: "prepared".into(),
        sampling: Sampling::Model,
        seconds: 0.1,
        error: None,
        id: Some(json!("007")),
        logits: Some(vec![1.5, -1e-30]),
        base_logits: Some(vec![0.1]),
    }
}

fn failed() -> Row {
    Row {
        path: "gone\n.mp4".into(),
        from: 0.0,
        to: None,
        frames: None,
        top: Vec::new(),
        base_top: None,
        error: Some(RowError { kind: ErrorKind::Missing, message: "no such file".into() }),
        id: Some(json!({"n": [1, null]})),
        logits: None,
        base_logits: None,
        ..done()
    }
}

/// The columns that a row's JSON has, as CSV names them.
fn flattened(row: &Row, top: usize) -> Vec<String> {
    let json = String::from_utf8(json_lines::line(row).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&json).unwrap();
    // Keys in the order that they are written in.
    let mut keys: Vec<(usize, String)> = value
        .as_object()
        .unwrap()
        .keys()
        .map(|key| (json.find(&format!("\"{key}\":")).unwrap(), key.clone()))
        .collect();
    keys.sort();
    let several = |key: &str| match key {
        "top" => (1..=top).flat_map(|place| [format!("top{place}"), format!("p{place}")]).collect(),
        "base_top" => (1..=top).flat_map(|place| [format!("base_top{place}"), format!("base_p{place}")]).collect(),
        "error" => vec!["error_kind".into(), "error_message".into()],
        key => vec![key.to_owned()],
    };
    keys.iter().flat_map(|(_, key)| several(key)).collect()
}

fn read_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|record| record.unwrap().iter().map(Into::into).collect()).collect()
}

#[test]
fn csv_has_a_column_for_each_key() {
    let header = String::from_utf8(csv::header(&ALL)).unwrap();
    assert_eq!(
        header,
        "path,from,to,frames,top1,p1,top2,p2,base_top1,base_p1,base_top2,base_p2,model,engine,sampling,seconds,\
         error_kind,error_message,id,logits,base_logits\n"
    );
    assert_eq!(read_csv(header.as_bytes())[0], flattened(&done(), 2));
    let few = Columns { top: 1, base: false, logits: false };
    assert_eq!(
        String::from_utf8(csv::header(&few)).unwrap(),
        "path,from,to,frames,top1,p1,model,engine,sampling,seconds,error_kind,error_message,id\n"
    );
}

#[test]
fn csv_has_a_line_for_each_row() {
    assert_eq!(
        String::from_utf8(csv::line(&done(), &ALL)).unwrap(),
        "\"a, b.mp4\",0.5,2.0,12,red,0.75,\"\"\"blue\"\"\",1e-30,red,0.1,,,a0-stream,prepared,model,0.1,,,007,\
         \"[1.5,-1e-30]\",[0.1]\n"
    );
    assert_eq!(
        String::from_utf8(csv::line(&failed(), &Columns { top: 1, base: false, logits: true })).unwrap(),
        "\"gone\n.mp4\",0.0,,,,,a0-stream,prepared,model,0.1,missing,no such file,\"{\"\"n\"\":[1,null]}\",\n"
    );
    for columns in [ALL, Columns { top: 0, base: true, logits: false }, Columns { top: 7, base: false, logits: true }] {
        for row in [done(), failed()] {
            let [header, line] = [csv::header(&columns), csv::line(&row, &columns)].map(|line| read_csv(&line));
            assert_eq!((line.len(), line[0].len()), (1, header[0].len()), "{columns:?}");
        }
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped_in_json() {
    let row = Row { path: "a\u{9b}31m\u{202e}.mp4".into(), ..done() };
    let line = json_lines::line(&row).unwrap();
    assert!(line.is_ascii() && line.ends_with(b"\n"), "{}", String::from_utf8_lossy(&line));
    assert_eq!(serde_json::from_slice::<Row>(&line).unwrap(), row);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ,;\"\n\t\u{7f}é]{0,8}", any::<String>()]
}

fn finite64() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |number| number.is_finite())
}

fn logits() -> impl Strategy<Value = Option<Vec<f32>>> {
    let finite = any::<u32>().prop_map(f32::from_bits).prop_filter("finite", |number| number.is_finite());
    proptest::option::of(proptest::collection::vec(finite, 0..5))
}

fn rows() -> impl Strategy<Value = Row> {
    let guesses = || {
        let guess = (text(), 0usize..1000, finite64());
        proptest::collection::vec(
            guess.prop_map(|(label, index, probability)| Guess { label, index, probability }),
            0..4,
        )
    };
    let id = prop_oneof![
        text().prop_map(|text| Some(json!(text))),
        any::<u64>().prop_map(|number| Some(json!(number))),
        finite64().prop_map(|number| Some(json!([number, {"a": null}]))),
        Just(None),
    ];
    let error = proptest::option::of(text().prop_map(|message| RowError { kind: ErrorKind::CutShort, message }));
    let times = (finite64(), proptest::option::of(finite64()));
    let first = (text(), times, proptest::option::of(0usize..9000), guesses(), proptest::option::of(guesses()));
    (first, finite64(), error, id, logits(), logits()).prop_map(
        |((path, (from, to), frames, top, base_top), seconds, error, id, logits, base_logits)| Row {
            path: path.into(),
            from,
            to,
            frames,
            top,
            base_top,
            seconds,
            error,
            id,
            logits,
            base_logits,
            ..done()
        },
    )
}

proptest! {
    #[test]
    fn json_lines_come_back_to_the_last_bit(row in rows()) {
        let line = json_lines::line(&row).unwrap();
        prop_assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        let again: Row = serde_json::from_slice(&line).unwrap();
        prop_assert_eq!(&again, &row);
        // 0 and -0 are equal, but not the same.
        let bits = |row: &Row| row.logits.iter().flatten().map(|logit| logit.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!((bits(&again), again.seconds.to_bits()), (bits(&row), row.seconds.to_bits()));
    }

    #[test]
    fn csv_comes_back_to_the_last_bit(row in rows()) {
        let columns = Columns { top: 2, base: true, logits: true };
        let [names, fields] = [csv::header(&columns), csv::line(&row, &columns)].map(|line| read_csv(&line).remove(0));
        let field = |name: &str| &fields[names.iter().position(|found| found == name).unwrap()];
        let number = |name: &str| field(name).parse::<f64>().ok().map(f64::to_bits);
        prop_assert_eq!(field("path"), &row.path.to_string_lossy());
        prop_assert_eq!((number("from"), number("to")), (Some(row.from.to_bits()), row.to.map(f64::to_bits)));
        prop_assert_eq!(number("p1"), row.top.first().map(|guess| guess.probability.to_bits()));
        prop_assert_eq!(field("error_message"), &row.error.as_ref().map(|error| error.message.clone()).unwrap_or_default());
        prop_assert_eq!(serde_json::from_str::<Vec<f32>>(field("logits")).ok(), row.logits);
    }
}
