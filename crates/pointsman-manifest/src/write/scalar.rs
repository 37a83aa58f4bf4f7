//! Scalars as text that every reader takes for the same value.

use std::borrow::Cow;
use std::fmt::Write;

use crate::read::resolve_plain;
use crate::{Number, Value};

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Block,
    Flow,
    Json,
}

/// Names longer than this need a `?`: readers look no further than 1,024 characters for the colon.
pub(crate) const LONGEST_SIMPLE_KEY: usize = 1_000;

/// A scalar, or an empty list or map, in one line.
pub(crate) fn scalar_text(value: &Value, place: Place) -> Cow<'_, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string().into(),
        Value::Number(number) => number_text(*number, place).into(),
        Value::String(text) => text_in(text, place),
        Value::List(_) => "[]".into(),
        Value::Map(_) => "{}".into(),
    }
}

/// The name of a field.
pub(crate) fn key_text(name: &str, place: Place) -> Cow<'_, str> {
    text_in(name, place)
}

fn text_in(text: &str, place: Place) -> Cow<'_, str> {
    match place {
        Place::Json => json_quoted(text).into(),
        Place::Block if is_plain(text) => text.into(),
        Place::Flow if is_plain(text) && !text.contains([',', '[', ']', '{', '}', ':', '?']) => text.into(),
        _ => quoted(text).into(),
    }
}

/// Readers of YAML 1.1 want a dot and a sign where there is an exponent.
fn number_text(number: Number, place: Place) -> String {
    let text = number.to_string();
    match text.split_once('e') {
        Some((digits, power)) if place != Place::Json => {
            let dot = if digits.contains('.') { "" } else { ".0" };
            let sign = if power.starts_with('-') { "" } else { "+" };
            format!("{digits}{dot}e{sign}{power}")
        }
        _ => text,
    }
}

/// Whether a text can stand without quotes in block style.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return false };
    let begins = match first {
        '-' => letters.next().is_some_and(|second| second.is_ascii_alphanumeric() || second == '-'),
        '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' | ' ' => false,
        _ => true,
    };
    begins
        && text.chars().all(is_printable)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !may_be_no_text(text)
}

/// Whether any reader of YAML 1.1 or 1.2 takes the plain text for something else.
fn may_be_no_text(text: &str) -> bool {
    if matches!(text, "<<" | "=") || !resolve_plain(text).is_ok_and(|value| value.as_str().is_some()) {
        return true;
    }
    let is_word = text.len() <= 5
        && ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    let bare: String = text.chars().filter(|letter| *letter != '_').collect();
    let is_number =
        bare.len() < text.len() && !resolve_plain(&bare).is_ok_and(|value| value.as_str().is_some());
    let of_base_60 = text.contains(':')
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'_' | b'+' | b'-'));
    let year = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_date = year == 4 && text.as_bytes().get(4) == Some(&b'-');
    is_word || is_number || of_base_60 || is_date
}

fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// In quotes: single ones where that spares backslashes.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains('\'') && text.chars().all(is_printable) {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        escape(letter, &mut out);
    }
    out.push('"');
    out
}

fn escape(letter: char, out: &mut String) {
    let code = u32::from(letter);
    // Writing to a `String` cannot fail.
    let _ = match letter {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\t' => out.write_str("\\t"),
        '\r' => out.write_str("\\r"),
        _ if is_printable(letter) => out.write_char(letter),
        _ if code <= 0xFF => write!(out, "\\x{code:02x}"),
        _ => write!(out, "\\u{code:04x}"),
    };
}

/// What a reader of YAML cannot take is escaped too.
fn json_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        let code = u32::from(letter);
        if is_printable(letter) || matches!(letter, '\n' | '\t' | '\r') {
            escape(letter, &mut out);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\\u{code:04x}");
        }
    }
    out.push('"');
    out
}

/// The sign before a text that is written line by line; `None` where it cannot or need not be.
pub(crate) fn literal_header(text: &str) -> Option<&'static str> {
    let fits = text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(|letter| is_printable(letter) || matches!(letter, '\n' | '\t'))
        && !text.split('\n').any(|line| line.ends_with([' ', '\t']));
    let ends = text.len() - text.trim_end_matches('\n').len();
    fits.then_some(match ends {
        0 => "|-",
        1 => "|",
        // Kept line breaks would take in the blank lines that follow in a file: such texts stand in quotes.
        _ => return None,
    })
}
