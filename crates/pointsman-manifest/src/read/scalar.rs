//! What a scalar of YAML means to Kubernetes.
//!
//! *Source:* `sigs.k8s.io/yaml` at 742f5e6, `goyaml.v2/resolve.go`: YAML 1.1 without numbers of base 60, dates stay texts.

use crate::{Number, Value};

/// Why a scalar has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// Infinite, or not a number.
    NotFinite,
    /// The tag asks for a kind that the text is not.
    NotA(&'static str),
}

/// The value of a plain scalar without a tag.
pub(crate) fn resolve_plain(text: &str) -> Result<Value, Unresolved> {
    let Some(first) = text.as_bytes().first() else { return Ok(Value::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            Ok(word(text).unwrap_or_else(|| text.into()))
        }
        b'.' => after_a_dot(text),
        b'+' | b'-' | b'0'..=b'9' => after_a_digit_or_sign(text),
        _ => Ok(text.into()),
    }
}

/// The value of a scalar with a tag of the core schema.
pub(crate) fn resolve_tagged(suffix: &str, text: &str) -> Result<Value, Unresolved> {
    let value = || resolve_plain(text);
    match suffix {
        "bool" => value()?.as_bool().map(Value::Bool).ok_or(Unresolved::NotA("boolean")),
        "null" => {
            if value()?.is_null() {
                Ok(Value::Null)
            } else {
                Err(Unresolved::NotA("null"))
            }
        }
        "int" => match value()? {
            Value::Number(number) if number.is_integer() => Ok(number.into()),
            _ => Err(Unresolved::NotA("integer")),
        },
        "float" => {
            value()?.as_f64().and_then(Number::from_f64).map(Value::Number).ok_or(Unresolved::NotA("number"))
        }
        _ => Ok(text.into()),
    }
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false.into(),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => return None,
    })
}

fn after_a_dot(text: &str) -> Result<Value, Unresolved> {
    match text {
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => Err(Unresolved::NotFinite),
        _ if is_decimal(text) => Ok(decimal(text).unwrap_or_else(|| text.into())),
        _ => Ok(text.into()),
    }
}

fn after_a_digit_or_sign(text: &str) -> Result<Value, Unresolved> {
    if matches!(text.get(1..), Some(".inf" | ".Inf" | ".INF"))
        && !text.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(Unresolved::NotFinite);
    }
    if is_date(text) {
        return Ok(text.into());
    }
    let joined: std::borrow::Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    let number = integer(&joined).or_else(|| is_decimal(&joined).then(|| decimal(&joined)).flatten());
    Ok(number.unwrap_or_else(|| text.into()))
}

/// As Go's `ParseInt` with base 0: `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let signed = text.starts_with(['-', '+']);
    match u64::from_str_radix(digits, base) {
        Ok(number) if negative => 0_i64.checked_sub_unsigned(number).map(Value::from),
        Ok(number) if !signed || i64::try_from(number).is_ok() => Some(number.into()),
        Err(_) if base != 10 && base != 8 => rounded(negative, digits, base),
        _ => None,
    }
}

