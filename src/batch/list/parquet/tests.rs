use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use super::super::List;
use super::*;

/// A column of a group of rows, that writes itself.
type Column = Box<dyn Fn(&mut parquet::file::writer::SerializedColumnWriter<'_>)>;

fn column<T: DataType>(values: Vec<T::T>, present: Option<Vec<i16>>) -> Column {
    Box::new(move |writer| {
        writer.typed::<T>().write_batch(&values, present.as_deref(), None).unwrap();
    })
}

fn texts(texts: &[&str]) -> Column {
    column::<ByteArrayType>(texts.iter().map(|&text| text.into()).collect(), None)
}

/// A Parquet file of these groups of rows.
fn table(schema: &str, compression: Compression, groups: &[Vec<Column>]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message list {{ {schema} }}")).unwrap();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).unwrap();
    for columns in groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut writer = group.next_column().unwrap().unwrap();
            column(&mut writer);
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn open(content: &[u8]) -> Result<Vec<Result<Item, BadLine>>, ListError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.Parquet");
    fs_err::write(&path, content).unwrap();
    let names = [path];
    let given: Vec<_> = List::open(&names)?.collect();
    assert_eq!(List::count(&names)?, given.len() as u64);
    Ok(given)
}

/// What a list of one row has as `from`, of one column of such a type.
fn from<T: DataType>(kind: &str, value: T::T) -> Result<Option<f64>, String> {
    let schema = format!("required binary path (UTF8); required {kind};").replace("VALUE", "from");
    let content = table(&schema, Compression::UNCOMPRESSED, &[vec![texts(&["a"]), column::<T>(vec![value], None)]]);
    open(&content).unwrap().remove(0).map(|item| item.from).map_err(|bad| bad.reason)
}

/// And as `id`.
fn id<T: DataType>(kind: &str, value: T::T) -> Option<Value> {
    let schema = format!("required binary path (UTF8); required {kind};").replace("VALUE", "id");
    let content = table(&schema, Compression::UNCOMPRESSED, &[vec![texts(&["a"]), column::<T>(vec![value], None)]]);
    open(&content).unwrap().remove(0).unwrap().id
}

#[test]
fn columns_stand_in_any_order_and_in_any_compression() {
    let schema = "optional int64 ID; optional float other; optional binary label (UTF8); optional double to;
        optional int32 from; required binary Path (UTF8);";
    let present = || Some(vec![1, 0, 1]);
    let groups = || {
        let first = vec![
            column::<Int64Type>(vec![7, 8], present()),
            column::<FloatType>(vec![1.0, 2.0], present()),
            column::<ByteArrayType>(vec!["run".into(), " ".into()], present()),
            column::<DoubleType>(vec![2.5, 0.5], present()),
            column::<Int32Type>(vec![1, 0], present()),
            texts(&["a.mp4", "b.mp4", "c.mp4"]),
        ];
        let second = vec![
            column::<Int64Type>(vec![], Some(vec![0])),
            column::<FloatType>(vec![], Some(vec![0])),
            column::<ByteArrayType>(vec![], Some(vec![0])),
            column::<DoubleType>(vec![], Some(vec![0])),
            column::<Int32Type>(vec![], Some(vec![0])),
            texts(&["d.mp4"]),
        ];
        [first, second]
    };
    let wanted = [
        Ok(Item {
            from: Some(1.0),
            to: Some(2.5),
            label: Some("run".into()),
            id: Some(json!(7)),
            ..Item::new("a.mp4")
        }),
        Ok(Item::new("b.mp4")),
        Ok(Item { from: Some(0.0), to: Some(0.5), id: Some(json!(8)), ..Item::new("c.mp4") }),
        Ok(Item::new("d.mp4")),
    ];
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ] {
        assert_eq!(open(&table(schema, compression, &groups())).unwrap(), wanted, "{compression}");
    }
}

#[test]
fn many_rows_come_in_their_order() {
    let group = |start: usize| {
        let names: Vec<String> = (start..start + 2500).map(|number| number.to_string()).collect();
        vec![texts(&names.iter().map(String::as_str).collect::<Vec<_>>())]
    };
    let given = open(&table("required binary path (UTF8);", Compression::SNAPPY, &[group(0), group(2500)])).unwrap();
    let wanted: Vec<_> = (0..5000).map(|number: usize| Ok(Item::new(number.to_string()))).collect();
    assert_eq!(given, wanted);
}

#[test]
fn times_are_numbers_of_any_type() {
    assert_eq!(from::<FloatType>("float VALUE", 1.5), Ok(Some(1.5)));
    assert_eq!(from::<Int64Type>("int64 VALUE", 3), Ok(Some(3.0)));
    assert_eq!(from::<Int32Type>("int32 VALUE (UINT_32)", -1), Ok(Some(4294967295.0)));
    assert_eq!(from::<Int32Type>("int32 VALUE (DECIMAL(5, 2))", 125), Ok(Some(1.25)));
    assert_eq!(from::<Int64Type>("int64 VALUE (DECIMAL(18, 1))", 1), Ok(Some(0.1)));
    assert_eq!(from::<ByteArrayType>("binary VALUE (DECIMAL(9, 3))", vec![4, 210].into()), Ok(Some(1.234)));
    let fixed = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
    assert_eq!(
        from::<FixedLenByteArrayType>("fixed_len_byte_array(5) VALUE (DECIMAL(9, 0))", fixed(&[0, 0, 0, 0, 9])),
        Ok(Some(9.0))
    );
    let negative = from::<FixedLenByteArrayType>("fixed_len_byte_array(2) VALUE (DECIMAL(3, 1))", fixed(&[0xff, 0xf1]));
    assert!(negative.unwrap_err().contains("'from' is -1.5"));
    assert_eq!(
        from::<FixedLenByteArrayType>("fixed_len_byte_array(2) VALUE (FLOAT16)", fixed(&[0, 0x3e])),
        Ok(Some(1.5))
    );
    for bad in [
        from::<ByteArrayType>("binary VALUE (UTF8)", "1.5".into()),
        from::<DoubleType>("double VALUE", f64::NAN),
        from::<DoubleType>("double VALUE", -1.0),
        from::<BoolType>("boolean VALUE", true),
    ] {
        assert!(bad.unwrap_err().contains("'from' is"));
    }
}

