use proptest::prelude::*;

use super::*;

const ERROR: Level = Level::Error;

fn lines(text: &str) -> Vec<Line> {
    let mut reader = Reader::default();
    text.lines().map(|line| reader.read(line.as_bytes())).filter(|line| *line != Line::Other).collect()
}

fn error(text: &str) -> Line {
    Line::Log { level: ERROR, text: text.to_owned() }
}

fn shape(width: usize, height: usize, pixel_aspect: Option<f64>) -> Line {
    Line::Shape(Shape { width, height, pixel_aspect })
}

/// What both muxers write, first the one and then the other.
const COUNTING: &str = "#software: Lavf61.1.100\n#tb 0: 1/10\n#media_type 0: video\n#codec_id 0: wrapped_avframe\n\
                        #dimensions 0: 96x64\n#sar 0: 1/1\n";
const TIMING: &str = "#format: frame checksums\n#version: 2\n#hash: CRC32\n#software: Lavf61.1.100\n#tb 0: 1/1000000000\n\
                      #media_type 0: video\n#codec_id 0: wrapped_avframe\n#dimensions 0: 96x64\n#sar 0: 1/1\n\
                      #stream#, dts,        pts, duration,     size, hash\n";

#[test]
fn frames_are_told_in_either_order_of_the_muxers() {
    let counted = "0,          3,          3,        1,      440, 0xbf01137f\n";
    let timed = "0,  300000000,  300000000, 100000000,      440, 3075393e\n";
    let (unit, square) = (Line::Unit { seconds: 0.1 }, shape(96, 64, Some(1.0)));
    let (count, time) = (Line::Counted { pts: 3 }, Line::Timed { pts: 300_000_000, duration: 100_000_000 });
    for (text, told) in [
        (
            format!("{COUNTING}{TIMING}{counted}{timed}"),
            vec![unit.clone(), square.clone(), square.clone(), count.clone(), time.clone()],
        ),
        // Since ffmpeg 7 each has a thread of its own.
        (format!("{TIMING}{timed}{COUNTING}{counted}"), vec![square.clone(), time, unit, square, count]),
    ] {
        assert_eq!(lines(&text), told, "{text}");
    }
}

#[test]
fn what_a_frame_is_like_is_told_at_once() {
    for (aspect, told) in [("64/45", Some(64.0 / 45.0)), ("1/1", Some(1.0)), ("0/1", None), ("1/0", None), ("x", None)]
    {
        let text = format!("#tb 0: 1/25\n#dimensions 0: 720x576\n#sar 0: {aspect}");
        assert_eq!(lines(&text)[1..], [shape(720, 576, told)], "{text}");
    }
    for size in ["", "x", "720x", "-1x2", "720x576x3", "99999999999999999999x1"] {
        assert_eq!(lines(&format!("#dimensions 0: {size}\n#sar 0: 1/1")), [], "{size}");
    }
}

#[test]
fn lines_of_the_log_have_a_level_and_who_says_it() {
    for (line, level, text) in [
        ("[info]   Duration: 00:00:01.50, start: 0", Level::Info, "  Duration: 00:00:01.50, start: 0"),
        ("[h264 @ 0x55d0] [error] error while decoding MB 1 2", ERROR, "h264: error while decoding MB 1 2"),
        ("[in#0/mov,mp4 @ 0x55d0] [warning] partial", Level::Warning, "in#0/mov,mp4: partial"),
        ("[NULL @ 0x1] [mov @ 0x2] [fatal] [1] is odd", ERROR, "mov: [1] is odd"),
        ("[verbose] words", Level::Info, "words"),
    ] {
        assert_eq!(lines(line), [Line::Log { level, text: text.to_owned() }], "{line}");
    }
    assert_eq!(lines("words alone\n[no tag\n[]\n[ @ 0x1] words\n\n"), []);
}

#[test]
fn a_line_of_the_log_may_be_broken_by_what_a_muxer_writes() {
    let frame = "0,          3,          3,        1,      440, 0xbf01137f";
    let count = Line::Counted { pts: 3 };
    let unit = Line::Unit { seconds: 0.1 };
    for (text, told) in [
        (format!("[h264 @ 0x1] [error] {frame}\nbad block"), vec![count.clone(), error("h264: bad block")]),
        (format!("[h264 @ 0x1] {frame}\n{frame}\n[error] bad"), vec![count.clone(), count.clone(), error("bad")]),
        (format!("[error] {frame}\n{frame}\nbad"), vec![count.clone(), count.clone(), error("bad")]),
        (format!("[error] file 10{frame}\n, 11 is bad"), vec![count.clone(), error("file 10, 11 is bad")]),
        (format!("{frame}\nwords that belong to nothing"), vec![count.clone()]),
        ("[h264 @ 0x1] [error] #software: x\n#tb 0: 1/10\nbad".to_owned(), vec![unit, error("h264: bad")]),
    ] {
        assert_eq!(lines(&format!("#tb 0: 1/1000000000\n{text}")), told, "{text}");
    }
}

#[test]
fn the_words_of_a_file_are_no_frames() {
    for line in [
        "[info] Input #0, mov,mp4, from 'file:new",
        "0,          0,          0,        1,      440, 0x12345678",
        "0,          0,          0,        1,      440, 12345678.mp4':",
        "[info]     title           : ] 0, 5, 5, 1, 768, 0x12345678",
        "[info]     title           : [h264 @ 0x1] [error] words",
        "[info]                     : 0, 5, 5, 1, 768, 0x12345678",
    ] {
        assert!(!lines(line).iter().any(|line| matches!(line, Line::Counted { .. } | Line::Timed { .. })), "{line}");
    }
    for line in
        ["0, 1, 2, 3, 4", "0, 1, 2, 3, 4, 5", "0, a, 2, 3, 4, 0x12345678", "0, 1, 2, 3, -4, 12345678", "0, 1, 2"]
    {
        assert_eq!(lines(&format!("#tb 0: 1/1000000000\n{line}")), [], "{line}");
    }
}

#[test]
fn what_is_told_beside_a_frame_is_passed_over() {
    let text = "#tb 0: 1/1000000000\n0,  1,  2,  1,  440, 0xbf01137f, F=0x0, S=1,  8, 0x00000001";
    assert_eq!(lines(text), [Line::Counted { pts: 2 }]);
}

proptest! {
    #[test]
    fn anything_may_be_said(begun: bool, text in prop::collection::vec(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        "(\\[(info|error|x @ 0x1)\\] |#|tb 0: |sar 0: |dimensions 0: |0, |-?[0-9]{1,20}|[x/:,]|[0-9a-f]{8}|é){0,9}"
            .prop_map(String::into_bytes),
    ], 0..20)) {
        let mut reader = Reader { begun, ..Reader::default() };
        for line in text {
            reader.read(&line);
        }
    }
}
