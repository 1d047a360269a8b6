//! The values of a column of a Parquet file.

use std::borrow::Cow;
use std::fmt;

use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};
use serde_json::{Number, Value};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    None,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Bytes(ByteArray),
    /// Something that is no number and no text, by the name of its type.
    Other(&'static str),
}

/// A column of a group of rows, read on.
pub(super) struct Cells {
    reader: ColumnReader,
    kind: Kind,
    max_level: i16,
}

/// What a column's values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Integers without a sign, of so many bits.
    Unsigned,
    /// Whole numbers of a tenth, a hundredth ...: 10 to the power of minus this.
    Decimal(u32),
    /// Numbers of two bytes.
    Half,
    Other(&'static str),
}

impl Kind {
    fn of(column: &ColumnDescriptor) -> Self {
        if column.logical_type_ref() == Some(&LogicalType::Float16) {
            return Self::Half;
        }
        match column.converted_type() {
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Self::Unsigned
            }
            ConvertedType::DECIMAL => Self::Decimal(column.type_scale().unsigned_abs()),
            ConvertedType::DATE => Self::Other("a date"),
            ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => Self::Other("a time of day"),
            ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS => Self::Other("a point in time"),
            ConvertedType::INTERVAL => Self::Other("an interval"),
            _ => match column.logical_type_ref() {
                // Those of nanoseconds have no older name.
                Some(LogicalType::Timestamp { .. }) => Self::Other("a point in time"),
                Some(LogicalType::Time { .. }) => Self::Other("a time of day"),
                Some(LogicalType::Uuid) => Self::Other("a UUID in bytes"),
                _ => Self::Plain,
            },
        }
    }
}

/// What the values of `column` are, where they are no numbers and no text.
pub(super) fn other(column: &ColumnDescriptor) -> Option<&'static str> {
    match Kind::of(column) {
        Kind::Other(name) => Some(name),
        _ if column.physical_type() == Type::INT96 => Some("a point in time"),
        _ => None,
    }
}

impl Cells {
    pub fn new(reader: ColumnReader, column: ColumnDescPtr) -> Self {
        Self { reader, kind: Kind::of(&column), max_level: column.max_def_level() }
    }

    /// The next `count` values, or as many as there are.
    pub fn read(&mut self, count: usize) -> Result<Vec<Cell>, ParquetError> {
        use ColumnReader as Of;
        let (kind, level) = (self.kind, self.max_level);
        match &mut self.reader {
            Of::BoolColumnReader(reader) => read(reader, count, level, Cell::Bool),
            Of::Int32ColumnReader(reader) => read(reader, count, level, |value| match kind {
                Kind::Unsigned => Cell::Integer(value.cast_unsigned().into()),
                kind => Cell::integer(value.into(), kind),
            }),
            Of::Int64ColumnReader(reader) => read(reader, count, level, |value| match kind {
                Kind::Unsigned => Cell::Integer(value.cast_unsigned().into()),
                kind => Cell::integer(value.into(), kind),
            }),
            Of::Int96ColumnReader(reader) => read(reader, count, level, |_| Cell::Other("a point in time")),
            Of::FloatColumnReader(reader) => read(reader, count, level, |value| Cell::Float(value.into())),
            Of::DoubleColumnReader(reader) => read(reader, count, level, Cell::Float),
            Of::ByteArrayColumnReader(reader) => read(reader, count, level, |value| Cell::bytes(value, kind)),
            Of::FixedLenByteArrayColumnReader(reader) => {
                read(reader, count, level, |value: FixedLenByteArray| Cell::bytes(value.into(), kind))
            }
        }
    }
}

/// The next `count` values of a column whose values are there where a level is `present`.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    present: i16,
    cell: impl Fn(T::T) -> Cell,
) -> Result<Vec<Cell>, ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let (rows, _, _) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
    let mut values = values.into_iter();
    if present == 0 {
        return Ok(values.map(cell).collect());
    }
    let value = |&level: &i16| match level == present {
        true => values.next().map_or(Cell::None, &cell),
        false => Cell::None,
    };
    Ok(levels.iter().take(rows).map(value).collect())
}

impl Cell {
    fn integer(value: i128, kind: Kind) -> Self {
        match kind {
            Kind::Other(name) => Self::Other(name),
            Kind::Decimal(scale) if scale > 0 => {
                format!("{value}e-{scale}").parse().map_or(Self::Other("a decimal"), Self::Float)
            }
            _ => Self::Integer(value),
        }
    }

    fn bytes(value: ByteArray, kind: Kind) -> Self {
        match (kind, value.data()) {
            (Kind::Other(name), _) => Self::Other(name),
            (Kind::Decimal(_), bytes @ [first, ..]) if bytes.len() <= 16 => {
                let mut wide = [if *first < 0x80 { 0 } else { 0xff }; 16];
                wide[16 - bytes.len()..].copy_from_slice(bytes);
                Self::integer(i128::from_be_bytes(wide), kind)
            }
            (Kind::Decimal(_), _) => Self::Other("a decimal of more than 128 bits"),
            (Kind::Half, &[low, high]) => Self::Float(half(u16::from_le_bytes([low, high]))),
            _ => Self::Bytes(value),
        }
    }

    /// Text or bytes.
    pub fn text(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.data().into()),
            _ => None,
        }
    }

    /// Text that is UTF-8.
    pub fn utf8(&self) -> Option<String> {
        Some(str::from_utf8(&self.text()?).ok()?.to_owned())
    }

    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Integer(value) => Some(value as f64),
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The value as JSON: text with marks in place of what is no UTF-8; null where it has no form there.
    pub fn json(&self) -> Value {
        match self {
            Self::None | Self::Other(_) => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(value) => {
                Number::from_i128(*value).map_or_else(|| Value::String(value.to_string()), Value::Number)
            }
            Self::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Self::Bytes(bytes) => Value::String(String::from_utf8_lossy(bytes.data()).into_owned()),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "nothing"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Bytes(bytes) => write!(f, "'{}'", String::from_utf8_lossy(bytes.data())),
            Self::Other(name) => write!(f, "{name}"),
        }
    }
}

/// The number of two bytes: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match (bits >> 10) & 0x1f {
        0 => fraction * 2f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1.0 + fraction) * 2f64.powi(i32::from(exponent) - 15),
    }
}