#[test]
fn a_clip_may_be_called_by_anything() {
    assert_eq!(id::<Int64Type>("int64 VALUE (UINT_64)", -1), Some(json!(u64::MAX)));
    assert_eq!(id::<ByteArrayType>("binary VALUE (UTF8)", "007".into()), Some(json!("007")));
    assert_eq!(id::<ByteArrayType>("binary VALUE", "x".into()), Some(json!("x")));
    assert_eq!(id::<DoubleType>("double VALUE", 0.5), Some(json!(0.5)));
    assert_eq!(id::<BoolType>("boolean VALUE", true), Some(json!(true)));
}

#[test]
fn a_class_is_a_name_or_an_index() {
    let schema = |kind: &str| format!("required binary path; required {kind};");
    for (kind, column, label) in [
        ("int64 label", column::<Int64Type>(vec![3], None), Ok("3")),
        ("double label", column::<DoubleType>(vec![3.0], None), Ok("3")),
        ("binary label (UTF8)", texts(&[" run "]), Ok("run")),
        ("double label", column::<DoubleType>(vec![0.5], None), Err("'label' is 0.5")),
        ("binary label", column::<ByteArrayType>(vec![vec![0xff].into()], None), Err("'label' is")),
    ] {
        let given = open(&table(&schema(kind), Compression::SNAPPY, &[vec![texts(&["a"]), column]])).unwrap().remove(0);
        match (given, label) {
            (Ok(item), Ok(label)) => assert_eq!(item.label.as_deref(), Some(label)),
            (Err(bad), Err(reason)) => assert!(bad.reason.contains(reason) && bad.text == "a", "{bad}"),
            (given, _) => panic!("{given:?}"),
        }
    }
}

#[test]
fn rows_without_a_clip_are_told_and_passed() {
    let paths =
        column::<ByteArrayType>(vec!["a".into(), "".into(), b"caf\xe9.gif".to_vec().into()], Some(vec![1, 0, 1, 1]));
    let given = open(&table("optional binary path;", Compression::SNAPPY, &[vec![paths]])).unwrap();
    assert_eq!(given[0], Ok(Item::new("a")));
    assert_eq!(given[1].as_ref().unwrap_err().line, Some(2));
    assert_eq!(given[2].as_ref().unwrap_err().line, Some(3));
    assert_eq!(given[3], Ok(Item::new(OsStr::from_bytes(b"caf\xe9.gif"))));
}

#[test]
fn what_has_no_clips_is_refused_at_once() {
    let one = |schema: &str| table(schema, Compression::SNAPPY, &[]);
    let error = open(&one("required binary name; required int32 label;")).unwrap_err();
    assert!(matches!(&error, ListError::NoPath { columns, .. } if columns == &["name", "label"]), "{error}");
    for (schema, column) in [
        ("required binary path; optional group id { required int32 a; }", "id"),
        ("repeated binary path;", "path"),
        ("required binary path; required int64 from (TIMESTAMP_MICROS);", "from"),
        ("required binary path; required int64 id (TIMESTAMP(NANOS,true));", "id"),
        ("required binary path; required int32 id (DATE);", "id"),
        ("required binary path; required int96 id;", "id"),
        ("required group path (LIST) { repeated group list { required binary element; } }", "path"),
    ] {
        let error = open(&one(schema)).unwrap_err();
        assert!(matches!(error, ListError::Column { column: found, .. } if found == column), "{error}");
    }
    for content in [&b""[..], b"path\na\n", b"PAR1", b"PAR1\0\0\0\0PAR1"] {
        let error = open(content).unwrap_err();
        assert!(error.to_string().contains("cannot be read as Parquet"), "{error}");
    }
    assert_eq!(open(&one("required binary path;")).unwrap(), []);
}

#[test]
fn damaged_tables_are_refused_or_end_early() {
    let names: Vec<String> = (0..50).map(|number| format!("clip-{number}.mp4")).collect();
    let columns = || {
        vec![
            texts(&names.iter().map(String::as_str).collect::<Vec<_>>()),
            column::<DoubleType>((0..50).map(f64::from).collect(), Some(vec![1; 50])),
        ]
    };
    let schema = "required binary path (UTF8); optional double from;";
    let whole = table(schema, Compression::SNAPPY, &[columns(), columns()]);
    assert_eq!(open(&whole).unwrap().len(), 100);
    let folder = tempfile::tempdir().unwrap();
    let names = [folder.path().join("a.parquet")];
    let given = |content: &[u8]| {
        fs_err::write(&names[0], content).unwrap();
        List::open(&names).map(Iterator::count)
    };
    let footer = whole.len() - 8 - u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().unwrap()) as usize;
    for place in (0..footer).step_by(5).chain(footer..whole.len()) {
        for change in [1, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] ^= change;
            let _ = given(&damaged); // It ends, and that is all that can be said.
        }
    }
    for length in (0..whole.len()).step_by(9) {
        assert!(given(&whole[..length]).is_err(), "the footer is the end");
    }
}

#[test]
fn a_list_is_found_by_its_ending() {
    let missing = List::open(&[PathBuf::from("no.parquet")]).unwrap_err();
    assert!(matches!(missing, ListError::Read { .. }), "{missing}");
}
