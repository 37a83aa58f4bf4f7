//! Fields of an object with their paths, and the findings about them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use pointsman_manifest::{Map, Value};
use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, suggest};

use crate::codes::{BAD_VALUE, ELSEWHERE, MISSING, NOT_CARRIED, UNKNOWN_FIELD, WRONG_TYPE};

/// A field of an object, there or not. A null counts as not there, as in Kubernetes.
///
/// It remembers, for all fields of the object, which of them were read: those that were not are told at the end.
#[derive(Clone)]
pub(crate) struct Field<'v> {
    value: Option<&'v Value>,
    pub(crate) path: FieldPath,
    read: Rc<RefCell<BTreeSet<FieldPath>>>,
}

impl<'v> Field<'v> {
    pub(crate) fn root(value: &'v Value) -> Self {
        Self { value: Some(value), path: FieldPath::root(), read: Rc::default() }
    }

    pub(crate) fn get(&self, name: &str) -> Self {
        let value = self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null());
        self.below(value, self.path.clone().field(name))
    }

    fn below(&self, value: Option<&'v Value>, path: FieldPath) -> Self {
        Self { value, path, read: Rc::clone(&self.read) }
    }

    /// Counts the field, and all below it, as read.
    pub(crate) fn take(&self) {
        if self.is_there() {
            self.read.borrow_mut().insert(self.path.clone());
        }
    }

    pub(crate) fn at(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |field, name| field.get(name))
    }

    /// The value, which is read by that.
    pub(crate) fn value(&self) -> Option<&'v Value> {
        self.take();
        self.value
    }

    /// The map; its fields are read one by one.
    pub(crate) fn as_map(&self) -> Option<&'v Map> {
        self.value.and_then(Value::as_map)
    }

    pub(crate) const fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// The text, without a finding.
    pub(crate) fn as_str(&self) -> Option<&'v str> {
        self.value().and_then(Value::as_str)
    }

    /// Names and values, where it is a map.
    pub(crate) fn entries(&self) -> Vec<(&'v str, Self)> {
        let entries = self.as_map().into_iter().flat_map(Map::iter);
        entries
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, self.below(Some(value), self.path.clone().field(name))))
            .collect()
    }

    fn written(&self) -> String {
        self.value.map(Value::to_json).unwrap_or_default()
    }
}

/// The findings about one object.
pub(crate) struct Notes {
    object: ObjectRef,
    pub(crate) list: Vec<Diagnostic>,
}

impl Notes {
    pub(crate) fn on(object: ObjectRef) -> Self {
        Self { object, list: Vec::new() }
    }

    fn add(&mut self, finding: Diagnostic, at: &FieldPath) {
        self.list.push(finding.on(self.object.clone()).at(at.clone()));
    }

    pub(crate) fn error(&mut self, code: Code, field: &Field<'_>, message: impl Into<String>) {
        self.add(Diagnostic::error(code, message), &field.path);
    }

    pub(crate) fn warning(&mut self, code: Code, field: &Field<'_>, message: impl Into<String>) {
        self.add(Diagnostic::warning(code, message), &field.path);
    }

    pub(crate) fn info(&mut self, code: Code, field: &Field<'_>, message: impl Into<String>) {
        self.add(Diagnostic::info(code, message), &field.path);
    }

    pub(crate) fn error_with_help(&mut self, code: Code, field: &Field<'_>, message: &str, help: &str) {
        self.add(Diagnostic::error(code, message).with_help(help), &field.path);
    }

    pub(crate) fn missing(&mut self, field: &Field<'_>, what: &str) {
        self.error(MISSING, field, what);
    }

    fn wrong_type(&mut self, field: &Field<'_>, wanted: &str) {
        self.error(WRONG_TYPE, field, format!("`{}` is not {wanted}", field.written()));
    }

    pub(crate) fn bad_value(&mut self, field: &Field<'_>, wanted: &str) {
        self.error(BAD_VALUE, field, format!("`{}` is not {wanted}", field.written()));
    }

