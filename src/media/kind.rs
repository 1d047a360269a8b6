//! What a path holds that is named as a clip: told by its first bytes, whatever it is called.

mod found;

use std::io::{self, Read};
use std::path::Path;

use super::{Decoder, FrameSource, GifSource, MediaError, Truncated, VideoSource};

/// So many of the first bytes are looked at.
const LOOKED_AT: u64 = 512;

/// What a path holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClipKind {
    /// A GIF: [`GifSource`].
    Gif,
    /// Anything that ffmpeg may know: [`VideoSource`].
    Video,
    /// A folder of pictures: [`PicturesSource`](super::PicturesSource).
    #[cfg(feature = "pictures")]
    Pictures,
    /// An array: `.npy`.
    #[cfg(feature = "arrays")]
    Npy,
    /// Arrays, of which `video` is the clip: `.npz`.
    #[cfg(feature = "arrays")]
    Npz,
}

impl ClipKind {
    /// What `path` holds.
    ///
    /// # Errors
    /// [`MediaError`] when it cannot be read, is empty, or is plainly no clip.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, MediaError> {
        let path = path.as_ref();
        let cannot = |source| MediaError::Read { path: path.to_owned(), source };
        if path.is_dir() {
            return folder(path);
        }
        let first = first_bytes(path).map_err(cannot)?;
        let is_called_gif = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gif"));
        match first.as_slice() {
            [] => Err(MediaError::Empty { path: path.to_owned() }),
            [b'G', b'I', b'F', b'8', ..] => Ok(Self::Gif),
            #[cfg(feature = "arrays")]
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(Self::Npy),
            #[cfg(feature = "arrays")]
            [b'P', b'K', 3, 4, ..] => Ok(Self::Npz),
            page if is_page(page) => Err(MediaError::NotVideo {
                path: path.to_owned(),
                reason: "it is a web page, as servers send instead of a file that they don't give".into(),
            }),
            // What no container begins like is a GIF that lost its beginning.
            other if is_called_gif && !is_container(other) => Ok(Self::Gif),
            _ => Ok(Self::Video),
        }
    }

    /// Whether a file is called as the pictures of a folder are, each of which is a frame:
    /// [`PicturesSource`](super::PicturesSource).
    #[cfg(feature = "pictures")]
    pub fn is_picture(path: impl AsRef<Path>) -> bool {
        super::pictures::is_picture(path.as_ref())
    }

    /// Whether a [`Decoder`] is needed to open it.
    pub fn needs_decoder(self) -> bool {
        self == Self::Video
    }

    /// Opens `file`, which holds this; `name` is what reports call it.
    ///
    /// # Errors
    /// [`MediaError`] when it cannot be used; [`MediaError::NoFfmpeg`] where a decoder is needed and `decoder` is none.
    pub fn open(
        self,
        file: &Path,
        name: &Path,
        truncated: Truncated,
        decoder: Option<&Decoder>,
    ) -> Result<Box<dyn FrameSource>, MediaError> {
        let cannot = |source| MediaError::Read { path: name.to_owned(), source };
        Ok(match self {
            Self::Gif => Box::new(GifSource::new(fs_err::File::open(file).map_err(cannot)?, name, truncated)?),
            Self::Video => {
                let decoder = decoder.ok_or_else(|| MediaError::NoFfmpeg { path: name.to_owned() })?;
                Box::new(VideoSource::open(file, name, decoder)?)
            }
            #[cfg(feature = "pictures")]
            Self::Pictures => Box::new(super::PicturesSource::open(file)?),
            #[cfg(feature = "arrays")]
            Self::Npy => Box::new(super::arrays::npy(file, name)?),
            #[cfg(feature = "arrays")]
            Self::Npz => Box::new(super::arrays::npz(file, name)?),
        })
    }
}

#[cfg(feature = "pictures")]
fn folder(_: &Path) -> Result<ClipKind, MediaError> {
    Ok(ClipKind::Pictures)
}

#[cfg(not(feature = "pictures"))]
fn folder(path: &Path) -> Result<ClipKind, MediaError> {
    Err(MediaError::NotVideo { path: path.to_owned(), reason: "it is a folder".into() })
}

fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    fs_err::File::open(path)?.take(LOOKED_AT).read_to_end(&mut first)?;
    Ok(first)
}

/// Whether a file begins like a container of videos that is much used; one that cannot be read may.
pub(super) fn begins_like_a_container(path: &Path) -> bool {
    first_bytes(path).map_or(true, |first| is_container(&first))
}

fn is_page(first: &[u8]) -> bool {
    let text =
        String::from_utf8_lossy(first).trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).to_ascii_lowercase();
    ["<!doctype html", "<html"].iter().any(|beginning| text.starts_with(beginning))
}

/// Whether it begins like a container of videos that is much used.
fn is_container(first: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 8] = [
        &[0x1a, 0x45, 0xdf, 0xa3], // Matroska, WebM
        b"RIFF",
        b"OggS",
        b"FLV",
        &[0x47],             // transport stream
        &[0x00, 0x00, 0x01], // program stream, elementary streams
        &[0x00, 0x00, 0x00, 0x01],
        &[0x30, 0x26, 0xb2, 0x75], // ASF
    ];
    let is_mp4 = first.get(4..8).is_some_and(|kind| {
        [*b"ftyp", *b"moov", *b"mdat", *b"wide", *b"free"].contains(&kind.try_into().unwrap_or_default())
    });
    is_mp4 || BEGINNINGS.iter().any(|beginning| first.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, content: &[u8]) -> Result<ClipKind, MediaError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs_err::write(&path, content).unwrap();
        ClipKind::of(path)
    }

    #[test]
    fn content_tells_and_not_the_name() {
        assert_eq!(of("x.mp4", b"GIF89a...").unwrap(), ClipKind::Gif);
        assert_eq!(of("x.gif", b"\0\0\0\x20ftypisom").unwrap(), ClipKind::Video);
        assert_eq!(of("x.gif", b"\x1a\x45\xdf\xa3").unwrap(), ClipKind::Video);
        assert_eq!(of("x.GIF", b"IF89a").unwrap(), ClipKind::Gif);
        assert_eq!(of("x", b"anything").unwrap(), ClipKind::Video);
        #[cfg(feature = "arrays")]
        assert_eq!(
            (of("x.mp4", b"\x93NUMPY\x01").unwrap(), of("x", b"PK\x03\x04").unwrap()),
            (ClipKind::Npy, ClipKind::Npz)
        );
    }

    #[test]
    fn what_is_plainly_no_clip_is_told_at_once() {
        assert!(matches!(of("x.mp4", b""), Err(MediaError::Empty { .. })));
        for page in ["<!DOCTYPE html><title>404", "\u{feff}\n <HTML>"] {
            assert!(matches!(of("x.mp4", page.as_bytes()), Err(MediaError::NotVideo { .. })), "{page}");
        }
        assert!(matches!(ClipKind::of("no such file"), Err(MediaError::Read { .. })));
    }
}
