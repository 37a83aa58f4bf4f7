//! Regular expressions as Envoy understands them: RE2 on bytes.

mod automaton;
mod class;
mod re2;
mod table;
mod tail;

use std::borrow::Cow;
use std::sync::Arc;

use regex_automata::meta::Regex;
use regex_syntax::hir::Hir;

use crate::ir::RegexRewrite;

pub(crate) use automaton::{Automaton, NoAutomaton, Spot};
use tail::Tail;
pub(crate) use tail::Tails;

/// A text that is no regular expression, or one that is too large.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` cannot be used as a regular expression: {why}")]
pub struct InvalidPattern {
    pattern: String,
    why: String,
}

/// A compiled expression that must match a whole value: plain text, and what comes after it.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    head: Box<[u8]>,
    tail: Arc<Tail>,
}

impl Pattern {
    /// Shares with patterns that end alike.
    pub(crate) fn new(pattern: &str, tails: &mut Tails) -> Result<Self, InvalidPattern> {
        let (hir, _) = parse(pattern)?;
        let (head, tail) = tails.split(&hir).map_err(|why| unusable(pattern, why))?;
        Ok(Self { head, tail })
    }

    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        value.starts_with(&self.head) && self.tail.matches(value, self.head.len())
    }

    /// As [`Self::is_match`] of a value that is known to begin with the head.
    pub(crate) fn is_match_after_head(&self, value: &[u8]) -> bool {
        self.tail.matches(value, self.head.len())
    }

    /// The plain text that every match begins with.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the head alone matches, and nothing else does.
    pub(crate) fn is_plain_text(&self) -> bool {
        matches!(*self.tail, Tail::End)
    }

    /// Whether every value matches that begins with the head, as long as it has no line break.
    pub(crate) fn is_plain_prefix(&self) -> bool {
        self.tail.takes_any_line()
    }
}

/// A compiled replacement of every match.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    regex: Regex,
    parts: Box<[Part]>,
    usable: bool,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Box<[u8]>),
    Group(usize),
}

impl Replacement {
    pub(crate) fn new(rewrite: &RegexRewrite, tails: &mut Tails) -> Result<Self, InvalidPattern> {
        let (hir, groups) = parse(&rewrite.pattern)?;
        let mut parts = parts(rewrite.substitution.as_bytes());
        let known = |part: &Part| !matches!(part, Part::Group(number) if *number > groups);
        let usable = parts.iter().all(known);
        if !usable {
            parts = Box::default();
        }
        let regex = tails.general(&hir).and_then(|regex| tails.spend(regex.memory_usage()).map(|()| regex));
        let regex = regex.map_err(|why| unusable(&rewrite.pattern, why))?;
        Ok(Self { regex, parts, usable })
    }

