//! Flow style, `{a: 1}`, and JSON in one line.

use super::scalar::{LONGEST_SIMPLE_KEY, Place, key_text, scalar_text};
use crate::Value;

/// In one line, for inside of other flow or behind a colon.
pub(crate) fn flow_value(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out, Place::Flow);
    out
}

/// In one line of JSON, with a space after colons and commas.
pub(crate) fn json_value(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out, Place::Json);
    out
}

fn write(value: &Value, out: &mut String, place: Place) {
    match value {
        Value::List(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                write(item, out, place);
            }
            out.push(']');
        }
        Value::Map(fields) => {
            out.push('{');
            for (position, (name, value)) in fields.iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                let key = key_text(name, place);
                let is_long = key.len() > LONGEST_SIMPLE_KEY && place == Place::Flow;
                out.push_str(if is_long { "? " } else { "" });
                out.push_str(&key);
                out.push_str(": ");
                write(value, out, place);
            }
            out.push('}');
        }
        other => out.push_str(&scalar_text(other, place)),
    }
}
