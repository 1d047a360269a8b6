//! Labelled lists: figures, labels that name nothing, clips that fail, two models; with the engine that needs no model.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "support/run.rs"]
mod run;

use predicates::prelude::*;
use predicates::str::contains;
use run::{BLUE, GREEN, Place, RED};
use serde_json::{Value, json};

/// Flags of the engine that needs no model, which knows no rate of its own.
const FAKE: &str = "--model fake";

/// Clips that stay, and clips that turn at the end: the fake base network goes by the mean colour, the stream network by
/// what came last. All are labelled by the colour that they begin with.
fn place() -> Place {
    let place = Place::new();
    let mut list = "label,path,id\n".to_owned();
    for (name, label, parts) in [
        ("red", "red", &[(6, RED)][..]),
        ("green", "green", &[(6, GREEN)]),
        ("turns", "red", &[(8, RED), (3, BLUE)]),
        ("also-turns", "green", &[(8, GREEN), (3, BLUE)]),
        ("blue", "3", &[(4, BLUE)]),
    ] {
        place.gif(&format!("{name}.gif"), parts, (10, 8), 10);
        list += &format!("{label},{name}.gif,{name}\n");
    }
    place.file("list.csv", list);
    place
}

fn paths(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect()
}

#[test]
fn figures_of_both_networks_are_told() {
    let place = place();
    // The fake's classes begin with black, red, green, blue.
    let json = place.json(&format!("-q evaluate list.csv {FAKE} --json -"));
    assert_eq!((&json["schema"], &json["list"]), (&json!("movinet-tf/evaluate/1"), &json!("list.csv")));
    let [stream, base] = &json["models"].as_array().unwrap()[..] else { panic!("{json}") };
    assert_eq!((&stream["network"], &base["network"]), (&json!("stream"), &json!("base")));
    assert_eq!((&stream["model"], &base["model"]), (&json!("fake-stream"), &json!("fake-base")));
    let (stream, base) = (&stream["figures"], &base["figures"]);
    assert_eq!((&stream["top1"]["correct"], &stream["top1"]["accuracy"]), (&json!(3), &json!(0.6)));
    assert_eq!((&base["top1"]["correct"], &base["clips"], &base["failed"]), (&json!(5), &json!(5), &json!(0)));
    assert_eq!(stream["per_class_accuracy"], json!((0.5 + 0.5 + 1.0) / 3.0));
    assert_eq!(paths(&stream["worst"]).len(), 2);
    assert_eq!(stream["classes"][0]["most_confused"], json!({"label": "blue", "index": 3, "clips": 1}));
    assert_eq!((&base["confusions"], &base["worst"]), (&json!([]), &json!([])));
    let comparison = &json["comparison"];
    assert_eq!((&comparison["first"], &comparison["second"]), (&json!("fake-stream"), &json!("fake-base")));
    assert_eq!(paths(&comparison["changes"]), ["turns.gif", "also-turns.gif"]);
    let expected = json!({
        "both_right": 3, "only_first": 0, "only_second": 2, "both_wrong": 0, "p_value": 0.5, "test": "exact",
    });
    assert_eq!(comparison["mcnemar"], expected);
    assert_eq!(comparison["changes"][0]["id"], "turns");
}

#[test]
fn what_is_said_is_what_classify_says() {
    let place = place();
    let wrong = |flags: &str| {
        let json = place.json(&format!("-q evaluate list.csv {FAKE} {flags} --json -"));
        json["models"][0]["figures"]["worst"].as_array().unwrap().clone()
    };
    for flags in ["--network stream", "--network stream --sampling kinetics --from 0.3 --take 8 --step 1"] {
        let rows = place.stdout(&format!("-q classify list.csv {FAKE} {flags}"), 0);
        let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let worst = wrong(flags);
        assert!(!worst.is_empty(), "{flags}");
        for one in worst {
            let row = rows.iter().find(|row| row["path"] == one["path"]).unwrap();
            assert_eq!(row["top"][0]["probability"], one["probability"], "{flags}");
            assert_eq!(row["top"][0]["label"], one["said"]["label"], "{flags}");
        }
    }
}