    pub(crate) fn text(&mut self, field: &Field<'_>) -> Option<String> {
        let value = field.value()?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(field, "a text");
        }
        text
    }

    /// A text that has to be there; empty when it is not.
    pub(crate) fn needed_text(&mut self, field: &Field<'_>, what: &str) -> String {
        let text = field.value().map_or(Some(String::new()), |_| self.text(field));
        if text.as_deref() == Some("") {
            self.missing(field, what);
        }
        text.unwrap_or_default()
    }

    pub(crate) fn flag(&mut self, field: &Field<'_>) -> Option<bool> {
        let value = field.value()?;
        if value.as_bool().is_none() {
            self.wrong_type(field, "`true` or `false`");
        }
        value.as_bool()
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, field: &Field<'_>) -> Option<u32> {
        let value = field.value()?;
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        if count.is_none() {
            if value.as_f64().is_some() {
                self.bad_value(field, &format!("a whole number from 0 to {}", u32::MAX));
            } else {
                self.wrong_type(field, "a number");
            }
        }
        count
    }

    pub(crate) fn items<'v>(&mut self, field: &Field<'v>) -> Vec<Field<'v>> {
        let Some(value) = field.value else { return Vec::new() };
        let Some(items) = value.as_list() else {
            self.wrong_type(field, "a list");
            return Vec::new();
        };
        let item = |(position, value)| field.below(Some(value), field.path.clone().index(position));
        items.iter().enumerate().map(item).collect()
    }

    /// Reports fields that nobody knows.
    pub(crate) fn only(&mut self, field: &Field<'_>, known: &[&str]) {
        for (name, unknown) in field.entries() {
            if known.contains(&name) {
                continue;
            }
            let finding = Diagnostic::warning(UNKNOWN_FIELD, format!("there is no field `{name}`"));
            let finding = match suggest::nearest(name, known.iter().copied()) {
                Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                None => finding,
            };
            self.add(finding, &unknown.path);
        }
    }

    /// Tells what nobody has read and no finding speaks of: each whole of it once, what stands side by side together.
    pub(crate) fn unread(&mut self, field: &Field<'_>) {
        let mut known = Known { read: field.read.borrow().clone(), ..Known::default() };
        for finding in &self.list {
            let speaks_of_all =
                finding.is_error() || [NOT_CARRIED, ELSEWHERE, UNKNOWN_FIELD].contains(&finding.code);
            let paths = if speaks_of_all { &mut known.read } else { &mut known.remarked };
            paths.insert(finding.path.clone());
        }
        let mut left = Vec::new();
        if !known.some_of(field, &mut left) {
            left = vec![(field.clone(), Vec::new())];
        }
        for (field, names) in left {
            let message = match names.split_last() {
                None => "a plan does not say this: it stays with the manifest".to_owned(),
                Some((last, names)) => format!(
                    "a plan does not say `{}` and `{last}`: they stay with the manifest",
                    names.join("`, `")
                ),
            };
            self.info(NOT_CARRIED, &field, message);
        }
    }

    pub(crate) fn finished(mut self) -> Vec<Diagnostic> {
        Diagnostic::sort(&mut self.list);
        self.list
    }
}

/// What is known of an object.
#[derive(Default)]
struct Known {
    /// Read, or spoken of with all that is below.
    read: BTreeSet<FieldPath>,
    /// With a finding that says something of it, but not of all that is below.
    remarked: BTreeSet<FieldPath>,
}

impl Known {
    /// Whether something of a field is known; what is left then: fields, or several by name of one.
    fn some_of<'v>(&self, field: &Field<'v>, left: &mut Vec<(Field<'v>, Vec<String>)>) -> bool {
        if self.read.contains(&field.path) {
            return true;
        }
        let items = field.value.and_then(Value::as_list).into_iter().flatten().enumerate();
        let items = items.map(|(at, value)| ("", field.below(Some(value), field.path.clone().index(at))));
        let children: Vec<(&str, Field<'v>)> = field.entries().into_iter().chain(items).collect();
        if children.is_empty() {
            // An empty map or list says nothing.
            let is_empty = |value: &Value| value.as_map().is_some() || value.as_list().is_some();
            return self.remarked.contains(&field.path) || field.value.is_none_or(is_empty);
        }
        let mut found = Vec::new();
        let mut unknown: Vec<(&str, Field<'v>)> = children.clone();
        unknown.retain(|(_, child)| !self.some_of(child, &mut found));
        if unknown.len() == children.len() {
            return false;
        }
        left.append(&mut found);
        if unknown.len() > 1 && field.as_map().is_some() {
            let names = unknown.into_iter().map(|(name, _)| name.to_owned()).collect();
            left.push((field.clone(), names));
        } else {
            left.extend(unknown.into_iter().map(|(_, child)| (child, Vec::new())));
        }
        true
    }
}
