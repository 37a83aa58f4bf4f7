//! What a document says.

use crate::{Map, Number};
use pointsman_types::{FieldPath, ObjectRef, Segment};

/// What a document, or a part of it, says.
///
/// Shape: a tree. Maps keep the order of their fields and have each name once; names are texts, as in JSON.
/// Equality ignores the order of fields.
///
/// ```
/// use pointsman_manifest::Value;
/// let value = Value::from_json(r#"{"spec": {"replicas": 3, "paused": null}}"#)?;
/// assert_eq!(value.at(&"spec.replicas".parse()?).and_then(Value::as_i64), Some(3));
/// assert_eq!(value.get("spec").and_then(|spec| spec.get("paused")), Some(&Value::Null));
/// assert_eq!(value.to_json(), r#"{"spec":{"replicas":3,"paused":null}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// Items in order.
    List(Vec<Self>),
    /// Fields in order.
    Map(Map),
}

impl Value {
    /// The value that a path leads to.
    #[must_use]
    pub fn at(&self, path: &FieldPath) -> Option<&Self> {
        path.segments().iter().try_fold(self, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Index(position) => value.as_list()?.get(*position),
        })
    }

    /// The value that a path leads to, to be changed.
    pub fn at_mut(&mut self, path: &FieldPath) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |value, segment| match segment {
            Segment::Field(name) => value.get_mut(name),
            Segment::Index(position) => value.as_list_mut()?.get_mut(*position),
        })
    }

    /// The field of that name, where this is a map that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_map()?.get(name)
    }

    /// The field of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.as_map_mut()?.get_mut(name)
    }

    /// Sets a field, where this is a map; a null becomes a map first. Answers what was there.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Self>) -> Option<Self> {
        if self.is_null() {
            *self = Self::Map(Map::new());
        }
        self.as_map_mut()?.insert(name, value)
    }

    /// Which Kubernetes object it is about: `apiVersion`, `kind`, `metadata.namespace`, `metadata.name`; parts that are not
    /// there, or are no texts, are empty.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        let text = |value: Option<&Self>| value.and_then(Self::as_str).unwrap_or_default().to_owned();
        let metadata = |name| text(self.get("metadata").and_then(|metadata| metadata.get(name)));
        ObjectRef::new(
            text(self.get("apiVersion")),
            text(self.get("kind")),
            metadata("namespace"),
            metadata("name"),
        )
    }

    /// Whether it is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, where this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is true, where this is `true` or `false`.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, where this is one that fits.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The integer, where this is one that is not negative.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The number, where this is one.
    #[must_use]
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number.as_f64()),
            _ => None,
        }
    }

    /// The items, where this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items, to be changed.
    pub const fn as_list_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The fields, where this is a map.
    #[must_use]
    pub const fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The fields, to be changed.
    pub const fn as_map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// What kind of value it is, in words: `a text`, `a number`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Map> for Value {
    fn from(fields: Map) -> Self {
        Self::Map(fields)
    }
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_integer {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}

from_integer!(i8, i16, i32, i64, u8, u16, u32, u64);
