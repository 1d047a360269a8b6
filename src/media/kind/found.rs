//! Which files of a folder are clips. Nobody said that they are, so more is asked of them than of a file that is named as
//! one: a container of videos must not be taken for one of sounds, or a text for a container.

use std::path::Path;

use super::{ClipKind, first_bytes};

/// Endings that videos and GIFs go by.
const VIDEOS: [&str; 41] = [
    "264", "265", "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "gif", "h264", "h265", "hevc", "ivf", "m1v",
    "m2ts", "m2v", "m4v", "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "obu", "ogm",
    "ogv", "qt", "rm", "rmvb", "ts", "vob", "webm", "wmv", "wtv", "y4m",
];
/// Those of them that programs in TypeScript go by as well.
const PROGRAMS: [&str; 2] = ["mts", "ts"];
#[cfg(feature = "arrays")]
const ARRAYS: [&str; 2] = ["npy", "npz"];
#[cfg(not(feature = "arrays"))]
const ARRAYS: [&str; 0] = [];
/// Endings of what begins as videos do and is none.
const SOUNDS: [&str; 8] = ["aac", "m4a", "m4b", "mka", "oga", "ogg", "opus", "wma"];

impl ClipKind {
    /// Whether a file that was found in a folder is meant to be a clip: it is called like a video, a GIF or an array, be it
    /// empty, damaged or a link to nothing, or it begins like one. Pictures, sounds, texts and archives are none; nor is
    /// what is no file, such as a pipe, which might never end.
    pub fn may_be(path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        let found = fs_err::metadata(path);
        if found.as_ref().is_ok_and(|found| !found.is_file()) || has_ending(path, &SOUNDS) {
            return false;
        }
        if has_ending(path, &PROGRAMS) {
            return first_bytes(path).map_or(true, |first| first.is_empty() || !is_text(&first));
        }
        has_ending(path, &VIDEOS)
            || has_ending(path, &ARRAYS)
            || found.is_ok() && first_bytes(path).is_ok_and(|first| begins_like_a_clip(&first))
    }
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Whether the beginning of a file is text; its last letter may be cut.
fn is_text(first: &[u8]) -> bool {
    !first.contains(&0) && std::str::from_utf8(first).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn begins_like_a_clip(first: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] = &[
        b"GIF87a",
        b"GIF89a",
        #[cfg(feature = "arrays")]
        b"\x93NUMPY",
        b"\x1a\x45\xdf\xa3", // Matroska, WebM
        b"FLV\x01",
        b"\x00\x00\x01\xba",                 // program stream
        b"\x00\x00\x01\xb3",                 // MPEG-1 and MPEG-2 alone
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", // ASF
        b"YUV4MPEG2 ",
    ];
    BEGINNINGS.iter().any(|beginning| first.starts_with(beginning))
        || is_mp4(first)
        || (first.starts_with(b"RIFF") && first.get(8..12) == Some(b"AVI "))
        || (first.starts_with(b"OggS") && first.get(28..35) == Some(b"\x80theora"))
        || is_transport_stream(first)
}

/// Whether the first box says that it is ISO media, but no picture and no sound.
fn is_mp4(first: &[u8]) -> bool {
    const PICTURES_AND_SOUNDS: [&[u8]; 9] =
        [b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"M4A ", b"M4B ", b"crx "];
    let (Some(length), Some(kind)) = (first.get(..4), first.get(4..8)) else { return false };
    match kind {
        b"ftyp" => !first.get(8..12).is_none_or(|brand| PICTURES_AND_SOUNDS.contains(&brand)),
        // The length of a text would be some printed letters.
        b"moov" | b"mdat" | b"wide" | b"free" => length.iter().any(|byte| !(b' '..=b'~').contains(byte)),
        _ => false,
    }
}

/// Whether packets of 188 bytes follow each other, or of 192, of which the first four are a time.
fn is_transport_stream(first: &[u8]) -> bool {
    [(0, 188), (4, 192)]
        .iter()
        .any(|&(start, length)| (0..2).all(|packet| first.get(start + packet * length) == Some(&0x47)))
        && !is_text(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(name: &str, content: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs_err::write(&path, content).unwrap();
        ClipKind::may_be(path)
    }

    #[test]
    fn what_is_called_a_video_is_meant_as_one_whatever_it_holds() {
        for name in ["a.mp4", "a.MKV", "a.gif", "a.webm", "a.ts", "a.mov"] {
            assert!(may_be(name, b""), "{name}");
            assert!(may_be(name, b"\x13\xff damaged"), "{name}");
        }
        assert!(may_be("a.mp4", b"<!DOCTYPE html>404"));
        assert!(!may_be("a.ts", b"export const gold = 1;\n"), "a program");
        #[cfg(feature = "arrays")]
        assert!(may_be("a.npy", b"") && may_be("a.npz", b"PK\x03\x04"));
        assert!(ClipKind::may_be("no/such/file.mp4") && !ClipKind::may_be("no/such/file.md"));
    }

    #[test]
    fn what_begins_like_a_video_is_one_whatever_it_is_called() {
        let stream = [&[0x47, 0, 0xff][..], &[0xff; 185], &[0x47; 10]].concat();
        for (name, content) in [
            ("a", &b"GIF89a"[..]),
            ("a.bin", b"\0\0\0\x20ftypisom"),
            ("a.001", b"\x1a\x45\xdf\xa3"),
            ("a", b"RIFF\0\0\0\0AVI LIST"),
            ("a.part", b"\x12\0\0\0mdat"),
            ("a", &stream),
        ] {
            assert!(may_be(name, content), "{name} {content:?}");
        }
    }

    #[test]
    fn what_lies_beside_clips_is_none() {
        let text = format!("G{:>187}G", "");
        for (name, content) in [
            ("README.md", &b"Great clips"[..]),
            ("GPL", text.as_bytes()),
            ("notes", b"Carefree notes"),
            ("labels.txt", b"a\nb\n"),
            ("a.zip", b"PK\x03\x04"),
            ("a.docx", b"PK\x03\x04"),
            ("IMG_1.HEIC", b"\0\0\0\x24ftypheic"),
            ("a.avif", b"\0\0\0\x1cftypavif"),
            ("a.m4a", b"\0\0\0\x1cftypM4A "),
            ("a.m4a", b"\0\0\0\x1cftypisom"),
            ("a.wav", b"RIFF\0\0\0\0WAVEfmt "),
            ("a.webp", b"RIFF\0\0\0\0WEBPVP8 "),
            ("a.ogg", b"OggS"),
            ("a.mp3", b"ID3\x04"),
            ("a.png", b"\x89PNG\r\n\x1a\n"),
            ("a.jpg", b"\xff\xd8\xff\xe0"),
            ("favicon.ico", b"\0\0\x01\0\x01\0"),
            ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n"),
            ("empty", b""),
        ] {
            assert!(!may_be(name, content), "{name}");
        }
    }
}
