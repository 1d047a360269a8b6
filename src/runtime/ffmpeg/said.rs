//! What a program writes, of which only so much is kept, and what it said last.

use std::io::Read;

/// So many characters of a line are told, from the end.
const LONGEST_LINE: usize = 300;

/// What `stream` gives until its end or an error, without its middle where that is longer than twice `most` bytes. It is
/// read to the end in any case: a program whose output nobody takes waits for ever.
pub(crate) fn kept(mut stream: impl Read, most: usize) -> Vec<u8> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 1 << 12]);
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        kept.extend_from_slice(&chunk[..count]);
        if kept.len() > 2 * most {
            kept.drain(most..kept.len() - most);
        }
    }
    kept
}

/// The last line in `text` that says something, whatever its length and encoding.
pub(crate) fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.chars().count().saturating_sub(LONGEST_LINE) {
        0 => line.to_owned(),
        more => format!("…{}", line.chars().skip(more).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_kept_of_what_is_long() {
        let text: Vec<u8> = (0..100_000_u32).map(|at| (at / 1000) as u8).collect();
        let ends = kept(&*text, 2000);
        assert_eq!((&ends[..2000], &ends[2000..]), (&text[..2000], &text[98_000..]));
        assert_eq!(kept(&text[..4000], 2000), &text[..4000]);
    }

    #[test]
    fn the_last_line_is_the_last_that_says_something() {
        assert_eq!(last_line(b"first\r\nlast words \n\n  \n"), "last words");
        assert_eq!(last_line(b"\n"), "");
        assert_eq!(last_line(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(last_line(&[b'x'; 1000]), format!("…{}", "x".repeat(300)));
    }
}
