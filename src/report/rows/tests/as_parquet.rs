use std::fs::File;
use std::io::Write as _;

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, RowAccessor};
use proptest::test_runner::{Config, TestRunner};

use super::*;

fn reader(rows: &[Row], columns: &Columns) -> SerializedFileReader<File> {
    let mut output = Vec::new();
    let metadata = [("movinet-tf".to_owned(), "classify/1".to_owned())];
    let count = parquet::write(rows.iter().cloned().map(Ok), columns, &metadata, &mut output).unwrap();
    assert_eq!(count, rows.len() as u64);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&output).unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// What the file has, in the form that JSON lines have it; `id` as text.
fn read(rows: &[Row], columns: &Columns) -> Vec<Value> {
    let reader = reader(rows, columns);
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| {
        let row = row.unwrap();
        Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
    })
    .collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Long(number) => json!(number),
        Field::Float(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Str(text) => json!(text),
        Field::Group(row) => {
            Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
        }
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("{other:?}"),
    }
}

/// A row as JSON, with `id` as the table has it, and with nothing as null.
fn wanted(row: &Row, columns: &Columns) -> Value {
    let mut value: Value = serde_json::from_slice(&json_lines::line(row).unwrap()).unwrap();
    value["id"] = id(row).map_or(Value::Null, |id| json!(id));
    let keys = value.as_object_mut().unwrap();
    for (key, is_asked) in
        [("base_top", columns.base), ("logits", columns.logits), ("base_logits", columns.logits && columns.base)]
    {
        match is_asked {
            true => drop(keys.entry(key).or_insert(Value::Null)),
            false => drop(keys.remove(key)),
        }
    }
    // JSON has the shortest digits of a float32, which as a float64 is another number.
    for (key, logits) in [("logits", &row.logits), ("base_logits", &row.base_logits)] {
        if let (Some(value), Some(logits)) = (keys.get_mut(key), logits) {
            *value = logits.iter().map(|&logit| json!(logit)).collect();
        }
    }
    value
}

#[test]
fn all_forms_have_the_same_columns() {
    for columns in [ALL, Columns { base: false, ..ALL }, Columns { logits: false, ..ALL }, Columns::default()] {
        let full = done();
        let row = Row {
            base_top: full.base_top.clone().filter(|_| columns.base),
            logits: full.logits.clone().filter(|_| columns.logits),
            base_logits: full.base_logits.clone().filter(|_| columns.logits && columns.base),
            ..full
        };
        let reader = reader(std::slice::from_ref(&row), &columns);
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<_> = schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
        assert_eq!(
            names,
            flattened(&row, 0).iter().fold(Vec::new(), |mut names: Vec<String>, name| {
                match name.as_str() {
                    "error_kind" => names.push("error".into()),
                    "error_message" => {}
                    name => names.push(name.into()),
                }
                if name == "frames" {
                    names.push("top".into());
                    names.extend(columns.base.then(|| "base_top".into()));
                }
                names
            })
        );
        assert_eq!(read_csv(&csv::header(&columns))[0], flattened(&row, columns.top));
    }
}

#[test]
fn a_table_says_what_json_says() {
    let mut runner = TestRunner::new(Config::with_cases(64));
    runner
        .run(&(proptest::collection::vec(rows(), 0..6), any::<bool>(), any::<bool>()), |(rows, base, logits)| {
            let columns = Columns { top: 1, base, logits };
            let wanted: Vec<_> = rows.iter().map(|row| wanted(row, &columns)).collect();
            prop_assert_eq!(read(&rows, &columns), wanted);
            Ok(())
        })
        .unwrap();
}

#[test]
fn rows_are_written_in_groups_with_the_footer_s_words() {
    let rows: Vec<_> = (0..20_000).map(|number| Row { frames: Some(number), ..done() }).collect();
    let reader = reader(&rows, &ALL);
    let groups: Vec<_> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [8192, 8192, 3616]);
    let said = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(said.iter().any(|said| said.key == "movinet-tf" && said.value.as_deref() == Some("classify/1")));
    let frames = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_long(3).unwrap());
    assert!(frames.eq(0..20_000));
}

#[test]
fn what_fails_is_said_as_it_is() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let many = || (0..20_000).map(|_| Ok(done()));
    assert_eq!(parquet::write(many(), &ALL, &[], Full).unwrap_err().kind(), io::ErrorKind::StorageFull);
    let broken = [Ok(done()), Err(io::ErrorKind::TimedOut.into())].into_iter();
    assert_eq!(parquet::write(broken, &ALL, &[], io::sink()).unwrap_err().kind(), io::ErrorKind::TimedOut);
}
