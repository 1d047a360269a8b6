//! Whether a file is UTF-8, and what else it is.

/// The text of a file of UTF-8, without a byte-order mark; or what it is instead.
pub(super) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err("UTF-16"),
        _ if bytes.contains(&0) => return Err(with_zeros(bytes)),
        _ => {}
    }
    str::from_utf8(bytes.strip_prefix(MARK).unwrap_or(bytes)).map_err(|_| {
        let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        if bytes.iter().any(control) {
            "no text"
        } else {
            "not UTF-8, but Latin-1 or another encoding of one byte a letter"
        }
    })
}

/// Text has no zero bytes, but those that are half a letter, or three quarters.
fn with_zeros(bytes: &[u8]) -> &'static str {
    let is_zero_in_each = |places: [usize; 2]| {
        bytes.len().is_multiple_of(4)
            && bytes.chunks(4).all(|letter| places.iter().all(|&place| letter[place] == 0) && letter != [0; 4])
    };
    let is_text = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let letters: Option<Vec<char>> = char::decode_utf16(units).map(Result::ok).collect();
        let allowed = |letter: &char| !letter.is_control() || letter.is_whitespace();
        // In the wrong order, line ends and blanks are Chinese.
        letters.is_some_and(|letters| letters.iter().all(allowed) && letters.iter().any(char::is_ascii))
    };
    if is_zero_in_each([2, 3]) || is_zero_in_each([0, 1]) {
        "UTF-32"
    } else if bytes.len().is_multiple_of(2) && (is_text(u16::from_le_bytes) || is_text(u16::from_be_bytes)) {
        "UTF-16"
    } else {
        "no text"
    }
}
