//! Fields of an object with their paths, and the findings about them.

use pointsman_manifest::Value;
use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, suggest};

use crate::codes::{BAD_VALUE, MISSING, UNKNOWN_FIELD, WRONG_TYPE};

/// A field of an object, there or not. A null counts as not there, as in Kubernetes.
#[derive(Clone)]
pub(crate) struct Field<'v> {
    value: Option<&'v Value>,
    pub(crate) path: FieldPath,
}

impl<'v> Field<'v> {
    pub(crate) fn root(value: &'v Value) -> Self {
        Self { value: Some(value), path: FieldPath::root() }
    }

    pub(crate) fn get(&self, name: &str) -> Self {
        let value = self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null());
        Self { value, path: self.path.clone().field(name) }
    }

    pub(crate) fn at(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |field, name| field.get(name))
    }

    pub(crate) const fn value(&self) -> Option<&'v Value> {
        self.value
    }

    pub(crate) const fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// The text, without a finding.
    pub(crate) fn as_str(&self) -> Option<&'v str> {
        self.value.and_then(Value::as_str)
    }

    /// Names and values, where it is a map.
    pub(crate) fn entries(&self) -> Vec<(&'v str, Self)> {
        let entries = self.value.and_then(Value::as_map).into_iter().flat_map(|map| map.iter());
        entries
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, Self { value: Some(value), path: self.path.clone().field(name) }))
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
        match field.value() {
            None => {
                self.missing(field, what);
                String::new()
            }
            Some(_) => self.text(field).unwrap_or_default(),
        }
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
                self.bad_value(field, "a whole number of 0 or more");
            } else {
                self.wrong_type(field, "a number");
            }
        }
        count
    }

    pub(crate) fn items<'v>(&mut self, field: &Field<'v>) -> Vec<Field<'v>> {
        let Some(value) = field.value() else { return Vec::new() };
        let Some(items) = value.as_list() else {
            self.wrong_type(field, "a list");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(position, value)| Field { value: Some(value), path: field.path.clone().index(position) })
            .collect()
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

    pub(crate) fn finished(mut self) -> Vec<Diagnostic> {
        Diagnostic::sort(&mut self.list);
        self.list
    }
}
