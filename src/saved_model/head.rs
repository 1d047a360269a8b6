//! A `saved_model.pb` without its graphs, which are nearly all of it: what tells its signatures is read, the rest is skipped.

use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use fs_err::File;

/// `SavedModel.meta_graphs`.
const META_GRAPHS: u64 = 2;
/// Of a meta graph, its tags and its signatures.
const KEPT: [u64; 2] = [1, 5];

/// The content of the `saved_model.pb` at `path`, of whose meta graphs only tags and signatures are kept.
///
/// # Errors
/// When it cannot be read; [`ErrorKind::InvalidData`] when its messages don't fit into each other.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let left = file.metadata()?.len();
    let mut messages = Messages { file: BufReader::new(file), left };
    let mut head = Vec::new();
    while messages.left > 0 {
        let (number, content) = messages.field()?;
        match (number, content) {
            (META_GRAPHS, Some(length)) => {
                let meta_graph = messages.meta_graph(length)?;
                write_field(&mut head, META_GRAPHS, &meta_graph);
            }
            (_, content) => messages.skip(content)?,
        }
    }
    Ok(head)
}

/// Fields one after the other.
struct Messages {
    file: BufReader<File>,
    /// Bytes of the file that were not read yet.
    left: u64,
}

impl Messages {
    /// The next field's number, and the length of its content where that is a message, text or bytes; any other content is
    /// read with it.
    fn field(&mut self) -> io::Result<(u64, Option<u64>)> {
        let tag = self.varint()?;
        let content = match tag & 7 {
            0 => self.varint().map(|_| None)?,
            1 => self.skip(Some(8)).map(|()| None)?,
            2 => Some(self.varint()?),
            5 => self.skip(Some(4)).map(|()| None)?,
            _ => return Err(ErrorKind::InvalidData.into()),
        };
        match content {
            Some(length) if length > self.left => Err(ErrorKind::InvalidData.into()),
            content => Ok((tag >> 3, content)),
        }
    }

    /// What is kept of a meta graph of `length` bytes.
    fn meta_graph(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let end = self.left - length;
        let mut kept = Vec::new();
        while self.left > end {
            let (number, content) = self.field()?;
            if self.left < end || content.is_some_and(|length| length > self.left - end) {
                return Err(ErrorKind::InvalidData.into());
            }
            match content {
                Some(length) if KEPT.contains(&number) => {
                    let mut bytes = Vec::new();
                    (&mut self.file).take(length).read_to_end(&mut bytes)?;
                    self.left -= length;
                    write_field(&mut kept, number, &bytes);
                }
                content => self.skip(content)?,
            }
        }
        Ok(kept)
    }

    fn skip(&mut self, length: Option<u64>) -> io::Result<()> {
        let length = length.unwrap_or_default();
        self.left = self.left.checked_sub(length).ok_or(ErrorKind::InvalidData)?;
        self.file.seek_relative(i64::try_from(length).map_err(|_| ErrorKind::InvalidData)?)
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            self.left = self.left.checked_sub(1).ok_or(ErrorKind::InvalidData)?;
            self.file.read_exact(&mut byte)?;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(ErrorKind::InvalidData.into())
    }
}

/// Adds a field with `content` to `message`.
fn write_field(message: &mut Vec<u8>, number: u64, content: &[u8]) {
    prost::encoding::encode_varint(number << 3 | 2, message);
    prost::encoding::encode_varint(content.len() as u64, message);
    message.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved_model::signatures::of_graph;
    use crate::saved_model::{GRAPH, example};

    #[test]
    fn what_is_kept_tells_the_same_signatures_also_where_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        example::lay_down(folder.path());
        let path = folder.path().join(GRAPH);
        let whole = fs_err::read(&path).unwrap();
        let told = |bytes: &[u8]| {
            fs_err::write(&path, bytes).unwrap();
            read(&path).ok().and_then(|head| of_graph(&head).ok())
        };
        assert!(told(&whole).is_some_and(|signatures| !signatures.is_empty()));
        assert!(read(&path).unwrap().len() < whole.len());
        for at in (0..whole.len()).step_by(7) {
            let cut = &whole[..at];
            assert_eq!(told(cut), of_graph(cut).ok(), "cut at {at}");
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            // Within a graph, which is skipped, nothing is told apart; nothing else may be told than of the whole.
            if let (Some(of_head), Some(of_all)) = (told(&flipped), of_graph(&flipped).ok()) {
                assert_eq!(of_head, of_all, "flipped at {at}");
            }
        }
    }
}
