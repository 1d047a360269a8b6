//! Names in the order in which people number them.

use std::cmp::Ordering;

/// Compares names as people number them: `2` before `10`.
pub fn numbered(left: &str, right: &str) -> Ordering {
    let (mut lefts, mut rights) = (pieces(left), pieces(right));
    loop {
        let order = match (lefts.next(), rights.next()) {
            (None, None) => return left.cmp(right),
            (Some(left), Some(right)) if is_number(left) && is_number(right) => {
                let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
                left.len().cmp(&right.len()).then_with(|| left.cmp(right))
            }
            (left, right) => left.cmp(&right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The numbers of a name, and what is between them.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    name.as_bytes()
        .chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit())
        .map(|piece| std::str::from_utf8(piece).unwrap_or_default()) // cut beside ASCII only
}

fn is_number(piece: &str) -> bool {
    piece.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_people_number_them() {
        let mut names =
            ["f10.png", "f9.png", "f09.png", "e100.png", "f1b2.png", "f1b10.png", "é2.png", "é10.png", "f.png"];
        names.sort_by(|left, right| numbered(left, right));
        assert_eq!(
            names,
            ["e100.png", "f1b2.png", "f1b10.png", "f09.png", "f9.png", "f10.png", "f.png", "é2.png", "é10.png"]
        );
    }
}
