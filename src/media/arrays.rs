//! Clips in files of NumPy: `.npy`, and `.npz` with `video`.

use std::io::{Read, Seek};
use std::path::Path;

use ndarray::{Array4, IxDyn};
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpzError, ReadableElement, read_npy};

use super::{ArraySource, FrameRate, MediaError};
use crate::npy_header::exaggerates;

/// The array of an archive that is the clip.
const VIDEO: &str = "video";
/// And the number that says how many frames a second it has, if it is there.
const FPS: &str = "fps";

/// The clip in the array `file`: RGB `(frames, height, width, 3)`, uint8, or float32 in [0, 1]. Nothing times it. Reports
/// call it `name`.
///
/// # Errors
/// [`MediaError`] when it cannot be read or is no such array.
pub(super) fn npy(file: &Path, name: &Path) -> Result<ArraySource, MediaError> {
    if let Some(reason) = exaggerates(file) {
        return Err(bad(name, reason));
    }
    let source = match read_npy::<_, Array4<u8>>(file) {
        Err(ReadNpyError::WrongDescriptor(_)) => {
            ArraySource::unit(read_npy(file).map_err(|error| refused(name, &error))?, None)
        }
        bytes => ArraySource::new(bytes.map_err(|error| refused(name, &error))?, None),
    };
    named(source, name)
}

/// The clip in the array `video` of the archive `file`, as [`npy`]; `fps`, a number, times it where it is there.
///
/// # Errors
/// [`MediaError`] when it cannot be read or has no such array.
pub(super) fn npz(file: &Path, name: &Path) -> Result<ArraySource, MediaError> {
    if let Some(reason) = exaggerates(file) {
        return Err(bad(name, reason));
    }
    let file = fs_err::File::open(file).map_err(|source| MediaError::Read { path: name.to_owned(), source })?;
    let damaged = |error: ReadNpzError| bad(name, format!("it is no whole archive of arrays ({error})"));
    let mut npz = NpzReader::new(file).map_err(damaged)?;
    let members = npz.names().map_err(damaged)?;
    let member = |wanted: &str| members.iter().find(|member| member.trim_end_matches(".npy") == wanted);
    let Some(video) = member(VIDEO) else {
        return Err(bad(name, format!("it has no array '{VIDEO}', but {}", members.join(", "))));
    };
    let fps = member(FPS).map(|fps| fps_of(&mut npz, fps)).transpose().map_err(|reason| bad(name, reason))?;
    if let Some(fps) = fps.filter(|fps| FrameRate::per_second(*fps).is_err()) {
        return Err(bad(name, format!("its '{FPS}' is {fps:e}, which is no frame rate")));
    }
    let source = match read::<u8, _>(&mut npz, video) {
        Err(ReadNpzError::Npy(ReadNpyError::WrongDescriptor(_))) => {
            ArraySource::unit(read(&mut npz, video).map_err(|error| refused(name, &error))?, fps)
        }
        bytes => ArraySource::new(bytes.map_err(|error| refused(name, &error))?, fps),
    };
    named(source, name)
}

fn read<E: ReadableElement, R: Read + Seek>(npz: &mut NpzReader<R>, name: &str) -> Result<Array4<E>, ReadNpzError> {
    npz.by_name(name)
}

/// The one number in an array, of whatever type a number has.
fn fps_of<R: Read + Seek>(npz: &mut NpzReader<R>, member: &str) -> Result<f64, String> {
    macro_rules! first_of {
        ($($kind:ty),*) => { $(
            if let Ok(array) = npz.by_name::<ndarray::OwnedRepr<$kind>, IxDyn>(member) {
                return match array.len() {
                    1 => Ok(array.iter().map(|number| *number as f64).sum()),
                    count => Err(format!("its '{FPS}' holds {count} numbers, not one")),
                };
            }
        )* };
    }
    first_of!(f64, f32, i64, i32, i16, i8, u64, u32, u16, u8);
    Err(format!("its '{FPS}' is no number"))
}

/// `source`, called `name`, also where it is none.
fn named(source: Result<ArraySource, MediaError>, name: &Path) -> Result<ArraySource, MediaError> {
    match source {
        Err(MediaError::BadArray { reason }) => Err(bad(name, reason)),
        source => Ok(source?.named(name)),
    }
}

/// Why an array cannot be taken, in words about clips.
fn refused(name: &Path, error: &dyn std::fmt::Display) -> MediaError {
    bad(name, format!("it takes (frames, height, width, 3) of uint8, or float32 from 0 to 1 ({error})"))
}

fn bad(name: &Path, reason: String) -> MediaError {
    MediaError::BadFile { path: name.to_owned(), reason }
}
