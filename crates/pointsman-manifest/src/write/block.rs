//! Block style: a field or item a line.

use super::scalar::{LONGEST_SIMPLE_KEY, Place, key_text, literal_header, scalar_text};
use crate::{Map, Value};

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Spaces a level.
    pub(crate) step: usize,
    /// Spaces from the name of a list to the `-` of its items.
    pub(crate) list_offset: usize,
    /// Texts of several lines are written line by line.
    pub(crate) literals: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { step: 2, list_offset: 0, literals: true }
    }
}

/// Writes block style. Line breaks are `\n`.
#[derive(Debug)]
pub(crate) struct Writer {
    out: String,
    layout: Layout,
}

impl Writer {
    pub(crate) const fn new(layout: Layout) -> Self {
        Self { out: String::new(), layout }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// A whole document whose lines stand at `indent`; the first begins where the writer stands.
    pub(crate) fn root(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Map(fields) if !fields.is_empty() => self.fields(fields, indent),
            Value::List(items) if !items.is_empty() => self.items(items, indent),
            other => self.scalar(other, indent + 2),
        }
    }

    /// Fields, a line each; the first begins where the writer stands.
    pub(crate) fn fields(&mut self, fields: &Map, indent: usize) {
        for (position, (name, value)) in fields.iter().enumerate() {
            if position > 0 {
                self.indent(indent);
            }
            self.field(name, value, indent);
        }
    }

    /// One field, from its name on, to the end of its last line.
    pub(crate) fn field(&mut self, name: &str, value: &Value, indent: usize) {
        let key = key_text(name, Place::Block);
        if key.len() > LONGEST_SIMPLE_KEY {
            self.out.push_str("? ");
            self.out.push_str(&key);
            self.out.push('\n');
            self.indent(indent);
        } else {
            self.out.push_str(&key);
        }
        self.out.push(':');
        self.after_colon(value, indent);
    }

    /// The value of a field whose name stands at `indent`, from behind its colon to the end of its last line.
    pub(crate) fn after_colon(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Map(fields) if !fields.is_empty() => {
                self.out.push('\n');
                self.indent(indent + self.layout.step);
                self.fields(fields, indent + self.layout.step);
            }
            Value::List(items) if !items.is_empty() => {
                self.out.push('\n');
                self.indent(indent + self.layout.list_offset);
                self.items(items, indent + self.layout.list_offset);
            }
            other => {
                self.out.push(' ');
                self.scalar(other, indent + self.layout.step);
            }
        }
    }

    /// Items, from the first `-` on.
    pub(crate) fn items(&mut self, items: &[Value], indent: usize) {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.indent(indent);
            }
            self.item(item, indent);
        }
    }

    /// One item, from its `-` on, to the end of its last line.
    pub(crate) fn item(&mut self, item: &Value, indent: usize) {
        self.out.push_str("- ");
        match item {
            Value::Map(fields) if !fields.is_empty() => self.fields(fields, indent + 2),
            Value::List(items) if !items.is_empty() => self.items(items, indent + 2),
            other => self.scalar(other, indent + 2),
        }
    }

    /// Whatever needs no further level; the lines of a text stand at `indent`.
    fn scalar(&mut self, value: &Value, indent: usize) {
        let literal = value.as_str().filter(|_| self.layout.literals);
        if let Some((text, header)) = literal.and_then(|text| Some((text, literal_header(text)?))) {
            self.out.push_str(header);
            self.out.push('\n');
            for line in text.split_inclusive('\n') {
                if line != "\n" {
                    self.indent(indent);
                }
                self.out.push_str(line);
            }
            if !text.ends_with('\n') {
                self.out.push('\n');
            }
            return;
        }
        self.out.push_str(&scalar_text(value, Place::Block));
        self.out.push('\n');
    }

    fn indent(&mut self, spaces: usize) {
        self.out.extend(std::iter::repeat_n(' ', spaces));
    }
}
