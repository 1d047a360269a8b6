//! The columns of a group of rows, one after the other: values, and levels that say where they belong.

use std::io::Write;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use super::super::{Columns, id};
use crate::batch::Row;
use crate::predict::Guess;

type Written = Result<(), ParquetError>;

/// Writes `rows` as a group.
pub(super) fn write<W: Write + Send>(file: &mut SerializedFileWriter<W>, rows: &[Row], columns: &Columns) -> Written {
    let mut group = Group { writer: file.next_row_group()?, rows };
    group.required::<ByteArrayType>(|row| text(&row.path.to_string_lossy()))?;
    group.required::<DoubleType>(|row| row.from)?;
    group.optional::<DoubleType>(|row| row.to)?;
    group.optional::<Int64Type>(|row| row.frames.map(integer))?;
    group.guesses(false, |row| Some(&row.top))?;
    if columns.base {
        group.guesses(true, |row| row.base_top.as_deref())?;
    }
    group.required::<ByteArrayType>(|row| text(&row.model))?;
    group.required::<ByteArrayType>(|row| text(&row.engine))?;
    group.required::<ByteArrayType>(|row| text(&row.sampling.to_string()))?;
    group.required::<DoubleType>(|row| row.seconds)?;
    group.optional::<ByteArrayType>(|row| row.error.as_ref().map(|error| text(&error.kind.to_string())))?;
    group.optional::<ByteArrayType>(|row| row.error.as_ref().map(|error| text(&error.message)))?;
    group.optional::<ByteArrayType>(|row| id(row).map(|id| text(&id)))?;
    if columns.logits {
        group.list::<FloatType, _>(true, |row| row.logits.as_deref(), |&logit| logit)?;
        if columns.base {
            group.list::<FloatType, _>(true, |row| row.base_logits.as_deref(), |&logit| logit)?;
        }
    }
    group.writer.close()?;
    Ok(())
}

/// A group of rows under way.
struct Group<'a, W: Write + Send> {
    writer: SerializedRowGroupWriter<'a, W>,
    rows: &'a [Row],
}

impl<W: Write + Send> Group<'_, W> {
    fn required<T: DataType>(&mut self, value: impl Fn(&Row) -> T::T) -> Written {
        let values: Vec<_> = self.rows.iter().map(value).collect();
        self.column::<T>(&values, None, None)
    }

    fn optional<T: DataType>(&mut self, value: impl Fn(&Row) -> Option<T::T>) -> Written {
        let values: Vec<_> = self.rows.iter().map(value).collect();
        let present: Vec<_> = values.iter().map(|value| i16::from(value.is_some())).collect();
        self.column::<T>(&values.into_iter().flatten().collect::<Vec<_>>(), Some(&present), None)
    }

    /// The three columns of a list of classes.
    fn guesses(&mut self, is_optional: bool, list: impl Fn(&Row) -> Option<&[Guess]>) -> Written {
        self.list::<ByteArrayType, _>(is_optional, &list, |guess| text(&guess.label))?;
        self.list::<Int64Type, _>(is_optional, &list, |guess| integer(guess.index))?;
        self.list::<DoubleType, _>(is_optional, &list, |guess| guess.probability)
    }

    fn list<T: DataType, V>(
        &mut self,
        is_optional: bool,
        list: impl Fn(&Row) -> Option<&[V]>,
        value: impl Fn(&V) -> T::T,
    ) -> Written {
        let (mut values, mut present, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        // How much there is of a place: no list (where that may be), a list without values, a value.
        let empty = i16::from(is_optional);
        for row in self.rows {
            match list(row) {
                Some(list) if !list.is_empty() => {
                    values.extend(list.iter().map(&value));
                    present.extend(list.iter().map(|_| empty + 1));
                    // The first value of a list begins a row.
                    repeated.extend((0..list.len()).map(|place| i16::from(place > 0)));
                }
                list => {
                    present.push(if list.is_some() { empty } else { 0 });
                    repeated.push(0);
                }
            }
        }
        self.column::<T>(&values, Some(&present), Some(&repeated))
    }

    fn column<T: DataType>(&mut self, values: &[T::T], present: Option<&[i16]>, repeated: Option<&[i16]>) -> Written {
        let mut column = self
            .writer
            .next_column()?
            .ok_or_else(|| ParquetError::General("the schema has fewer columns than are written".into()))?;
        column.typed::<T>().write_batch(values, present, repeated)?;
        column.close()
    }
}

fn text(text: &str) -> ByteArray {
    text.as_bytes().to_vec().into()
}

/// Counts and indices are far below the largest.
fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
