//! Regular expressions as Envoy understands them: RE2 on bytes.

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};

use crate::ir::RegexRewrite;

/// A text that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a regular expression: {why}")]
pub struct InvalidPattern {
    pattern: String,
    why: String,
}

/// A compiled expression that must match a whole value.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    regex: Regex,
}

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Result<Self, InvalidPattern> {
        Ok(Self { regex: compile(&format!("\\A(?:{pattern})\\z"), pattern)? })
    }

    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        self.regex.is_match(value)
    }
}

/// A compiled replacement of every match.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    regex: Regex,
    parts: Box<[Part]>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Box<[u8]>),
    Group(usize),
}

impl Replacement {
    pub(crate) fn new(rewrite: &RegexRewrite) -> Result<Self, InvalidPattern> {
        let regex = compile(&rewrite.pattern, &rewrite.pattern)?;
        Ok(Self { regex, parts: parts(rewrite.substitution.as_bytes()) })
    }

    /// The value with every match replaced.
    pub(crate) fn apply<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        self.regex.replace_all(value, self)
    }
}

impl regex::bytes::Replacer for &Replacement {
    fn replace_append(&mut self, captures: &regex::bytes::Captures<'_>, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Group(number) => {
                    out.extend_from_slice(captures.get(*number).map_or(b"", |group| group.as_bytes()));
                }
            }
        }
    }
}

fn parts(substitution: &[u8]) -> Box<[Part]> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut bytes = substitution.iter();
    while let Some(byte) = bytes.next() {
        let escaped = if *byte == b'\\' { bytes.as_slice().first() } else { None };
        match escaped {
            Some(digit) if digit.is_ascii_digit() => {
                bytes.next();
                parts.push(Part::Text(std::mem::take(&mut text).into()));
                parts.push(Part::Group(usize::from(digit - b'0')));
            }
            Some(other) => {
                bytes.next();
                text.push(*other);
            }
            None => text.push(*byte),
        }
    }
    parts.push(Part::Text(text.into()));
    parts.into()
}

fn compile(regex: &str, pattern: &str) -> Result<Regex, InvalidPattern> {
    let built = RegexBuilder::new(regex).unicode(false).size_limit(1 << 20).dfa_size_limit(1 << 20).build();
    built.map_err(|error| InvalidPattern {
        pattern: pattern.to_owned(),
        why: error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_value_must_match() {
        let pattern = Pattern::new("a|ab").expect("valid");
        assert!(pattern.is_match(b"ab") && pattern.is_match(b"a") && !pattern.is_match(b"abc"));
        assert!(Pattern::new("..").expect("valid").is_match("é".as_bytes()));
        assert!(Pattern::new("(").is_err());
    }

    #[test]
    fn every_match_is_replaced() {
        let rewrite = |pattern: &str, substitution: &str, value: &str| {
            let rewrite = RegexRewrite { pattern: pattern.into(), substitution: substitution.into() };
            let replacement = Replacement::new(&rewrite).expect("valid");
            String::from_utf8(replacement.apply(value.as_bytes()).into_owned()).expect("text")
        };
        assert_eq!(rewrite("^/([^/]+)(/.*)$", r"\2/instance/\1", "/service/foo"), "/foo/instance/service");
        assert_eq!(rewrite("one", "two", "/xone/one"), "/xtwo/two");
        assert_eq!(rewrite("a", r"\\\0", "xa"), r"x\a");
    }
}
