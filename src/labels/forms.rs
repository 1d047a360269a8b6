//! The forms that lists of names come in.
//!
//! A name may begin with a number (`100 m run`), so lines count as numbered only where their numbers are exactly those
//! from 0 up to one less than the number of lines, each once.

use std::collections::HashSet;

use serde_json::Value;

/// What may stand between a number and a name.
const SEPARATORS: [char; 9] = ['\t', ',', ';', '|', ':', '=', ')', '.', ' '];
/// Those after which a number on every line can be nothing but the class's.
const TELLING: [char; 5] = ['\t', ',', ';', '|', ':'];
/// How a heading begins where a blank separates the columns.
const HEADINGS: [&str; 7] = ["id", "ids", "idx", "index", "class", "class_id", "#"];

/// The names in a file, by their class; or what is wrong with it.
pub(super) fn names(text: &str) -> Result<Vec<String>, String> {
    if let Some(names) = json(text.trim()) {
        return names;
    }
    let lines = lines(text);
    if let Some(line) = lines.iter().position(|line| line.is_empty()) {
        return Err(format!("line {} is empty, and a class must have a name", line + 1));
    }
    for side in [Side::Before, Side::Behind] {
        for separator in SEPARATORS {
            if let Some(names) = numbered(&lines, separator, side) {
                return names;
            }
        }
    }
    Ok(lines.into_iter().map(str::to_owned).collect())
}

/// The lines of `text`, trimmed, without the empty ones at the end. They end in LF, CR LF or CR.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    let ends: &[char] = if text.contains('\n') { &['\n'] } else { &['\r'] };
    text.split(ends).map(str::trim).collect()
}

/// Where on a line the number stands.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    Behind,
}

/// A line's number and its name; `None` where the line has no number there.
fn number_and_name(line: &str, separator: char, side: Side) -> Option<(usize, &str)> {
    let (number, name) = match side {
        Side::Before => line.split_once(separator)?,
        Side::Behind => line.rsplit_once(separator).map(|(name, number)| (number, name))?,
    };
    let number = number.trim().trim_matches('"');
    let plain = (1..10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| number.parse().ok()).flatten().map(|number| (number, name.trim()))
}

/// The names where every line, but for a heading, has a number; `None` where the lines are to be taken another way.
fn numbered(lines: &[&str], separator: char, side: Side) -> Option<Result<Vec<String>, String>> {
    let rows = |lines: &[&str]| -> Option<Vec<(usize, String)>> {
        lines.iter().map(|line| number_and_name(line, separator, side).map(|(id, name)| (id, unquoted(name)))).collect()
    };
    let heading = usize::from(is_heading(lines.first()?, separator));
    let rows = rows(&lines[heading..]).filter(|rows| !rows.is_empty())?;
    let telling = TELLING.contains(&separator);
    let distinct = || rows.iter().map(|(_, name)| name).collect::<HashSet<_>>().len() == rows.len();
    if side == Side::Behind && !(telling && rows.len() > 1 && distinct()) {
        return None; // "level 0", "level 1" are names
    }
    if let Some(row) = rows.iter().position(|(_, name)| name.is_empty()) {
        return Some(Err(format!("line {} has a number but no name", row + heading + 1)));
    }
    let columns = |line: &&str| telling && unquoted_columns(line, separator) > 2;
    if rows.len() > 1 && lines.iter().all(columns) {
        return Some(Err("it has more than two columns; it takes a number and a name".into()));
    }
    match by_number(rows) {
        Err(reason) if !telling || side == Side::Behind => {
            // Numbers from 1 on are the classes' own whatever separates them.
            reason.from_one.then_some(Err(reason.text))
        }
        outcome => Some(outcome.map_err(|reason| reason.text)),
    }
}

fn is_heading(line: &str, separator: char) -> bool {
    let Some((first, second)) = line.split_once(separator) else { return false };
    let is_number = |field: &str| field.trim().trim_matches('"').parse::<f64>().is_ok();
    match separator {
        ')' | '.' | '=' => false,
        ' ' => HEADINGS.contains(&first.to_lowercase().as_str()),
        _ => ![first, line.rsplit(separator).next().unwrap_or(second)].into_iter().any(is_number),
    }
}

/// How many columns a line has; separators in quotes are none.
fn unquoted_columns(line: &str, separator: char) -> usize {
    line.split('"').step_by(2).map(|part| part.matches(separator).count()).sum::<usize>() + 1
}

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\"").trim().to_owned(),
        None => name.to_owned(),
    }
}

struct WrongNumbers {
    text: String,
    from_one: bool,
}

/// The names in the order of their numbers, which must be 0, 1, 2 and so on.
fn by_number(mut rows: Vec<(usize, String)>) -> Result<Vec<String>, WrongNumbers> {
    rows.sort_by_key(|&(number, _)| number);
    let in_order = |from: usize| rows.iter().enumerate().all(|(index, &(number, _))| number == index + from);
    if in_order(0) {
        return Ok(rows.into_iter().map(|(_, name)| name).collect());
    }
    if rows.len() > 1 && in_order(1) {
        let text = "its numbers begin at 1, but classes are counted from 0".to_owned();
        return Err(WrongNumbers { text, from_one: true });
    }
    let wrong = rows.iter().enumerate().find(|(index, (number, _))| number != index);
    let text = match wrong {
        Some((index, &(number, _))) if number < index => format!("the number {number} is there twice"),
        Some((index, _)) => format!("the number {index} is missing"),
        None => String::new(),
    };
    Err(WrongNumbers { text, from_one: false })
}

/// The names of a JSON file; `None` where `text` is none.
fn json(text: &str) -> Option<Result<Vec<String>, String>> {
    let closing = match text.chars().next()? {
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    if !text.ends_with(closing) {
        return None;
    }
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return Some(Err(format!("it looks like JSON but isn't: {error}"))),
    };
    Some(json_names(value).and_then(|names| match names.iter().position(String::is_empty) {
        Some(index) => Err(format!("the name of class {index} is empty")),
        None => Ok(names),
    }))
}

fn json_names(value: Value) -> Result<Vec<String>, String> {
    let wrong =
        || "as JSON it takes a list of names, or an object from number to name or from name to number".to_owned();
    let trimmed = |name: &str| name.trim().to_owned();
    match value {
        Value::Array(names) => {
            names.iter().map(|name| name.as_str().map(trimmed)).collect::<Option<_>>().ok_or_else(wrong)
        }
        Value::Object(entries) => {
            let row = |(key, value): (&String, &Value)| match value {
                Value::String(name) => Some((key.trim().parse().ok()?, trimmed(name))),
                Value::Number(number) => Some((usize::try_from(number.as_u64()?).ok()?, trimmed(key))),
                _ => None,
            };
            let rows = entries.iter().map(row).collect::<Option<_>>().ok_or_else(wrong)?;
            by_number(rows).map_err(|reason| reason.text)
        }
        _ => Err(wrong()),
    }
}
