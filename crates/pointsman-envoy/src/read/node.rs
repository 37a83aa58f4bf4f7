//! A place in a document, read by field names in either case.

use std::cell::RefCell;
use std::time::Duration;

use pointsman_manifest::Value;
use pointsman_types::{Code, Diagnostic, FieldPath};

use crate::duration::read_duration;

/// A value of another kind than the field has.
pub(super) const WRONG_KIND: Code = Code::from_static("PE0101");
/// Something of Envoy's that is not modelled.
pub(super) const NOT_MODELLED: Code = Code::from_static("PE0102");
/// Something that Envoy refuses.
pub(super) const REFUSED: Code = Code::from_static("PE0103");

/// A place in a document; what is wrong there goes to the shared list of findings.
#[derive(Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: FieldPath,
    findings: &'a RefCell<Vec<Diagnostic>>,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, findings: &'a RefCell<Vec<Diagnostic>>) -> Self {
        Self { value, path: FieldPath::root(), findings }
    }

    pub(super) const fn value(&self) -> &'a Value {
        self.value
    }

    pub(super) fn error(&self, code: Code, message: impl Into<String>) {
        self.findings.borrow_mut().push(Diagnostic::error(code, message).at(self.path.clone()));
    }

    pub(super) fn warn(&self, code: Code, message: impl Into<String>) {
        self.findings.borrow_mut().push(Diagnostic::warning(code, message).at(self.path.clone()));
    }

    /// The field of that name, given in snake_case; `null` is as good as nothing.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        let map = self.value.as_map()?;
        let found = map.get(name).map(|value| (value, name.to_owned()));
        let (value, name) = found.or_else(|| {
            let camel = camel_case(name);
            map.get(&camel).map(|value| (value, camel))
        })?;
        if value.is_null() {
            return None;
        }
        Some(Self { value, path: self.path.clone().field(name), findings: self.findings })
    }

    /// The first of several fields that is there, with its position among the names.
    pub(super) fn one_of(&self, names: &[&str]) -> Option<(usize, Self)> {
        names.iter().enumerate().find_map(|(position, name)| Some((position, self.field(name)?)))
    }

    /// Warns of each of these fields that is there.
    pub(super) fn not_modelled(&self, names: &[&str]) {
        for field in names.iter().filter_map(|name| self.field(name)) {
            field.warn(NOT_MODELLED, "this field is not modelled and has no effect");
        }
    }

    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let Some(field) = self.field(name) else { return Vec::new() };
        let Some(items) = field.value.as_list() else {
            field.wrong("a list");
            return Vec::new();
        };
        let item = |(position, value)| Self {
            value,
            path: field.path.clone().index(position),
            findings: self.findings,
        };
        items.iter().enumerate().map(item).collect()
    }

    fn wrong(&self, wanted: &str) {
        self.error(WRONG_KIND, format!("expected {wanted}, found {}", self.value.kind()));
    }

    fn read<T>(&self, name: &str, wanted: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let field = self.field(name)?;
        let value = read(field.value);
        if value.is_none() {
            field.wrong(wanted);
        }
        value
    }

    pub(super) fn as_text(&self) -> String {
        match self.value.as_str() {
            Some(text) => text.to_owned(),
            None => {
                self.wrong("a text");
                String::new()
            }
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.read(name, "a text", |value| value.as_str().map(ToOwned::to_owned))
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).iter().map(Self::as_text).collect()
    }

    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        self.read(name, "true or false", Value::as_bool)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.boolean(name).unwrap_or_default()
    }

    /// An integer; proto JSON writes those of 64 bits as texts.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.read(name, "a whole number", |value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        let number = self.integer(name)?;
        let fitting = T::try_from(number).ok();
        if fitting.is_none() {
            self.error(WRONG_KIND, format!("`{name}` has the number `{number}`, which is out of range"));
        }
        fitting
    }

    pub(super) fn duration(&self, name: &str) -> Option<Duration> {
        self.read(name, "a duration such as `1.5s`", read_duration)
    }
}

fn camel_case(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut parts = snake.split('_');
    camel.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
