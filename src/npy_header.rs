//! Whether files of NumPy can hold what they say: who reads an array makes room for it first, and a program ends where there
//! is none.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What deflate makes of a byte at most, and a little more.
const INFLATED: u64 = 1100;
/// A header has a hundred bytes.
const LONGEST: u64 = 1 << 16;

/// Why the array `.npy`, or an array of the archive `.npz`, at `path` cannot hold what it says; `None` where it can, and where
/// that cannot be told.
pub(crate) fn exaggerates(path: &Path) -> Option<String> {
    let mut file = fs_err::File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let claims = |values: u128, bytes: u64| {
        (values > u128::from(bytes)).then(|| format!("it says that it has {values} values, in {bytes} bytes"))
    };
    if let Some(values) = values(&mut file) {
        return claims(values, length);
    }
    file.seek(SeekFrom::Start(0)).ok()?;
    let mut archive = zip::ZipArchive::new(file).ok()?;
    (0..archive.len()).find_map(|member| {
        let mut member = archive.by_index(member).ok()?;
        let bytes = member.size().min(length.saturating_mul(INFLATED));
        claims(values(&mut member)?, bytes)
    })
}

/// How many values the array has by its header; `None` where that is none.
fn values(array: &mut impl Read) -> Option<u128> {
    let mut start = [0; 8];
    array.read_exact(&mut start).ok()?;
    let major = *start.strip_prefix(b"\x93NUMPY")?.first()?;
    let mut length = [0; 4];
    array.read_exact(&mut length[..if major == 1 { 2 } else { 4 }]).ok()?;
    let mut header = Vec::new();
    array.take(u64::from(u32::from_le_bytes(length)).min(LONGEST)).read_to_end(&mut header).ok()?;
    let header = String::from_utf8_lossy(&header);
    let (_, shape) = header.split_once("'shape'")?;
    let (shape, _) = shape.split_once('(')?.1.split_once(')')?;
    let sides = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
    // What is no number, or too large for one, is more than there is.
    Some(sides.fold(1, |values: u128, side| values.saturating_mul(side.parse().unwrap_or(u128::MAX))))
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use ndarray_npy::{NpzWriter, write_npy};

    use super::*;

    /// The file at `path` with one digit of the first shape in it changed.
    fn enlarged(path: &Path, from: &str, to: &str) {
        let bytes = fs_err::read(path).unwrap();
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let changed = [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat();
        fs_err::write(path, changed).unwrap();
    }

    #[test]
    fn what_cannot_be_in_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (npy, npz) = (folder.path().join("a.npy"), folder.path().join("a.npz"));
        let array = Array3::<f32>::zeros((20, 30, 40));
        write_npy(&npy, &array).unwrap();
        for packed in [false, true] {
            let file = fs_err::File::create(&npz).unwrap();
            let mut archive = if packed { NpzWriter::new_compressed(file) } else { NpzWriter::new(file) };
            archive.add_array("video", &array).unwrap();
            archive.finish().unwrap();
            assert_eq!(exaggerates(&npz), None, "{packed}");
        }
        assert_eq!((exaggerates(&npy), exaggerates(&folder.path().join("no"))), (None, None));
        enlarged(&npy, "(20, 30, 40", "(20, 30,400");
        assert!(exaggerates(&npy).unwrap().contains("240000 values"));
        let mut archive = NpzWriter::new(fs_err::File::create(&npz).unwrap());
        archive.add_array("video", &array).unwrap();
        archive.finish().unwrap();
        enlarged(&npz, "(20, 30, 40", "(20, 30,400");
        assert!(exaggerates(&npz).unwrap().contains("240000 values"));
    }
}