    /// The value with every match replaced; as it is where the substitution names a group that is not there.
    pub(crate) fn apply<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        if !self.usable || !self.regex.is_match(value) {
            return Cow::Borrowed(value);
        }
        let mut out = Vec::with_capacity(value.len());
        let mut end = 0;
        for captures in self.regex.captures_iter(value) {
            let Some(found) = captures.get_match() else { continue };
            out.extend_from_slice(value.get(end..found.start()).unwrap_or_default());
            end = found.end();
            for part in &self.parts {
                match part {
                    Part::Text(text) => out.extend_from_slice(text),
                    Part::Group(number) => {
                        let group = captures.get_group(*number).and_then(|span| value.get(span.range()));
                        out.extend_from_slice(group.unwrap_or_default());
                    }
                }
            }
        }
        out.extend_from_slice(value.get(end..).unwrap_or_default());
        Cow::Owned(out)
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

fn parse(pattern: &str) -> Result<(Hir, usize), InvalidPattern> {
    re2::parse(pattern).map_err(|why| InvalidPattern { pattern: pattern.to_owned(), why })
}

fn unusable(pattern: &str, why: &str) -> InvalidPattern {
    InvalidPattern { pattern: pattern.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_syntax::hir::Look;

    use super::*;

    fn of(pattern: &str) -> Result<Pattern, InvalidPattern> {
        Pattern::new(pattern, &mut Tails::default())
    }

    #[test]
    fn a_whole_value_must_match() {
        let pattern = of("a|ab").expect("valid");
        assert!(pattern.is_match(b"ab") && pattern.is_match(b"a") && !pattern.is_match(b"abc"));
        assert!(of("..").expect("valid").is_match("é".as_bytes()));
        assert!(of("(").is_err());
    }

    #[test]
    fn only_text_that_is_certain_is_a_head() {
        let table: [(&str, &[u8]); 16] = [
            ("/api/v1/.*", b"/api/v1/"),
            ("^/a$", b"/a"),
            ("/a\\.b[0-9]", b"/a.b"),
            ("/ab*", b"/a"),
            ("/ab?", b"/a"),
            ("/ab+", b"/a"),
            ("/ab{0}", b"/a"),
            ("/a|/b", b""),
            ("/a(b|c)", b"/a"),
            ("/(a)(?:b)c?", b"/ab"),
            ("/a[(]|b", b""),
            ("(?i)/a", b"/"),
            ("/\\d", b"/"),
            ("\\Qa|b\\E.", b"a|b"),
            ("/é?", b"/\xc3"),
            (".*", b""),
        ];
        for (pattern, head) in table {
            assert_eq!(of(pattern).expect("valid").head(), head, "{pattern}");
        }
    }

    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec![
            "a", "b", "ab", "/", ".", "[ab]", "[^a]", "a*", ".*", "", "^", "$", "\\b", "\\B", "(?i)a", "\\n",
            "(?s).", "b{2,3}",
        ]);
        leaf.prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                4 => prop::collection::vec(inner.clone(), 1..5).prop_map(|parts| parts.concat()),
                1 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
                1 => (inner, prop::sample::select(vec!["*", "+", "?", "{0,2}", "*?"]))
                    .prop_map(|(inner, times)| format!("(?:{inner}){times}")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn heads_and_tables_equal_the_general_engine(
            expression in expression(),
            values in prop::collection::vec("[abA/\n]{0,8}", 12),
        ) {
            let Ok(pattern) = of(&expression) else { return Ok(()) };
            let hir = parse(&expression).expect("parsed before").0;
            let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
            let general = Tails::default().general(&whole).expect("small");
            for value in &values {
                prop_assert_eq!(pattern.is_match(value.as_bytes()), general.is_match(value.as_bytes()), "{:?}", value);
            }
            if pattern.is_plain_prefix() {
                prop_assert!(general.is_match(&[pattern.head(), b"ab/."].concat()));
            }
        }
    }

    #[test]
    fn expressions_that_take_too_much_memory_together_are_refused() {
        let mut tails = Tails::default();
        let elsewhere = "(?:a?b|c?d)x?y{900}";
        assert!(Pattern::new(elsewhere, &mut tails).is_ok());
        tails.begin_host();
        let large = |number: usize| format!("(?:{}){{30}}y{{{number}}}", "(?:a?b|c?d|e?f)x?".repeat(40));
        let refused = |tails: &mut Tails, numbers: std::ops::Range<usize>| {
            numbers.filter(|number| Pattern::new(&large(*number), tails).is_err()).count()
        };
        assert_eq!(refused(&mut tails, 1..10), 0);
        assert!(refused(&mut tails, 10..500) > 100);
        assert!(Pattern::new("/items/[0-9]+", &mut tails).is_ok(), "small ones are still had");
        let is_refused = |tails: &mut Tails| Pattern::new(elsewhere, tails).is_err();
        assert!(is_refused(&mut tails), "whichever virtual host was compiled before");
        tails.begin_host();
        assert!(!is_refused(&mut tails));
        assert_eq!(refused(&mut tails, 1..10), 0, "each virtual host has its own share");
    }

    #[test]
    fn patterns_are_read_as_re2_reads_them() {
        let table: [(&str, &[u8], &[u8]); 24] = [
            ("é", "é".as_bytes(), b"\xe9"),
            ("[é]", b"\xa9", "é".as_bytes()),
            ("(?i)É", b"\xe3\x89", "é".as_bytes()),
            ("\\p{L}", b"\xe9", b"1"),
            ("\\pN", b"7", b"x"),
            ("\\p{^Greek}", b"x", b"xx"),
            ("\\Qa.b\\E", b"a.b", b"axb"),
            ("\\Qa.b", b"a.b", b"axb"),
            ("[[a]", b"[", b"b"),
            ("[]a]", b"]", b"["),
            ("[a&&b]", b"&", b"c"),
            ("[[:^alpha:]]", b"1", b"a"),
            ("a{,2}", b"a{,2}", b"aa"),
            ("a{", b"a{", b"a"),
            ("\\<", b"<", b""),
            ("\\x41\\x{42}\\103", b"ABC", b"ABc"),
            ("\\s", b"\x0c", b"\x0b"),
            (".", b"\xff", b"\n"),
            ("(?s).", b"\n", b""),
            ("(?i:a)b", b"Ab", b"AB"),
            ("(?i)[^a]", b"b", b"A"),
            ("a(?i)b|c", b"C", b"A"),
            ("\\Aa\\z", b"a", b"aa"),
            ("(?U)a+?", b"aaa", b""),
        ];
        for (pattern, yes, no) in table {
            let compiled = of(pattern).unwrap_or_else(|error| panic!("{error}"));
            assert!(compiled.is_match(yes) && !compiled.is_match(no), "{pattern}");
        }
        for bad in [
            "(",
            ")",
            "a**",
            "a+*",
            "*a",
            "\\1",
            "\\Z",
            "\\_",
            "[b-a]",
            "[a",
            "a{1001}",
            "(a{100}){100}",
            "(?x)a",
            "(?=a)",
            "\\p{Letter}",
            "\\x4",
            "a{2,1}",
            "\\",
            "(?P<>a)",
            "(?",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(of(&"(".repeat(10_000)).is_err());
    }

    #[test]
    fn every_match_is_replaced() {
        let rewrite = |pattern: &str, substitution: &str, value: &str| {
            let rewrite = RegexRewrite { pattern: pattern.into(), substitution: substitution.into() };
            let replacement = Replacement::new(&rewrite, &mut Tails::default()).expect("valid");
            String::from_utf8(replacement.apply(value.as_bytes()).into_owned()).expect("text")
        };
        assert_eq!(rewrite("^/([^/]+)(/.*)$", r"\2/instance/\1", "/service/foo"), "/foo/instance/service");
        assert_eq!(rewrite("one", "two", "/xone/one"), "/xtwo/two");
        assert_eq!(rewrite("a", r"\\\0", "xa"), r"x\a");
    }
}
