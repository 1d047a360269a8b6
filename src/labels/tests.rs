use std::path::Path;

use super::*;

fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<String>, String> {
    match Labels::from_bytes(bytes.as_ref(), Path::new("labels.txt")) {
        Ok(labels) => Ok(labels.names.unwrap().to_vec()),
        Err(error) => Err(error.to_string()),
    }
}

fn are(bytes: impl AsRef<[u8]>, names: &[&str]) {
    let shown = String::from_utf8_lossy(bytes.as_ref()).into_owned();
    assert_eq!(read(bytes).unwrap(), names, "{shown}");
}

fn refused(bytes: impl AsRef<[u8]>, reason: &str) {
    let error = read(bytes.as_ref()).unwrap_err();
    assert!(error.contains(reason) && error.contains("'labels.txt'"), "{error}");
}

const THREE: [&str; 3] = ["high kick", "lunge", "squat"];

#[test]
fn labels_must_be_as_many_as_classes() {
    let labels = Labels::parse("jumping jacks\r\nlunge\n");
    assert_eq!(labels.name(0), "jumping jacks");
    assert!(labels.check(2, Path::new("x")).is_ok());
    assert!(matches!(labels.check(3, Path::new("x")), Err(LabelsError::Count { lines: 2, classes: 3, .. })));
    assert_eq!(Labels::numbered().name(7), "class 7");
}

#[test]
fn a_byte_order_mark_and_the_ends_of_lines_are_no_part_of_names() {
    are("\u{feff}high kick\nlunge\nsquat\n", &THREE);
    are("\u{feff}0,high kick\n1,lunge\n2,squat\n", &THREE);
    are("high kick\r\nlunge\r\nsquat", &THREE);
    are("high kick\rlunge\rsquat\r", &THREE);
    are(" high kick \nlunge\t\nsquat", &THREE);
    assert_eq!(Labels::parse("\u{feff}a\n\n").name(0), "a");
}

#[test]
fn empty_lines_count_only_between_names() {
    are("high kick\nlunge\nsquat\n\n \r\n\n", &THREE);
    are("", &[]);
    are("\n\n", &[]);
    refused("high kick\nlunge\n\nsquat\n", "line 3 is empty");
    refused("\nhigh kick\n", "line 1 is empty");
    refused("0,high kick\n\n1,lunge\n", "line 2 is empty");
}

#[test]
fn numbered_lines_are_put_in_order() {
    for text in [
        "id,name\n0,high kick\n1,lunge\n2,squat\n",
        "0,high kick\n1,lunge\n2,squat\n",
        "2, squat\n0, high kick\n1, lunge\n",
        "0 high kick\n1 lunge\n2 squat\n",
        "0\thigh kick\n1\tlunge\n2\tsquat",
        "0: high kick\n1: lunge\n2: squat",
        "0;high kick\r\n1;lunge\r\n2;squat\r\n",
        "00 high kick\n01 lunge\n02 squat",
        "id name\n0 high kick\n1 lunge\n2 squat",
        "name,id\nhigh kick,0\nlunge,1\nsquat,2\n",
        "squat\t2\nhigh kick\t0\nlunge\t1",
        "\"id\",\"name\"\n\"0\",\"high kick\"\n\"1\",\"lunge\"\n\"2\",\"squat\"\n",
        "0. high kick\n1. lunge\n2. squat",
        "0) high kick\n1) lunge\n2) squat",
    ] {
        are(text, &THREE);
    }
    are("0,\"passing, \"\"american\"\"\"\n1,lunge", &["passing, \"american\"", "lunge"]);
    are("0,passing, american\n1,lunge", &["passing, american", "lunge"]);
    are("0 lunge", &["lunge"]);
}

#[test]
fn names_that_begin_with_numbers_are_names() {
    for names in [
        ["100 m run", "200 m run", "400 m run"],
        ["100 m run", "1 mile run", "0 g flight"],
        ["0", "1", "2"],
        ["level 0", "level 1", "level 2"],
        ["lunge", "1 mile run", "2 mile run"],
        ["passing, american", "tying, bow tie", "tying, knot (not on a tie)"],
        ["ratio 1:2", "ratio 1:1", "squat"],
        ["[sitting]", "{standing}", "walking"],
    ] {
        are(names.join("\n"), &names);
    }
    are("0 a\n1 b\n1 c", &["0 a", "1 b", "1 c"]);
}

#[test]
fn numbers_that_are_no_classes_are_told() {
    refused("1 high kick\n2 lunge\n3 squat", "begin at 1");
    refused("id,name\n1,high kick\n2,lunge", "begin at 1");
    refused("0,high kick\n1,lunge\n3,squat", "the number 2 is missing");
    refused("0,high kick\n1,lunge\n1,squat", "the number 1 is there twice");
    refused("0,high kick\n1,\n2,squat", "line 2 has a number but no name");
    refused("id,name,parent\n0,high kick,fight\n1,lunge,gym", "more than two columns");
}

#[test]
fn json_is_understood() {
    are("[\"high kick\", \"lunge\",\n \"squat\"]\n", &THREE);
    are("{\"0\": \"high kick\", \"2\": \"squat\", \"1\": \"lunge\"}", &THREE);
    are("\u{feff}{\"lunge\": 1, \"squat\": 2, \"high kick\": 0}", &THREE);
    refused("{\"0\": \"high kick\", \"2\": \"squat\"}", "the number 1 is missing");
    refused("{\"lunge\": 1, \"squat\": 2}", "begin at 1");
    refused("[\"high kick\", 7]", "it takes a list of names");
    refused("{\"classes\": [\"lunge\"]}", "it takes a list of names");
    refused("[\"high kick\", \"\"]", "the name of class 1 is empty");
    refused("[\"high kick\",]", "looks like JSON but isn't");
}

#[test]
fn what_is_not_utf_8_is_named() {
    let wide = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for big in [false, true] {
        for text in ["\u{feff}high kick\nlunge\n", "high kick\nlunge\n", "lunge", "跳躍\n走る\n"] {
            refused(wide(text, big), "is UTF-16; save it as UTF-8");
        }
    }
    let widest = |text: &str| -> Vec<u8> { text.chars().flat_map(|letter| (letter as u32).to_le_bytes()).collect() };
    refused(widest("\u{feff}lunge\n"), "is UTF-32");
    refused(widest("lunge\n"), "is UTF-32");
    refused(b"capo\xe9ira\nlunge\n", "Latin-1");
    refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text");
    refused(b"\x1f\x8b\x08\xff\x01", "no text");
    are("capoéira\n跳躍", &["capoéira", "跳躍"]);
}
