//! What a clip can be beside a GIF and a video, and by which rule it is shown to the models; with the engine that needs no
//! model.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use image::RgbImage;
use ndarray::{Array0, Array4, ArrayD, s};
use ndarray_npy::{NpzReader, NpzWriter, write_npy};
use run::{BLUE, GREEN, Place, RED};
use serde_json::{Value, json};

/// Frames of a slope that moves, `(frames, height, width, 3)`.
fn frames(count: usize, height: usize, width: usize) -> Array4<u8> {
    Array4::from_shape_fn((count, height, width, 3), |(t, y, x, c)| (t * 31 + y * 11 + x * 5 + c * 60) as u8)
}

/// A clip as a folder of pictures, numbered without leading zeros.
fn pictures(place: &Place, folder: &str, frames: &Array4<u8>) {
    fs_err::create_dir_all(place.path(folder)).unwrap();
    let (_, height, width, _) = frames.dim();
    for (number, frame) in frames.outer_iter().enumerate() {
        let picture = RgbImage::from_raw(width as u32, height as u32, frame.iter().copied().collect()).unwrap();
        picture.save(place.path(&format!("{folder}/frame{}.png", number + 1))).unwrap();
    }
}

/// The array of this name in an archive.
fn array(place: &Place, archive: &str, name: &str) -> ArrayD<f32> {
    NpzReader::new(fs_err::File::open(place.path(archive)).unwrap()).unwrap().by_name(&format!("{name}.npy")).unwrap()
}

/// What the models are shown of a clip.
fn shown(place: &Place, clip: &str) -> ArrayD<f32> {
    place.run(&format!("-q compare {clip} --model fake --npz shown.npz")).success();
    array(place, "shown.npz", "video")
}

#[test]
fn the_same_frames_are_the_same_clip_whatever_they_are_in() {
    let place = Place::new();
    let clip = frames(12, 20, 30);
    pictures(&place, "folder", &clip);
    write_npy(place.path("clip.npy"), &clip).unwrap();
    write_npy(place.path("unit.npy"), &clip.mapv(|value| f32::from(value) / 255.0)).unwrap();
    let mut npz = NpzWriter::new(fs_err::File::create(place.path("clip.npz")).unwrap());
    npz.add_array("other", &clip).unwrap();
    npz.add_array("video", &clip.slice(s![.., .., .., ..])).unwrap();
    npz.finish().unwrap();
    let expected = shown(&place, "folder");
    assert_eq!(expected.shape(), [12, 32, 32, 3]);
    for same in ["clip.npy", "clip.npz", "folder --fps native"] {
        assert_eq!(shown(&place, same), expected, "{same}");
    }
    let apart = (&shown(&place, "unit.npy") - &expected).mapv(f32::abs).fold(0.0, |most: f32, apart| most.max(*apart));
    assert!(apart < 1e-6, "divided before it is resized: {apart}");
}

#[test]
fn what_compare_writes_can_be_a_clip_again() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    place.run("-q compare clip.gif --model fake --npz run.npz").success();
    place.run("-q compare run.npz --model fake --npz again.npz").success();
    for name in ["video", "base_logits", "stream_logits"] {
        assert_eq!(array(&place, "again.npz", name), array(&place, "run.npz", name), "{name}");
    }
}

#[test]
fn an_archive_may_say_how_many_frames_a_second_it_has() {
    let place = Place::new();
    for (name, timed) in [("timed.npz", true), ("untimed.npz", false)] {
        let mut npz = NpzWriter::new(fs_err::File::create(place.path(name)).unwrap());
        npz.add_array("video", &frames(20, 4, 4)).unwrap();
        if timed {
            npz.add_array("fps", &Array0::from_elem((), 10.0)).unwrap();
        }
        npz.finish().unwrap();
    }
    let clip = |line: &str| place.json(&format!("compare {line} --model fake --json -"))["clip"].clone();
    assert_eq!((&clip("timed.npz --fps 5")["frames"], &clip("timed.npz --from 1")["frames"]), (&json!(10), &json!(10)));
    assert_eq!((&clip("untimed.npz")["frames"], &clip("untimed.npz")["fps"]), (&json!(20), &Value::Null));
    let counted = clip("untimed.npz --sampling kinetics --take 7 --step 2");
    assert_eq!((&counted["frames"], &counted["sampling"]), (&json!(7), &json!("kinetics")));
    for asked in ["--fps 5", "--from 1", "--sampling centre"] {
        place.fails(&format!("compare untimed.npz --model fake {asked}"), 4, "does not say how long its frames last");
    }
}

