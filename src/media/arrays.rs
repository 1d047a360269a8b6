//! Clips in files of NumPy: `.npy`, and `.npz` with `video`.

use std::io::{Read, Seek};
use std::path::Path;

use ndarray::{Array0, Array4};
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpzError, ReadableElement, read_npy};

use super::{ArraySource, MediaError};

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
    let file = fs_err::File::open(file).map_err(|source| MediaError::Read { path: name.to_owned(), source })?;
    let damaged = |error: ReadNpzError| bad(name, format!("it is no whole archive of arrays ({error})"));
    let mut npz = NpzReader::new(file).map_err(damaged)?;
    let members = npz.names().map_err(damaged)?;
    let member = |wanted: &str| members.iter().find(|member| member.trim_end_matches(".npy") == wanted);
    let Some(video) = member(VIDEO) else {
        return Err(bad(name, format!("it has no array '{VIDEO}', but {}", members.join(", "))));
    };
    let fps = member(FPS).and_then(|fps| fps_of(&mut npz, fps));
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

fn fps_of<R: Read + Seek>(npz: &mut NpzReader<R>, name: &str) -> Option<f64> {
    let float: Option<Array0<f64>> = npz.by_name(name).ok();
    let whole = float
        .is_none()
        .then(|| npz.by_name(name).ok())
        .flatten()
        .map(|whole: Array0<i64>| whole.mapv(|fps| fps as f64));
    Some(float.or(whole)?.into_scalar())
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
