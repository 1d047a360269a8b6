//! Text that others wrote, made fit for a terminal.

use std::borrow::Cow;

/// `text` with everything that a terminal would obey, or that would make it show the rest in another order, in visible
/// form: `\u{1b}` for an escape. These are control characters, line ends included, and the marks of writing directions.
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// As [`shown`], but line ends stay: for text of several lines.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character != '\n' && is_obeyed(character))
}

/// JSON that means the same, with what [`shown`] makes visible escaped as JSON escapes it. Where that is allowed to stand
/// in strings (DEL, C1, writing directions), those who write JSON leave it.
pub fn json(json: &str) -> Cow<'_, str> {
    // All of them are in the plane that four digits reach; line ends stand between values alone.
    replaced(
        json,
        |character| character != '\n' && is_obeyed(character),
        |character, shown| {
            shown.push_str(&format!("\\u{:04x}", u32::from(character)));
        },
    )
}

fn escaped(text: &str, is_obeyed: impl Fn(char) -> bool) -> Cow<'_, str> {
    replaced(text, is_obeyed, |character, shown| match character.is_ascii() {
        // `\n` and the like, else `\u{1b}`.
        true => shown.extend(character.escape_default()),
        false => shown.extend(character.escape_unicode()),
    })
}

/// `text` with `replace` for each character that `is_odd`.
fn replaced(text: &str, is_odd: impl Fn(char) -> bool, replace: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.contains(&is_odd) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match is_odd(character) {
            true => replace(character, &mut shown),
            false => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and the controls of writing direction.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_nothing_else() {
        for (text, expected) in [
            ("riding a bike", "riding a bike"),
            ("Käse, 日本語, עברית, 👩‍🍳", "Käse, 日本語, עברית, 👩‍🍳"),
            ("back\\slash 'quote' \"double\"", "back\\slash 'quote' \"double\""),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("a\nb\r\tc\0\u{7}", "a\\nb\\r\\tc\\u{0}\\u{7}"),
            ("\u{7f}\u{9b}31m\u{85}", "\\u{7f}\\u{9b}31m\\u{85}"),
            ("gpj.\u{202e}exe\u{2066}\u{200f}\u{61c}\u{2028}", "gpj.\\u{202e}exe\\u{2066}\\u{200f}\\u{61c}\\u{2028}"),
        ] {
            assert_eq!(shown(text), expected);
        }
        let odd = "\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}ä\n\"";
        let safe = serde_json::to_string(odd).unwrap();
        assert_eq!(json(&safe), r#""\u001b\u007f\u009b\u202e\u2028ä\n\"""#);
        assert_eq!(serde_json::from_str::<String>(&json(&safe)).unwrap(), odd);
        assert_eq!(shown_lines("a\n\u{1b}b"), "a\n\\u{1b}b");
    }
}