#[test]
fn the_rate_of_an_archive_is_one_number_of_any_type() {
    let place = Place::new();
    macro_rules! archive {
        ($name:literal, $fps:expr) => {
            let mut npz = NpzWriter::new(fs_err::File::create(place.path($name)).unwrap());
            npz.add_array("video", &frames(20, 4, 4)).unwrap();
            npz.add_array("fps", &$fps).unwrap();
            npz.finish().unwrap();
        };
    }
    archive!("float32.npz", Array0::from_elem((), 10f32));
    archive!("byte.npz", Array0::from_elem((), 10u8));
    archive!("one.npz", ndarray::array![10i16]);
    for name in ["float32", "byte", "one"] {
        let told = place.json(&format!("compare {name}.npz --model fake --fps 5 --json -"));
        assert_eq!(told["clip"]["frames"], json!(10), "{name}");
    }
    archive!("two.npz", ndarray::array![10i16, 11]);
    archive!("zero.npz", Array0::from_elem((), 0f64));
    archive!("huge.npz", Array0::from_elem((), 1e300));
    archive!("flag.npz", Array0::from_elem((), true));
    for (name, message) in [
        ("two", "its 'fps' holds 2 numbers, not one"),
        ("zero", "its 'fps' is 0e0, which is no frame rate"),
        ("huge", "its 'fps' is 1e300, which is no frame rate"),
        ("flag", "its 'fps' is no number"),
    ] {
        place.fails(&format!("compare {name}.npz --model fake"), 4, &format!("'{name}.npz' holds no clip: {message}"));
    }
}

#[test]
fn frames_alone_are_a_reference() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    place.run("-q compare clip.gif --model fake --npz run.npz").success();
    let video = array(&place, "run.npz", "video");
    let mut npz = NpzWriter::new(fs_err::File::create(place.path("video.npz")).unwrap());
    npz.add_array("video", &video).unwrap();
    npz.finish().unwrap();
    place.run("verify clip.gif --model fake --against video.npz --atol 0 --rtol 0").success();
}

#[test]
fn standard_input_is_a_clip_of_any_kind() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    write_npy(place.path("clip.npy"), &frames(5, 4, 4)).unwrap();
    for (file, format, count) in [("clip.gif", "gif", 7), ("clip.npy", "array", 5)] {
        let mut command = place.command();
        command.args(["-q", "compare", "-", "--model", "fake", "--json", "-"]);
        let content = fs_err::read(place.path(file)).unwrap();
        let output = assert_cmd::Command::from_std(command).write_stdin(content).assert().success();
        let told: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        let clip = &told["clip"];
        assert_eq!((&clip["path"], &clip["format"], &clip["frames"]), (&json!("-"), &json!(format), &json!(count)));
    }
    let mut command = place.command();
    command.args(["compare", "-", "--model", "fake"]);
    let nothing = assert_cmd::Command::from_std(command).write_stdin("").assert().code(4);
    nothing.stderr(predicates::str::contains("error: '-' is empty"));
}

#[test]
fn a_gif_is_a_gif_whatever_it_is_called() {
    let place = Place::with_clip(&[(4, RED), (3, BLUE)]);
    fs_err::copy(place.path("clip.gif"), place.path("clip.mp4")).unwrap();
    let [gif, named] = ["clip.gif", "clip.mp4"].map(|clip| shown(&place, clip));
    assert_eq!(gif, named);
}

#[test]
fn what_is_no_clip_is_told_by_name() {
    let place = Place::new();
    place.file("empty.mp4", "");
    place.file("page.mp4", "<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>");
    place.file("folder/notes.txt", "no picture");
    write_npy(place.path("gray.npy"), &Array4::<u8>::zeros((2, 3, 4, 1))).unwrap();
    write_npy(place.path("wide.npy"), &Array4::<f32>::from_elem((2, 3, 4, 3), 255.0)).unwrap();
    write_npy(place.path("double.npy"), &Array4::<f64>::zeros((2, 3, 4, 3))).unwrap();
    write_npy(place.path("flat.npy"), &frames(2, 3, 4).slice(s![0, .., .., ..])).unwrap();
    let mut npz = NpzWriter::new(fs_err::File::create(place.path("frames.npz")).unwrap());
    npz.add_array("frames", &frames(2, 3, 4)).unwrap();
    npz.finish().unwrap();
    place.file("cut.npz", &fs_err::read(place.path("frames.npz")).unwrap()[..60]);
    for (clip, message) in [
        ("missing.mp4", "missing.mp4"),
        ("empty.mp4", "'empty.mp4' is empty"),
        ("page.mp4", "'page.mp4' is no video: it is a web page"),
        ("folder", "'folder' is no video: the folder has no pictures"),
        ("gray.npy", "'gray.npy' holds no clip: it has 1 channels"),
        ("wide.npy", "'wide.npy' holds no clip: it has 255, and float32 frames go from 0 to 1"),
        ("double.npy", "'double.npy' holds no clip"),
        ("flat.npy", "'flat.npy' holds no clip"),
        ("frames.npz", "'frames.npz' holds no clip: it has no array 'video', but frames"),
        ("cut.npz", "'cut.npz' holds no clip"),
    ] {
        place.fails(&format!("compare {clip} --model fake"), 4, message);
    }
    fs_err::create_dir(place.path("odd")).unwrap();
    for (name, width) in [("1.png", 4), ("2.png", 5)] {
        RgbImage::new(width, 3).save(place.path("odd").join(name)).unwrap();
    }
    place.fails("compare odd --model fake", 4, "'2.png' is 5x3 pixels, and the first picture 4x3");
}

