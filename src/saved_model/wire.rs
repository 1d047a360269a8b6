//! Fields of serialized protobuf messages, read in place: a graph has hundreds of thousands.

/// A field of a message.
pub(super) struct Field {
    /// Its number.
    pub number: u32,
    /// Where it begins.
    pub begin: usize,
    /// Where its content is, if that has a length.
    pub content: Option<(usize, usize)>,
}

/// The field of `message` that begins at `at`, which moves behind it; `None` where the message is damaged.
pub(super) fn field(message: &[u8], at: &mut usize) -> Option<Field> {
    let begin = *at;
    let tag = varint(message, at)?;
    let number = u32::try_from(tag >> 3).ok()?;
    let (length, has_content) = match tag & 7 {
        0 => {
            varint(message, at)?;
            (0, false)
        }
        1 => (8, false),
        2 => (usize::try_from(varint(message, at)?).ok()?, true),
        5 => (4, false),
        _ => return None,
    };
    let from = *at;
    *at = from.checked_add(length).filter(|to| *to <= message.len())?;
    Some(Field { number, begin, content: has_content.then_some((from, *at)) })
}

/// The contents of the fields `number` of `message`; ends where it is damaged.
pub(super) fn contents(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < message.len() {
            let found = field(message, &mut at)?;
            if let (true, Some((from, to))) = (found.number == number, found.content) {
                return Some(&message[from..to]);
            }
        }
        None
    })
}

/// The number at `at`, which moves behind it.
pub(super) fn varint(message: &[u8], at: &mut usize) -> Option<u64> {
    let mut rest = message.get(*at..)?;
    let before = rest.len();
    let value = prost::encoding::decode_varint(&mut rest).ok()?;
    *at += before - rest.len();
    Some(value)
}