/// An integer of more than 64 bits in a base that no decimal number has.
fn rounded(negative: bool, digits: &str, base: u32) -> Option<Value> {
    let size = digits
        .chars()
        .filter_map(|digit| digit.to_digit(base))
        .fold(0.0, |sum, digit| f64::from(digit) + sum * f64::from(base));
    Number::from_f64(if negative { -size } else { size }).map(Value::Number)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_decimal(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return false;
    }
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else { return rest.is_empty() };
    let (power, rest) = digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    !power.is_empty() && rest.is_empty()
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// `None` where it is too large, which stays a text.
fn decimal(text: &str) -> Option<Value> {
    text.parse().ok().and_then(Number::from_f64).map(Value::Number)
}

/// `2001-01-01` and what follows: never a number, so there is nothing to read but the beginning.
fn is_date(text: &str) -> bool {
    let (year, rest) = digits(text);
    year.len() == 4 && rest.starts_with('-')
}

/// The name that a key of another type has after the conversion to JSON; `None` where Kubernetes refuses the key.
pub(crate) fn key_name(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Some(number.to_string()),
            None if number.is_integer() => None,
            None => Some(short_decimal(number.as_f64())),
        },
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// As Go's `FormatFloat(number, 'g', -1, 32)`: the shortest digits of a 32-bit number, with an exponent below 1e-4
/// and from 1e6 on.
fn short_decimal(number: f64) -> String {
    let small = number as f32;
    if !small.is_finite() {
        return if small > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{small:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if small == 0.0 || (-4..6).contains(&power) {
        return format!("{small}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::{Unresolved, key_name, resolve_plain, resolve_tagged};
    use crate::{Number, Value};

    fn decimal(number: f64) -> Value {
        Value::Number(Number::from_f64(number).unwrap())
    }

    #[test]
    fn words() {
        for text in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(resolve_plain(text), Ok(true.into()), "{text}");
        }
        for text in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(resolve_plain(text), Ok(false.into()), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve_plain(text), Ok(Value::Null), "{text}");
        }
        for text in ["yEs", "tRUE", "oN", "nULL", "~~", "nan", "inf", "ye"] {
            assert_eq!(resolve_plain(text), Ok(text.into()), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("+7", 7),
            ("0644", 420),
            ("0o17", 15),
            ("0O17", 15),
            ("0x1F", 31),
            ("-0x1F", -31),
            ("0b1", 1),
            ("0B11", 3),
            ("1_000", 1000),
            ("1_", 1),
            ("-_1", -1),
            ("0_7", 7),
            ("-010", -8),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(resolve_plain(text), Ok(number.into()), "{text}");
        }
        assert_eq!(resolve_plain("18446744073709551615"), Ok(u64::MAX.into()));
        for (text, number) in [
            ("1.0", 1.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("+.5", 0.5),
            ("1e3", 1000.0),
            ("08", 8.0),
            ("1_0.5", 10.5),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
            ("-9223372036854775809", -9_223_372_036_854_775_809.0),
            ("1.5E-2", 0.015),
            ("+9223372036854775808", 9_223_372_036_854_775_808.0),
        ] {
            assert_eq!(resolve_plain(text), Ok(decimal(number)), "{text}");
        }
    }

    #[test]
    fn texts_that_look_like_numbers() {
        for text in [
            "1:20",
            "190:20:30",
            "2001-01-01",
            "2001-1-1",
            "2001-12-14t21:59:43.10-05:00",
            "1.2.3",
            "0x",
            "0xg",
            "1e",
            "1e999",
            "+",
            "-",
            "_1",
            ".",
            "..",
            ".5_0",
            "1 2",
            "0b2",
            "0o8",
            "--1",
            "+-1",
            "1,000",
            "5m",
            "100%",
            "-.5.1",
        ] {
            assert_eq!(resolve_plain(text), Ok(text.into()), "{text}");
        }
    }

    #[test]
    fn numbers_without_json_form() {
        for text in [".inf", "-.inf", "+.Inf", ".NaN", ".nan"] {
            assert_eq!(resolve_plain(text), Err(Unresolved::NotFinite), "{text}");
        }
        assert_eq!(resolve_plain("1.inf"), Ok("1.inf".into()));
    }

    #[test]
    fn tags() {
        assert_eq!(resolve_tagged("str", "0644"), Ok("0644".into()));
        assert_eq!(resolve_tagged("int", "0644"), Ok(420.into()));
        assert_eq!(resolve_tagged("int", "x"), Err(Unresolved::NotA("integer")));
        assert_eq!(resolve_tagged("float", "3"), Ok(decimal(3.0)));
        assert_eq!(resolve_tagged("bool", "on"), Ok(true.into()));
        assert_eq!(resolve_tagged("bool", "1"), Err(Unresolved::NotA("boolean")));
        assert_eq!(resolve_tagged("null", ""), Ok(Value::Null));
    }

    #[test]
    fn keys() {
        let name = |text: &str| key_name(&resolve_plain(text).unwrap());
        for (text, expected) in [
            ("on", "true"),
            ("0644", "420"),
            ("1.5", "1.5"),
            ("1e30", "1e+30"),
            ("1e-7", "1e-07"),
            ("1.0", "1"),
            ("0.0001", "0.0001"),
            ("1e10", "1e+10"),
            ("123456.0", "123456"),
            ("1234567.0", "1.234567e+06"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(name("~"), None);
        assert_eq!(name("18446744073709551615"), None);
    }
}
