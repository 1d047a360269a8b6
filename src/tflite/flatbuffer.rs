//! Reading a flatbuffer: every step is checked, so that a damaged file is told and never read beyond its end.
//!
//! Source: the FlatBuffers internals, <https://flatbuffers.dev/internals>. A table begins with the distance back to its
//! list of fields, which says for each field how far behind the table's beginning it stands; 0 is a field that is absent.

/// A part of the file is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

type Result<T> = std::result::Result<T, Damaged>;

/// A table of a flatbuffer.
#[derive(Debug, Clone, Copy)]
pub struct Table<'f> {
    file: &'f [u8],
    at: usize,
}

/// A vector of a flatbuffer.
#[derive(Debug, Clone, Copy)]
pub struct Vector<'f> {
    file: &'f [u8],
    /// The first element.
    at: usize,
    length: usize,
}

impl<'f> Table<'f> {
    /// The table at the root of `file`.
    pub fn root(file: &'f [u8]) -> Result<Self> {
        Ok(Self { file, at: follow(file, 0)? })
    }

    /// Where field `index` stands; `None` where the table leaves it out.
    fn field(self, index: usize) -> Result<Option<usize>> {
        let back = i32::from_le_bytes(bytes(self.file, self.at)?);
        let fields = usize::try_from(self.at as i64 - i64::from(back)).map_err(|_| Damaged)?;
        let length = usize::from(u16::from_le_bytes(bytes(self.file, fields)?));
        let entry = 4 + 2 * index;
        if entry + 2 > length {
            return Ok(None);
        }
        match u16::from_le_bytes(bytes(self.file, fields + entry)?) {
            0 => Ok(None),
            distance => Ok(Some(self.at + usize::from(distance))),
        }
    }

    /// The unsigned 32-bit number of field `index`, 0 where it is left out.
    pub fn u32(self, index: usize) -> Result<u32> {
        self.field(index)?.map_or(Ok(0), |at| Ok(u32::from_le_bytes(bytes(self.file, at)?)))
    }

    /// The signed 32-bit number of field `index`, 0 where it is left out.
    pub fn i32(self, index: usize) -> Result<i32> {
        self.i32_or(index, 0)
    }

    /// The signed 32-bit number of field `index`, `default` where it is left out.
    pub fn i32_or(self, index: usize, default: i32) -> Result<i32> {
        self.field(index)?.map_or(Ok(default), |at| Ok(i32::from_le_bytes(bytes(self.file, at)?)))
    }

    /// The unsigned 64-bit number of field `index`, 0 where it is left out.
    pub fn u64(self, index: usize) -> Result<u64> {
        self.field(index)?.map_or(Ok(0), |at| Ok(u64::from_le_bytes(bytes(self.file, at)?)))
    }

    /// The byte of field `index`, 0 where it is left out.
    pub fn i8(self, index: usize) -> Result<i8> {
        self.field(index)?.map_or(Ok(0), |at| Ok(i8::from_le_bytes(bytes(self.file, at)?)))
    }

    /// The table of field `index`.
    pub fn table(self, index: usize) -> Result<Option<Table<'f>>> {
        self.field(index)?.map(|at| Ok(Table { file: self.file, at: follow(self.file, at)? })).transpose()
    }

    /// The vector of field `index`, empty where it is left out.
    pub fn vector(self, index: usize) -> Result<Vector<'f>> {
        match self.field(index)? {
            None => Ok(Vector { file: self.file, at: 0, length: 0 }),
            Some(at) => {
                let at = follow(self.file, at)?;
                let length = u32::from_le_bytes(bytes(self.file, at)?) as usize;
                // Elements are no shorter than a byte.
                let fits = length <= self.file.len().saturating_sub(at + 4);
                fits.then_some(Vector { file: self.file, at: at + 4, length }).ok_or(Damaged)
            }
        }
    }

    /// The text of field `index`, empty where it is left out.
    pub fn text(self, index: usize) -> Result<&'f str> {
        std::str::from_utf8(self.vector(index)?.bytes()?).map_err(|_| Damaged)
    }
}

impl<'f> Vector<'f> {
    pub fn len(self) -> usize {
        self.length
    }

    /// All tables of a vector of tables.
    pub fn tables(self) -> impl Iterator<Item = Result<Table<'f>>> {
        (0..self.length).map(move |index| self.table(index))
    }

    /// The table at `index` of a vector of tables.
    pub fn table(self, index: usize) -> Result<Table<'f>> {
        let at = self.element(index, 4)?;
        Ok(Table { file: self.file, at: follow(self.file, at)? })
    }

    /// The numbers of a vector of signed 32-bit numbers.
    pub fn numbers(self) -> Result<Vec<i32>> {
        (0..self.length).map(|index| Ok(i32::from_le_bytes(bytes(self.file, self.element(index, 4)?)?))).collect()
    }

    /// The elements of a vector of bytes.
    pub fn bytes(self) -> Result<&'f [u8]> {
        self.file.get(self.at..self.at + self.length).ok_or(Damaged)
    }

    /// The 32-bit floating-point number at `index`.
    pub fn f32(self, index: usize) -> Result<f32> {
        Ok(f32::from_le_bytes(bytes(self.file, self.element(index, 4)?)?))
    }

    /// The signed 64-bit number at `index`.
    pub fn i64(self, index: usize) -> Result<i64> {
        Ok(i64::from_le_bytes(bytes(self.file, self.element(index, 8)?)?))
    }

    fn element(self, index: usize, size: usize) -> Result<usize> {
        if index < self.length { Ok(self.at + index * size) } else { Err(Damaged) }
    }
}

/// Where the distance that stands `at` leads.
fn follow(file: &[u8], at: usize) -> Result<usize> {
    let distance = u32::from_le_bytes(bytes(file, at)?) as usize;
    let target = at + distance;
    if target < file.len() { Ok(target) } else { Err(Damaged) }
}

fn bytes<const N: usize>(file: &[u8], at: usize) -> Result<[u8; N]> {
    let end = at.checked_add(N).ok_or(Damaged)?;
    file.get(at..end).and_then(|bytes| bytes.try_into().ok()).ok_or(Damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A root table with one field, the number 7, of the two that its list has room for.
    const SMALL: [u8; 20] = [12, 0, 0, 0, 8, 0, 8, 0, 4, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0];

    #[test]
    fn fields_are_found_or_left_out() {
        let root = Table::root(&SMALL).unwrap();
        assert_eq!([0, 1, 2, 100].map(|field| root.u32(field)), [Ok(7), Ok(0), Ok(0), Ok(0)]);
        assert_eq!(root.text(1), Ok(""));
        assert_eq!(root.vector(0).map(Vector::len), Err(Damaged), "it leads behind the end");
        assert_eq!(Table::root(&SMALL[..12]).map(drop), Err(Damaged));
    }

    proptest! {
        #[test]
        fn whatever_is_read_stays_in_the_file(file in proptest::collection::vec(any::<u8>(), 0..64), field in 0usize..9) {
            if let Ok(root) = Table::root(&file) {
                let _ = (root.u32(field), root.i8(field), root.text(field), root.table(field).map(|_| ()));
                if let Ok(vector) = root.vector(field) {
                    let _ = (vector.numbers(), vector.f32(3), vector.i64(2), vector.tables().filter(|t| t.is_ok()).count());
                }
            }
        }
    }
}
