//! A condition on a text.

use crate::ir::{StringMatch, StringPattern};
use crate::pattern::Pattern;

use super::Build;

#[derive(Debug, Clone)]
pub(crate) enum TextProgram {
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    Contains(Box<[u8]>),
    ExactIgnoreCase(Box<[u8]>),
    PrefixIgnoreCase(Box<[u8]>),
    SuffixIgnoreCase(Box<[u8]>),
    ContainsIgnoreCase(Box<[u8]>),
    Regex(Pattern),
    Never,
}

/// What the index finds a condition by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKey<'p> {
    /// The whole text.
    Whole(&'p [u8]),
    /// What the text begins with.
    Begin(&'p [u8]),
}

impl<'p> TextKey<'p> {
    pub(super) const fn text(self) -> &'p [u8] {
        match self {
            Self::Whole(text) | Self::Begin(text) => text,
        }
    }
}

impl TextProgram {
    /// What every text that matches is, or begins with.
    pub(super) fn key(&self) -> Option<TextKey<'_>> {
        match self {
            Self::Exact(text) => Some(TextKey::Whole(text)),
            Self::Prefix(text) => Some(TextKey::Begin(text)),
            Self::Regex(pattern) => Some(TextKey::Begin(pattern.head())),
            _ => None,
        }
        .filter(|key| matches!(key, TextKey::Whole(_)) || !key.text().is_empty())
    }

    /// Whether every text matches that the key takes.
    pub(super) const fn is_decided_by_key(&self) -> bool {
        matches!(self, Self::Exact(_) | Self::Prefix(_))
    }

    pub(super) fn new(text: &StringMatch, build: &mut Build) -> Self {
        let bytes = |text: &String| Box::<[u8]>::from(text.as_bytes());
        match (&text.pattern, text.ignore_case) {
            (StringPattern::Exact(text), false) => Self::Exact(bytes(text)),
            (StringPattern::Prefix(text), false) => Self::Prefix(bytes(text)),
            (StringPattern::Suffix(text), false) => Self::Suffix(bytes(text)),
            (StringPattern::Contains(text), false) => Self::Contains(bytes(text)),
            (StringPattern::Exact(text), true) => Self::ExactIgnoreCase(bytes(text)),
            (StringPattern::Prefix(text), true) => Self::PrefixIgnoreCase(bytes(text)),
            (StringPattern::Suffix(text), true) => Self::SuffixIgnoreCase(bytes(text)),
            (StringPattern::Contains(text), true) => Self::ContainsIgnoreCase(bytes(text)),
            (StringPattern::Regex(regex), _) => match build.pattern(regex) {
                Some(pattern) if pattern.is_plain_text() => Self::Exact(pattern.head().into()),
                Some(pattern) => Self::Regex(pattern),
                None => Self::Never,
            },
        }
    }

    pub(crate) fn matches(&self, value: &[u8]) -> bool {
        match self {
            Self::Exact(text) => **text == *value,
            Self::Prefix(text) => value.starts_with(text),
            Self::Suffix(text) => value.ends_with(text),
            Self::Contains(text) => contains(value, text, |a, b| a == b),
            Self::ExactIgnoreCase(text) => value.eq_ignore_ascii_case(text),
            Self::PrefixIgnoreCase(text) => starts_with_ignore_case(value, text),
            Self::SuffixIgnoreCase(text) => {
                value.len() >= text.len()
                    && value.get(value.len() - text.len()..).is_some_and(|end| end.eq_ignore_ascii_case(text))
            }
            Self::ContainsIgnoreCase(text) => contains(value, text, <[u8]>::eq_ignore_ascii_case),
            Self::Regex(pattern) => pattern.is_match(value),
            Self::Never => false,
        }
    }
}

/// Whether one condition holds of a text, compiled for this question alone.
pub(crate) fn text_holds(text: &StringMatch, value: &[u8]) -> bool {
    TextProgram::new(text, &mut Build::default()).matches(value)
}

pub(super) fn starts_with_ignore_case(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn contains(value: &[u8], text: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    text.is_empty() || value.windows(text.len()).any(|window| same(window, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_text_condition() {
        let with = |pattern: StringPattern, ignore_case| {
            TextProgram::new(&StringMatch { pattern, ignore_case }, &mut Build::default())
        };
        let table = [
            (StringPattern::Exact("ab".into()), "ab", "AB", "abc"),
            (StringPattern::Prefix("ab".into()), "abc", "ABc", "cab"),
            (StringPattern::Suffix("ab".into()), "cab", "cAB", "abc"),
            (StringPattern::Contains("ab".into()), "xabx", "xABx", "axb"),
        ];
        for (pattern, yes, other_case, no) in table {
            let (plain, ignoring) = (with(pattern.clone(), false), with(pattern.clone(), true));
            assert!(plain.matches(yes.as_bytes()) && ignoring.matches(yes.as_bytes()), "{pattern:?}");
            assert!(
                !plain.matches(other_case.as_bytes()) && ignoring.matches(other_case.as_bytes()),
                "{pattern:?}"
            );
            assert!(!plain.matches(no.as_bytes()) && !ignoring.matches(no.as_bytes()), "{pattern:?}");
        }
        assert!(!with(StringPattern::Regex("(".into()), false).matches(b"("));
    }
}
