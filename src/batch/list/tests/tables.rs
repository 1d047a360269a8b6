use super::*;

#[test]
fn a_table_has_its_columns_in_any_order() {
    let given = read(
        "clips.csv",
        "\u{feff}Id, PATH ,other,To,from,label\r\n007,a.mp4,x, 2.5 ,1,run\n,\"b,\n\"\"c\"\".mp4\",,,,\n,,,,,\n x ,d.mp4,,,0, 12 \n",
    );
    let item = |path: &str, from, to, label: Option<&str>, id: Option<&str>| {
        Ok(Item { from, to, label: label.map(Into::into), id: id.map(Into::into), ..Item::new(path) })
    };
    assert_eq!(
        given,
        [
            item("a.mp4", Some(1.0), Some(2.5), Some("run"), Some("007")),
            item("b,\n\"c\".mp4", None, None, None, None),
            item("d.mp4", Some(0.0), None, Some("12"), Some("x")),
        ]
    );
}

#[test]
fn tables_of_spreadsheets_are_understood() {
    let german = read("clips.csv", "label;path;from\nrun;a,b.mp4;1,5\n");
    assert_eq!(paths(&german), ["a,b.mp4"]);
    assert_eq!(german[0].as_ref().unwrap().from, Some(1.5));
    assert_eq!(paths(&read("clips.csv", "label\tpath\nrun\ta;b,c.mp4\n")), ["a;b,c.mp4"]);
    assert_eq!(paths(&read("clips.csv", "path\na;b.mp4\n")), ["a;b.mp4"]);
    assert_eq!(paths(&read("clips.csv", "\"a;b\",\"path\"\n1,c.mp4\n")), ["c.mp4"]);
    assert_eq!(paths(&read("clips.csv", "\"a\nb\",path\n1,c.mp4\n")), ["c.mp4"], "a header of two lines");
}

#[test]
fn rows_of_a_table_that_are_no_clips_are_told_and_passed() {
    let given = read(
        "clips.csv",
        "path,from,to\n\na.mp4,x,\nb.mp4,1\nc.mp4,2,1\n,1,2\nd.mp4,nan,\ne,1,2,3\nf.mp4,-1,\n\"g\n.mp4\",inf,\nh.mp4,,\n",
    );
    assert_eq!(
        paths(&given),
        ["line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "line 9", "line 10", "h.mp4"]
    );
    let reason = |index: usize| given[index].as_ref().unwrap_err().reason.clone();
    assert!(reason(0).contains("'from' is 'x'"), "{}", reason(0));
    assert!(reason(1).contains("2 fields, where the header has 3"), "{}", reason(1));
    assert_eq!(given[0].as_ref().unwrap_err().text, "a.mp4,x,");
    for (end, last) in [("\n", ""), ("\r\n", ""), ("\r\n", "\r\n")] {
        let content = ["", "id,path", "", "1,a", "2", "3,\"b\nc\"", "4", ",", "5,", "6"].join(end) + last;
        let given = read("clips.csv", &content);
        assert_eq!(paths(&given), ["a", "line 5", "b\nc", "line 8", "line 10", "line 11"], "{content:?}");
        assert_eq!(given[3].as_ref().unwrap_err().text, "4");
    }
    let latin = read("clips.csv", b"path,label\ncaf\xe9.gif,caf\xe9\ncaf\xe9.gif,x\n");
    assert!(latin[0].as_ref().unwrap_err().reason.contains("UTF-8") && latin[1].is_ok());
}

#[test]
fn a_quote_that_is_not_closed_ends_a_table_and_not_the_memory() {
    let content = format!("path,label\na.mp4,x\n\"b.mp4,y\n{}", "c.mp4,z\n".repeat(1 << 19));
    let given = read("clips.csv", content);
    assert_eq!(paths(&given), ["a.mp4", "line 3"]);
    assert!(given[1].as_ref().unwrap_err().reason.contains("quote"));
}
