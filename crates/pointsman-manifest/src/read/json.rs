//! JSON, at the speed of JSON.

use pointsman_types::Span;

use super::{Failure, Read};
use crate::Value;

/// The documents of a JSON text: one, several after another, or several between `---`.
///
/// `None` where the text does not begin like JSON. What fails here may still be YAML.
pub(crate) fn read_json(text: &str) -> Option<Result<Vec<Read>, Failure>> {
    let mut position = skip(text, text.len() - text.trim_start_matches('\u{feff}').len());
    if !text.get(position..)?.starts_with(['{', '[']) {
        return None;
    }
    let mut documents = Vec::new();
    while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
        // `{"a": 1} 2` is neither.
        if !rest.starts_with(['{', '[']) {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                let end = position + values.byte_offset();
                documents.push(Read { value, syntax: None, bytes: position..end });
                position = skip(text, end);
            }
            Some(Err(error)) => return Some(Err(failure(text, position, &error))),
            None => break,
        }
    }
    Some(Ok(documents))
}

/// Over white space and lines that separate documents.
fn skip(text: &str, mut position: usize) -> usize {
    loop {
        let rest = text.get(position..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        position += rest.len() - trimmed.len();
        let at_line_start = text
            .get(..position)
            .is_some_and(|before| before.is_empty() || before.ends_with(['\n', '\u{feff}']));
        match trimmed.strip_prefix("---") {
            Some(after) if at_line_start && (after.is_empty() || after.starts_with(['\n', '\r', ' '])) => {
                position += 3
            }
            _ => return position,
        }
    }
}

fn failure(text: &str, from: usize, error: &serde_json::Error) -> Failure {
    let rest = text.get(from..).unwrap_or("");
    let line_start: usize =
        rest.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (from + line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let shown = error.to_string();
    let message = shown.split(" at line ").next().unwrap_or(&shown).to_owned();
    Failure { message, place: place_of(text, start) }
}

/// The place of one byte. O(bytes before it).
fn place_of(text: &str, start: usize) -> Span {
    let before = text.get(..start).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |position| position + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or("").trim_start_matches('\u{feff}').chars().count() + 1;
    Span { start, end: start, line, column }
}
