//! A condition on a query parameter.

use crate::ir::{QueryCondition, QueryMatch};

use super::text::TextProgram;
use super::{Build, View};

#[derive(Debug, Clone)]
pub(crate) struct QueryProgram {
    name: Box<[u8]>,
    condition: Option<TextProgram>,
    present: bool,
}

impl QueryProgram {
    pub(super) fn new(query: &QueryMatch, build: &mut Build) -> Self {
        let (condition, present) = match &query.condition {
            QueryCondition::Text(text) => (Some(TextProgram::new(text, build)), true),
            QueryCondition::Present(present) => (None, *present),
        };
        Self { name: query.name.as_bytes().into(), condition, present }
    }

    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        match (parameter(view.query, &self.name), &self.condition) {
            (Some(value), Some(condition)) => condition.matches(value),
            (None, Some(_)) => false,
            (found, None) => found.is_some() == self.present,
        }
    }
}

/// The first value of a parameter, not decoded.
pub(crate) fn parameter<'a>(query: Option<&'a [u8]>, name: &[u8]) -> Option<&'a [u8]> {
    query?.split(|byte| *byte == b'&').find_map(|pair| {
        let rest = pair.strip_prefix(name)?;
        match rest.split_first() {
            None => Some(rest),
            Some((b'=', value)) => Some(value),
            Some(_) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn the_first_value_counts_and_nothing_is_decoded() {
        let query = Some(b"a=1&b&a=2&ab=3&c=x=y".as_slice());
        assert_eq!(parameter(query, b"a"), Some(b"1".as_slice()));
        assert_eq!(parameter(query, b"b"), Some(b"".as_slice()));
        assert_eq!(parameter(query, b"c"), Some(b"x=y".as_slice()));
        assert_eq!(parameter(query, b"%61"), None);
        assert_eq!(parameter(None, b"a"), None);
    }
}