#[test]
fn every_result_says_by_which_rule_it_came() {
    let place = Place::with_clip(&[(30, RED), (10, GREEN)]);
    for (asked, rule, count) in [
        ("", "tutorial: every frame, squashed", 40),
        ("--sampling model --fps 5", "model: every frame at 5 fps, squashed", 20),
        ("--sampling kinetics", "kinetics: 50 frames 5 apart at 25 fps, short side 36, centre square", 50),
        (
            "--sampling kinetics --views 3 --take 4",
            "kinetics: 4 frames 5 apart, 3 views at 25 fps, short side 36, centre square",
            4,
        ),
        ("--sampling fit --to 1", "fit: every frame, fitted, from 0 to 1 s", 10),
        (
            "--sampling letterbox --start 10 --step 3",
            "letterbox: 8 frames 3 apart from frame 10 on, fitted on black",
            8,
        ),
        ("--sampling centre --from 3", "centre: every frame at 5 fps, centre square, from 3 s on", 5),
    ] {
        let line = format!("compare clip.gif --model fake {asked}");
        let clip = place.json(&format!("{line} --json - --html page.html"))["clip"].clone();
        let name = rule.split(':').next().unwrap();
        assert_eq!((&clip["rule"], &clip["sampling"], &clip["frames"]), (&json!(rule), &json!(name), &json!(count)));
        assert!(place.stdout(&line, 0).contains(rule));
        assert!(place.read("page.html").contains(rule));
    }
}

#[test]
fn views_are_averaged_and_written_apart() {
    let place = Place::with_clip(&[(20, RED), (20, BLUE)]);
    place
        .run("-q compare clip.gif --model fake --sampling kinetics --take 4 --step 2 --views 2 --npz run.npz")
        .success();
    assert_eq!(array(&place, "run.npz", "video").shape(), [2, 4, 32, 32, 3]);
    assert_eq!(array(&place, "run.npz", "base_logits").shape(), [2, 8]);
    assert_eq!(array(&place, "run.npz", "stream_logits").shape(), [2, 4, 8]);
    let top = place.json("compare clip.gif --model fake --sampling kinetics --take 4 --step 2 --views 2 --json -");
    let share = |at: usize| top["base"]["top"][at]["probability"].as_f64().unwrap();
    assert!((share(0) - share(1)).abs() < 1e-9, "one view is red, the other blue");
}

#[test]
fn what_a_rule_has_no_use_for_is_refused() {
    let place = Place::with_clip(&[(4, RED)]);
    for (asked, message) in [
        ("--views 3", "sampling 'tutorial' cannot be given this number of views"),
        ("--sampling fit --take 3", "sampling 'fit' cannot be given this number of frames"),
        ("--sampling kinetics --start 3", "cannot be given this number of start"),
        ("--sampling model", "nobody says how many frames a second the model was trained on"),
        ("--from 2 --to 1", "it must begin before it ends"),
        ("--from -1", "a number of seconds, 0 or above"),
        ("--sampling center", "invalid value 'center'"),
    ] {
        place.fails(&format!("compare clip.gif --model fake {asked}"), 2, message);
    }
    for beyond in ["--from 60", "--sampling letterbox --start 60"] {
        place.fails(
            &format!("compare clip.gif --model fake {beyond}"),
            4,
            "no frame of 'clip.gif' is left by sampling",
        );
    }
}

#[test]
fn verify_says_where_a_reference_was_sampled_otherwise() {
    let place = Place::with_clip(&[(20, RED), (20, BLUE)]);
    let verify = "verify clip.gif --model fake --sampling";
    place.run(&format!("{verify} kinetics --record ref.npz")).success();
    place.run(&format!("{verify} kinetics --against ref.npz --atol 0 --rtol 0")).success();
    let told = place.stdout(&format!("{verify} centre --against ref.npz"), 1);
    assert!(told.contains("taken by sampling 'kinetics', these by 'centre'"), "{told}");
}

#[test]
fn a_long_clip_has_a_few_hundred_pictures_and_minutes() {
    let place = Place::new();
    place.gif("long.gif", &[(400, RED), (400, BLUE)], (4, 4), 50);
    place.run("-q compare long.gif --model fake --html page.html --plot plot.svg --animation moving.gif").success();
    let page = place.read("page.html");
    assert_eq!(page.matches("data:image/jpeg").count(), 200, "every fourth of 800");
    assert!(page.contains("max=\"200\""));
    assert!(place.read("plot.svg").contains("minutes"));
}
