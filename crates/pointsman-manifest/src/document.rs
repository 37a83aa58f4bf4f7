//! One document of a manifest.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use pointsman_types::{FieldPath, ObjectRef, Span};

use crate::read::{Read, json_syntax};
use crate::syntax::Syntax;
use crate::{Object, Value};

/// What one document of a [`Manifest`](crate::Manifest) says, and where.
///
/// A document that was made from a [`Value`] has no text and no places.
#[derive(Debug, Clone)]
pub struct Document {
    value: Value,
    text: Arc<str>,
    bytes: Range<usize>,
    is_json: bool,
    syntax: OnceLock<Option<Syntax>>,
}

impl Document {
    pub(crate) fn new(text: Arc<str>, read: Read) -> Self {
        let is_json = read.syntax.is_none();
        let syntax = read.syntax.map_or_else(OnceLock::new, |syntax| OnceLock::from(Some(syntax)));
        Self { value: read.value, text, bytes: read.bytes, is_json, syntax }
    }

    /// What it says.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// What it says, without its text.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Which object it is about; parts that are not there are empty.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        self.value.object_ref()
    }

    /// The bytes of the manifest's text from its `---`, where it has one, to its end, comments after it included.
    #[must_use]
    pub fn byte_range(&self) -> Range<usize> {
        self.bytes.clone()
    }

    /// The objects of it: itself, or its items where it is a list of objects.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        Object::all_of(self).into_iter()
    }

    /// Where the value stands that a path leads to. Through an alias or a merge key, the place where it was written.
    ///
    /// O(fields on the way); for JSON the first call reads the text up to the end of the document again.
    #[must_use]
    pub fn span(&self, path: &FieldPath) -> Option<Span> {
        let syntax = self.syntax()?;
        let found = syntax.find(path, &self.text)?;
        syntax.span(found.node)
    }

    /// Where the name of the field stands that a path leads to, or the item of a list.
    #[must_use]
    pub fn name_span(&self, path: &FieldPath) -> Option<Span> {
        let syntax = self.syntax()?;
        let key = syntax.find_key(path, &self.text)?;
        syntax.span(key)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it was read as JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.is_json
    }

    pub(crate) fn syntax(&self) -> Option<&Syntax> {
        self.syntax.get_or_init(|| json_syntax(&self.text, self.bytes.clone())).as_ref()
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self { value, text: "".into(), bytes: 0..0, is_json: false, syntax: OnceLock::from(None) }
    }
}
