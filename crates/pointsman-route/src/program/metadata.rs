//! A condition on dynamic metadata.

use crate::ir::{MetadataCondition, MetadataMatch};
use crate::request::MetadataValue;

use super::text::TextProgram;
use super::{Build, View};

/// How deep conditions on elements may stand in one another; deeper ones never hold.
const DEEPEST: usize = 32;

#[derive(Debug, Clone)]
pub(crate) struct MetadataProgram {
    filter: Box<str>,
    path: Box<[String]>,
    condition: ValueProgram,
    invert: bool,
}

#[derive(Debug, Clone)]
enum ValueProgram {
    Null,
    Bool(bool),
    Text(TextProgram),
    Present(bool),
    AnyElement(Box<Self>),
    AnyOf(Box<[Self]>),
    Never,
}

impl MetadataProgram {
    pub(super) fn new(metadata: &MetadataMatch, build: &mut Build) -> Self {
        Self {
            filter: metadata.filter.as_str().into(),
            path: metadata.path.clone().into(),
            condition: ValueProgram::new(&metadata.condition, DEEPEST, build),
            invert: metadata.invert,
        }
    }

    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        let value = view.request.metadata().and_then(|metadata| metadata.at(&self.filter, &self.path));
        self.condition.holds(value.unwrap_or(&MetadataValue::Null), value.is_some()) != self.invert
    }
}

impl ValueProgram {
    fn new(condition: &MetadataCondition, depth: usize, build: &mut Build) -> Self {
        let Some(deeper) = depth.checked_sub(1) else { return Self::Never };
        match condition {
            MetadataCondition::Null => Self::Null,
            MetadataCondition::Bool(wanted) => Self::Bool(*wanted),
            MetadataCondition::Text(text) => Self::Text(TextProgram::new(text, build)),
            MetadataCondition::Present(wanted) => Self::Present(*wanted),
            MetadataCondition::AnyElement(inner) => {
                Self::AnyElement(Box::new(Self::new(inner, deeper, build)))
            }
            MetadataCondition::AnyOf(inner) => {
                Self::AnyOf(inner.iter().map(|one| Self::new(one, deeper, build)).collect())
            }
        }
    }

    fn holds(&self, value: &MetadataValue, there: bool) -> bool {
        match (self, value) {
            (Self::Null, MetadataValue::Null) => there,
            (Self::Bool(wanted), MetadataValue::Bool(value)) => wanted == value,
            (Self::Text(text), MetadataValue::Text(value)) => text.matches(value.as_bytes()),
            (Self::Present(wanted), value) => *wanted && there && *value != MetadataValue::Null,
            (Self::AnyElement(inner), MetadataValue::List(values)) => {
                values.iter().any(|value| inner.holds(value, true))
            }
            (Self::AnyOf(inner), value) => inner.iter().any(|one| one.holds(value, there)),
            _ => false,
        }
    }
}