#[test]
fn the_table_is_for_people() {
    let place = place();
    let text = place.stdout(&format!("-q evaluate list.csv {FAKE}"), 0);
    for said in ["fake-stream", "fake-base", "60.0 %", "100.0 %", "McNemar's test: p = 0.500", "2 clips change"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn labels_that_name_nothing_are_told_before_the_work() {
    let place = place();
    let list = "path,label\nred.gif,red\nmissing.gif,rad\nred.gif,\nred.gif,8\nred.gif,7\n";
    place.file("bad.csv", list);
    let run = place.run(&format!("evaluate bad.csv {FAKE} --json figures.json --html page.html"));
    let said = contains("'bad.csv': of 5 clips, 3 have no class that the model knows")
        .and(contains("clip 2, 'missing.gif': the model has no class 'rad': did you mean 'red'?"))
        .and(contains("clip 3, 'red.gif' has no label"))
        .and(contains("clip 4, 'red.gif': the model has no class '8'"))
        .and(contains("done").not());
    run.code(2).stdout("").stderr(said);
    assert!(!place.path("figures.json").exists() && !place.path("page.html").exists());
    place.file("many.txt", "red.gif\n".repeat(30));
    let told = contains("of 30 clips, 30 have no class").and(contains("has no label").count(5)).and(contains("..."));
    place.run(&format!("evaluate many.txt {FAKE}")).code(2).stderr(told);
    place.file("lines.jsonl", "{\"path\": \"red.gif\", \"label\": 0}\nnot JSON\n");
    place.fails(&format!("evaluate lines.jsonl {FAKE}"), 2, "lines.jsonl, line 2");
    place.file("none.csv", "path,label\n");
    place.fails(&format!("evaluate none.csv {FAKE}"), 2, "'none.csv' names no clip");
}

#[test]
fn clips_that_fail_are_told_and_in_no_figure() {
    let place = place();
    let list = place.read("list.csv") + "red,missing.gif,a\nred,list.csv,b\n";
    place.file("some.csv", list);
    let whole = place.json(&format!("-q evaluate list.csv {FAKE} --json -"));
    let text = place.stdout(&format!("-q evaluate some.csv {FAKE} --json -"), 1);
    let some: Value = serde_json::from_str(&text).unwrap();
    for network in 0..2 {
        let [whole, some] = [&whole, &some].map(|json| &json["models"][network]["figures"]);
        assert_eq!((&some["clips"], &some["failed"]), (&json!(5), &json!(2)));
        for figure in ["top1", "top5", "per_class_accuracy", "calibration", "confusions", "worst"] {
            assert_eq!(some[figure], whole[figure], "{figure}");
        }
        assert_eq!(whole["accuracy_with_failed"], Value::Null);
        assert_eq!(some["classes"][0]["failed"], 2);
    }
    assert_eq!(some["models"][1]["figures"]["accuracy_with_failed"]["top1"], json!(5.0 / 7.0));
    place.file("gone.csv", "path,label\ngone.gif,red\n");
    let said = contains("fake-base: 1 failed; as wrong answers: top 1 0.0 %, top 5 0.0 %");
    place.run(&format!("-q evaluate gone.csv {FAKE}")).code(1).stdout(said);
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let place = place();
    let figures = |workers: usize| {
        let mut json = place.json(&format!("-q evaluate list.csv {FAKE} --workers {workers} --json -"));
        json.as_object_mut().unwrap().remove("seconds");
        json
    };
    assert_eq!(figures(1), figures(4));
}

#[test]
fn another_model_is_asked_of_the_same_clips() {
    let place = place();
    for (flags, network, correct) in [("", "stream", 3), ("--network base", "base", 5)] {
        for workers in [1, 3] {
            let json =
                place.json(&format!("-q evaluate list.csv {FAKE} {flags} --compare fake --workers {workers} --json -"));
            let models = json["models"].as_array().unwrap();
            assert_eq!(models.len(), 2);
            assert!(models.iter().all(|model| model["network"] == network), "{flags}");
            assert_eq!(models[0]["figures"], models[1]["figures"], "{flags}");
            assert_eq!(json["comparison"]["mcnemar"]["both_right"], correct, "{flags}");
            assert_eq!((&json["comparison"]["clips"], &json["comparison"]["changed"]), (&json!(5), &json!(0)));
            assert_eq!(json["comparison"]["first"], format!("fake-{network} (first)"));
        }
    }
    let both = format!("evaluate list.csv {FAKE} --network both --compare fake");
    place.fails(&both, 2, "--network stream or --network base");
    place.fails(&format!("evaluate list.csv {FAKE} --compare nothing"), 2, "nothing");
}

#[test]
fn parts_of_clips_are_judged_each() {
    let place = place();
    let lines = [
        json!({"path": "turns.gif", "label": "red", "to": 0.8}),
        json!({"path": "turns.gif", "label": "green", "from": 0.8, "id": [7]}),
    ];
    place.file("parts.jsonl", lines.map(|line| line.to_string()).join("\n"));
    let json = place.json(&format!("-q evaluate parts.jsonl {FAKE} --network stream --json - --html page.html"));
    let figures = &json["models"][0]["figures"];
    assert_eq!(figures["top1"]["correct"], 1);
    let worst = &figures["worst"][0];
    assert_eq!((&worst["from"], &worst["id"], &worst["said"]["label"]), (&json!(0.8), &json!([7]), &json!("blue")));
    assert_eq!(place.read("page.html").matches("<img ").count(), 3, "the part has 3 frames");
    assert_eq!(json["comparison"], Value::Null);
}

#[test]
fn a_page_has_everything_in_it() {
    let place = place();
    fs_err::rename(place.path("turns.gif"), place.path("<b>.gif")).unwrap();
    place.file(
        "list.csv",
        place.read("list.csv").replace("turns.gif,turns", "<b>.gif,turns").replace("also-<b>", "also-turns"),
    );
    place.run(&format!("-q evaluate list.csv {FAKE} --html page.html")).success().stdout(contains("top 1"));
    let page = place.read("page.html");
    assert_eq!(page.matches("src=\"data:").count(), 2 * 6, "{page}");
    assert!(page.contains("&lt;b&gt;.gif") && !page.contains("<b>.gif"));
    let outside = page.replace("http://www.w3.org/2000/svg", ""); // a name, not an address
    for what in ["http:", "https:", "src=\"//", "url(", "@import", "fetch(", "<link rel=\"stylesheet\""] {
        assert!(!outside.contains(what), "{what}");
    }
    let printed = place.stdout(&format!("-q evaluate list.csv {FAKE} --html -"), 0);
    assert!(printed.starts_with("<!doctype html>") && !printed.contains("95 % confidence   "));
}

#[test]
fn what_makes_no_sense_is_refused_before_the_work() {
    let place = place();
    for (line, code, message) in [
        (format!("evaluate - {FAKE}"), 2, "name a file"),
        (format!("evaluate gone.csv {FAKE}"), 4, "gone.csv"),
        (format!("evaluate list.csv {FAKE} --html list.csv"), 2, "--html would overwrite the list 'list.csv'"),
        (format!("evaluate list.csv {FAKE} --json - --html -"), 2, "only one output"),
        (format!("evaluate list.csv {FAKE} --json no/such/figures.json"), 2, "no/such"),
        (format!("evaluate red.gif {FAKE}"), 2, "has no label"),
        ("evaluate list.csv --stream x --network base".into(), 2, "a base model is needed"),
    ] {
        place.fails(&line, code, message);
    }
}
