use std::path::Path;

use super::*;

fn file(name: &str) -> Vec<u8> {
    fs_err::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite").join(name)).unwrap()
}

/// What is wrong with the file `name` where each byte `(place, value)` is another.
fn told(name: &str, bytes: &[(usize, u8)]) -> String {
    let mut content = file(name);
    bytes.iter().for_each(|&(place, value)| content[place] = value);
    match sound(&content) {
        Err(TfLiteFault::Graph(reason)) => reason,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn made_files_are_sound() {
    for name in ["stream.tflite", "short.tflite", "integers.tflite", "flat.tflite", "base.tflite", "large.tflite"] {
        assert!(sound(&file(name)).is_ok(), "{name}");
    }
}

/// Bytes of which LiteRT ended the process by a signal, or never ended.
#[test]
fn what_ends_litert_is_told() {
    for (name, bytes, word) in [
        ("short.tflite", &[(4848, 112), (4849, 238)][..], "a zero point of -4496"),
        ("short.tflite", &[(2855, 187), (3432, 127)], "a zero point of -129"),
        ("short.tflite", &[(2855, 187)], "a scale of -0.00203"),
        ("short.tflite", &[(2352, 255), (2353, 255), (2354, 255), (2355, 255)], "(RESHAPE) has no shape"),
        ("short.tflite", &[(3304, 0), (3305, 0), (3306, 0), (3307, 0)], "(ADD) works on integers that have 0 scales"),
        ("short.tflite", &[(3332, 0)], "(ADD) works on integers that have 0 scales"),
        ("short.tflite", &[(3416, 134)], "(ADD) works on integers that have 0 scales"),
        ("short.tflite", &[(3339, 127)], "a scale of NaN"),
        ("short.tflite", &[(3339, 40)], "(ADD) makes integers of scale"),
        ("short.tflite", &[(2488, 5)], "the graph takes tensor 5, which has values"),
        ("stream.tflite", &[(2480, 17)], "gives tensors that its graph doesn't"),
        ("integers.tflite", &[(1700, 255), (1701, 255), (1702, 255), (1703, 255)], "(ADD) has 1 of the inputs"),
        ("integers.tflite", &[(864, 1), (2192, 5)], "the graph gives tensor 5, which no operator makes"),
        ("short.tflite", &[(383, 1), (2460, 0)], "gives tensors that its graph doesn't"),
        ("short.tflite", &[(4907, 32)], "more than 2147483647 bytes"),
    ] {
        let reason = told(name, bytes);
        assert!(reason.contains(word), "{name} {bytes:?}: {reason}");
    }
}

#[test]
fn no_change_of_a_byte_leads_out_of_the_file() {
    let whole = file("short.tflite");
    for place in 0..whole.len() {
        for value in [0, 1, 127, 255] {
            let mut content = whole.clone();
            content[place] = value;
            let _ = sound(&content);
        }
    }
}
