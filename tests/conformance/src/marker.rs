//! Long strings that the corpora write as markers.

use serde_json::Value;

const LONGEST: usize = 64 << 20;

/// Writes out each `{"$repeat": {"unit", "count"}}` in place; with `"encoding": "base64"` as the base64 of these bytes.
///
/// A marker that asks for more than 64 MiB stays as it is.
pub fn expand_markers(value: &mut Value) {
    if let Some(text) = written_out(value) {
        *value = Value::String(text);
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(expand_markers),
        Value::Object(fields) => fields.values_mut().for_each(expand_markers),
        _ => {}
    }
}

fn written_out(value: &Value) -> Option<String> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let marker = object.get("$repeat")?;
    let unit = marker.get("unit")?.as_str()?;
    let count = usize::try_from(marker.get("count")?.as_u64()?).ok()?;
    if unit.len().checked_mul(count)? > LONGEST {
        return None;
    }
    let text = unit.repeat(count);
    match marker.get("encoding").and_then(Value::as_str) {
        Some("base64") => Some(base64(text.as_bytes())),
        Some(_) => None,
        None => Some(text),
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let sextet = (group >> (18 - 6 * position)) & 63;
            let letter = ALPHABET.get(sextet as usize).filter(|_| position <= chunk.len());
            text.push(char::from(letter.copied().unwrap_or(b'=')));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn markers_are_written_out_anywhere() {
        let mut value = json!({"a": [{"$repeat": {"unit": "xy", "count": 3}}], "b": {"$repeat": 1}});
        expand_markers(&mut value);
        assert_eq!(value, json!({"a": ["xyxyxy"], "b": {"$repeat": 1}}));
    }

    #[test]
    fn bytes_are_written_as_base64() {
        for (count, expected) in [(0, ""), (1, "YQ=="), (2, "YWE="), (3, "YWFh"), (4, "YWFhYQ==")] {
            let mut value = json!({"$repeat": {"unit": "a", "count": count, "encoding": "base64"}});
            expand_markers(&mut value);
            assert_eq!(value, json!(expected));
        }
    }

    #[test]
    fn what_would_fill_the_memory_stays_a_marker() {
        let mut value = json!({"$repeat": {"unit": "a", "count": u64::MAX}});
        expand_markers(&mut value);
        assert!(value.is_object());
    }
}
