//! A folder of pictures, one a frame, in the order in which people number them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};
use ndarray::Array3;

use super::{Format, Frame, FrameSource, MediaError, Moment, SourceInfo};
use crate::numbered::numbered;

/// Files with other endings are passed over.
const ENDINGS: [&str; 3] = ["jpg", "jpeg", "png"];

/// The JPEG and PNG files of a folder, sorted by name with numbers as numbers. They are read one at a time, turned as they
/// say; transparency is ignored. Nothing times them.
#[derive(Debug)]
pub struct PicturesSource {
    info: SourceInfo,
    pictures: Vec<PathBuf>,
    pixels: Array3<u8>,
    read: usize,
}

impl PicturesSource {
    /// The pictures in `folder`. The first one tells how large all are.
    ///
    /// # Errors
    /// [`MediaError`] when the folder cannot be read or holds no pictures, or the first one cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, MediaError> {
        let folder = folder.as_ref();
        let cannot = |source| MediaError::Read { path: folder.to_owned(), source };
        let mut pictures = Vec::new();
        for entry in fs_err::read_dir(folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_picture(&path) && !is_hidden {
                pictures.push(path);
            }
        }
        pictures.sort_by(|left, right| numbered(&left.to_string_lossy(), &right.to_string_lossy()));
        let Some(first) = pictures.first() else {
            let reason = "the folder has no pictures (.jpg, .png)".into();
            return Err(MediaError::NotVideo { path: folder.to_owned(), reason });
        };
        let pixels = picture(first, folder, 0)?;
        let (height, width, _) = pixels.dim();
        let info =
            SourceInfo { frames: Some(pictures.len()), ..SourceInfo::new(folder, Format::Pictures, width, height) };
        Ok(Self { info, pictures, pixels: Array3::zeros(pixels.raw_dim()), read: 0 })
    }
}

impl FrameSource for PicturesSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn advance(&mut self) -> Result<bool, MediaError> {
        let Some(path) = self.pictures.get(self.read) else { return Ok(false) };
        let pixels = picture(path, &self.info.path, self.read)?;
        if pixels.dim() != self.pixels.dim() {
            let size = |pixels: &Array3<u8>| format!("{}x{}", pixels.dim().1, pixels.dim().0);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let reason = format!("'{name}' is {} pixels, and the first picture {}", size(&pixels), size(&self.pixels));
            return Err(MediaError::Damaged { path: self.info.path.clone(), frame: self.read, reason, usable: 0 });
        }
        self.pixels = pixels;
        self.read += 1;
        Ok(true)
    }

    fn frame(&self) -> Frame<'_> {
        Frame { pixels: self.pixels.view().into(), time: Duration::ZERO, duration: Duration::ZERO }
    }

    fn moments(&mut self) -> Result<Option<Vec<Moment>>, MediaError> {
        Ok(Some(vec![Moment::default(); self.pictures.len()]))
    }
}

/// Whether `path` is called as the pictures of a folder are.
pub(super) fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The pixels of frame number `frame` of `folder`.
fn picture(path: &Path, folder: &Path, frame: usize) -> Result<Array3<u8>, MediaError> {
    let damaged = |reason: String| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        MediaError::Damaged { path: folder.to_owned(), frame, reason: format!("'{name}': {reason}"), usable: 0 }
    };
    if !fs_err::metadata(path).is_ok_and(|found| found.is_file()) {
        return Err(damaged("it is no file".into())); // a pipe would never end
    }
    let decoded = || {
        let mut decoder = ImageReader::open(path)?.with_guessed_format()?.into_decoder()?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder)?;
        picture.apply_orientation(orientation);
        Ok(picture.into_rgb8())
    };
    let picture = decoded().map_err(|error: image::ImageError| damaged(error.to_string()))?;
    let (width, height) = picture.dimensions();
    Array3::from_shape_vec((height as usize, width as usize, 3), picture.into_raw())
        .map_err(|error| damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn folder(pictures: &[(&str, u32, u8)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for &(name, width, value) in pictures {
            RgbImage::from_pixel(width, 2, image::Rgb([value; 3])).save(folder.path().join(name)).unwrap();
        }
        folder
    }

    #[test]
    fn pictures_are_frames_in_their_order() {
        let folder = folder(&[("10.png", 3, 30), ("9.png", 3, 20), ("1.PNG", 3, 10)]);
        fs_err::write(folder.path().join("notes.txt"), "no picture").unwrap();
        fs_err::write(folder.path().join("._9.png"), "a system's own").unwrap();
        let mut source = PicturesSource::open(folder.path()).unwrap();
        assert_eq!((source.info().frames, source.info().width, source.info().height), (Some(3), 3, 2));
        assert!(source.frame().pixels.bytes().iter().all(|&value| value == 0), "black before the first call");
        for value in [10, 20, 30] {
            assert!(source.next_frame().unwrap().unwrap().pixels.bytes().iter().all(|&pixel| pixel == value));
        }
        assert!(!source.advance().unwrap());
    }

    #[test]
    fn what_is_no_picture_or_of_another_size_is_named() {
        let odd = folder(&[("1.png", 3, 1), ("2.png", 4, 1)]);
        let mut source = PicturesSource::open(odd.path()).unwrap();
        source.advance().unwrap();
        let error = source.advance().unwrap_err().to_string();
        assert!(error.contains("'2.png' is 4x2 pixels") && error.contains("3x2"), "{error}");
        fs_err::write(odd.path().join("2.png"), "no picture").unwrap();
        assert!(source.advance().unwrap_err().to_string().contains("'2.png'"));
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(PicturesSource::open(empty.path()), Err(MediaError::NotVideo { .. })));
    }
}
