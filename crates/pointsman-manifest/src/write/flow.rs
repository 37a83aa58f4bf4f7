//! Flow style, `{a: 1}`, and JSON in one line.

use super::scalar::{LONGEST_SIMPLE_KEY, Place, key_text, scalar_text};
use crate::Value;

/// How flow style is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowStyle {
    pub(crate) place: Place,
    /// Without spaces behind colons and commas.
    pub(crate) compact: bool,
    /// A line for each field and item: how far its list or map is indented, and how many spaces a level has.
    pub(crate) lines: Option<(usize, usize)>,
}

/// In flow style.
pub(crate) fn flow_value(value: &Value, style: FlowStyle) -> String {
    let mut out = String::new();
    write(value, &mut out, style);
    out
}

/// One field in flow style.
pub(crate) fn flow_field(name: &str, value: &Value, style: FlowStyle) -> String {
    let mut out = String::new();
    write_field(name, value, &mut out, style);
    out
}

fn write(value: &Value, out: &mut String, style: FlowStyle) {
    let inner = FlowStyle { lines: style.lines.map(|(indent, step)| (indent + step, step)), ..style };
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                separate(position, out, inner);
                write(item, out, inner);
            }
            close(']', out, style);
        }
        Value::Map(fields) if !fields.is_empty() => {
            out.push('{');
            for (position, (name, value)) in fields.iter().enumerate() {
                separate(position, out, inner);
                write_field(name, value, out, inner);
            }
            close('}', out, style);
        }
        other => out.push_str(&scalar_text(other, style.place)),
    }
}

fn write_field(name: &str, value: &Value, out: &mut String, style: FlowStyle) {
    let key = key_text(name, style.place);
    let is_long = key.len() > LONGEST_SIMPLE_KEY && style.place == Place::Flow;
    out.push_str(if is_long { "? " } else { "" });
    out.push_str(&key);
    out.push_str(if style.compact { ":" } else { ": " });
    write(value, out, style);
}

fn separate(position: usize, out: &mut String, style: FlowStyle) {
    out.push_str(if position > 0 { "," } else { "" });
    match style.lines {
        Some((indent, _)) => line(out, indent),
        None => out.push_str(if position > 0 && !style.compact { " " } else { "" }),
    }
}

fn close(bracket: char, out: &mut String, style: FlowStyle) {
    if let Some((indent, _)) = style.lines {
        line(out, indent);
    }
    out.push(bracket);
}

fn line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}
