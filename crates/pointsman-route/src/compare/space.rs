//! What one part of a request may be.

use std::collections::BTreeSet;

use crate::ir::{PathNormalization, StringMatch};
use crate::normalize::normalize;

/// What one part of a request may be.
pub(super) struct Space {
    /// The part, in words.
    pub(super) name: String,
    /// What each text begins with.
    pub(super) begin: &'static str,
    /// What texts are made of; the first are taken first.
    pub(super) letters: Vec<u8>,
    /// Texts that are taken before all others.
    pub(super) examples: BTreeSet<String>,
    /// Conditions that tell apart texts of which one may stand in a request and the other not.
    pub(super) hints: Vec<StringMatch>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Path([PathNormalization; 2]),
    Parameter,
    Header,
    Method,
}

impl Space {
    /// Paths without their query, after each of two ways to clean them.
    pub(super) fn path(cleaning: [PathNormalization; 2], examples: BTreeSet<String>) -> Self {
        let mut hints = Vec::new();
        if cleaning.iter().any(|one| one.dot_segments) {
            hints.push(StringMatch::regex(r".*/\.\.?(/.*)?"));
        }
        if cleaning.iter().any(|one| one.merge_slashes) {
            hints.push(StringMatch::regex(".*//.*"));
        }
        Self { begin: "/", hints, ..Self::new(Kind::Path(cleaning), "the path".to_owned(), examples) }
    }

    pub(super) fn parameter(name: &str, examples: BTreeSet<String>) -> Self {
        Self::new(Kind::Parameter, format!("query parameter `{name}`"), examples)
    }

    pub(super) fn header(name: &str, examples: BTreeSet<String>) -> Self {
        // A witness is UTF-8.
        let hints = vec![StringMatch::regex(r"([\x00-\x7f]|[\xc2-\xdf][\x80-\xbf])*")];
        Self { hints, ..Self::new(Kind::Header, format!("header `{name}`"), examples) }
    }

    pub(super) fn method(examples: BTreeSet<String>) -> Self {
        Self::new(Kind::Method, "the method".to_owned(), examples)
    }

    fn new(kind: Kind, name: String, examples: BTreeSet<String>) -> Self {
        let usual = (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(*b"-_/");
        let is_usual = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_/".contains(byte);
        let letters = usual.chain((0..=u8::MAX).filter(|byte| !is_usual(byte)));
        let letters = letters.filter(|byte| kind.has_letter(*byte)).collect();
        Self { name, begin: "", letters, examples, hints: Vec::new(), kind }
    }

    /// Whether the part may be that text.
    pub(super) fn has(&self, text: &str) -> bool {
        let is_made_of_letters = text.bytes().all(|byte| self.letters.contains(&byte));
        is_made_of_letters && text.starts_with(self.begin) && self.kind.has_text(text)
    }
}

impl Kind {
    fn has_letter(self, byte: u8) -> bool {
        match self {
            // What is cleaned of one letter alone is cleaned wherever it stands.
            Self::Path(cleaning) => {
                byte.is_ascii() && {
                    let path = format!("/a{}b", char::from(byte));
                    cleaning.iter().any(|cleaning| is_clean(&path, *cleaning))
                }
            }
            Self::Parameter => byte.is_ascii_graphic() && !b"&#".contains(&byte),
            Self::Header => !byte.is_ascii_control() || byte == b'\t',
            Self::Method => byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte),
        }
    }

    fn has_text(self, text: &str) -> bool {
        match self {
            Self::Path(cleaning) => cleaning.iter().all(|cleaning| is_clean(text, *cleaning)),
            Self::Method => !text.is_empty(),
            Self::Parameter | Self::Header => true,
        }
    }
}

/// Whether the text is a path, and matched as it stands.
fn is_clean(text: &str, cleaning: PathNormalization) -> bool {
    let (mut buffer, mut spare) = (Vec::new(), Vec::new());
    normalize(text.as_bytes(), cleaning, &mut buffer, &mut spare)
        .is_ok_and(|cleaned| cleaned.mark.is_none() && cleaned.full == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_that_cleaning_leaves() {
        let space = |cleaning| Space::path([cleaning; 2], BTreeSet::new());
        let (plain, cleaned) = (space(PathNormalization::NONE), space(PathNormalization::MERGE_SLASHES));
        for text in ["/a", "/a.b", "/a%20b", "/a/"] {
            assert!(plain.has(text) && cleaned.has(text), "{text}");
        }
        for text in ["/a/../b", "//a", "/a{b"] {
            assert!(plain.has(text) && !cleaned.has(text), "{text}");
        }
        for text in ["", "a", "/a?b", "/a#b", "/a b"] {
            assert!(!plain.has(text), "{text}");
        }
    }
}
