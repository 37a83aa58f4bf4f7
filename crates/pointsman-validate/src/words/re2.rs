//! Regular expressions as the control plane reads them: the syntax of Go's `regexp`, which is RE2's.
//!
//! Rust's `regex` differs both ways. It refuses `\Q…\E`, `\123`, a literal `{` and `(?P<1a>…)`, which are fine here; it takes
//! `a{1001}`, `a**`, `(?x)`, `[a&&b]`, `\u{61}` and `[[:foo:]]`, which are errors or mean something else here. So the syntax is
//! read by hand, in one pass without recursion, and written anew for Rust on the way.
//!
//! Source: the documentation of RE2's syntax, and of Go's `regexp/syntax`.

use std::collections::BTreeSet;
use std::str::Chars;

use super::unicode;

/// The most repetitions, those of nested groups multiplied.
const MOST_REPEATS: u32 = 1_000;

/// What keeps a text from being an expression of RE2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRegex {
    /// A `*`, `+`, `?` or `{n}` with nothing before it.
    NothingToRepeat,
    /// A repetition of a repetition, such as `a**`.
    RepeatedRepeat,
    /// More than a thousand repetitions, or the least above the most.
    RepeatSize,
    /// A `(` without `)`.
    OpenGroup,
    /// A `)` without `(`.
    ClosedGroup,
    /// A group of a kind that does not exist here, such as a look-ahead.
    GroupSyntax,
    /// A name of a group that is bad or taken.
    GroupName,
    /// A `[` without `]`.
    OpenClass,
    /// A range of characters that is upside down, or no range.
    Range,
    /// A backslash with something that has no meaning after it.
    Escape,
    /// A `\p{…}` of no known name.
    UnicodeClass,
}

impl std::fmt::Display for InvalidRegex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NothingToRepeat => "a repetition has nothing before it",
            Self::RepeatedRepeat => "a repetition is repeated without a group",
            Self::RepeatSize => "more than 1000 repetitions, or the least above the most",
            Self::OpenGroup => "a `(` is not closed",
            Self::ClosedGroup => "a `)` was not opened",
            Self::GroupSyntax => {
                "a `(?` begins no known group; look-around and back references do not exist in RE2"
            }
            Self::GroupName => "the name of a group is bad or taken",
            Self::OpenClass => "a `[` is not closed",
            Self::Range => "a range of characters is upside down or no range",
            Self::Escape => "a `\\` stands before something that RE2 does not know",
            Self::UnicodeClass => "a `\\p` names no known class",
        })
    }
}

impl std::error::Error for InvalidRegex {}

/// Whether a text is an expression of RE2, as Go compiles it.
///
/// # Errors
/// The first thing that is wrong. Takes time linear in the text.
pub fn check(pattern: &str) -> Result<(), InvalidRegex> {
    to_rust(pattern).map(drop)
}

/// The expression in the syntax of Rust's `regex`, with the meaning that RE2 gives it: `\d`, `\s`, `\w` and `\b` are of ASCII.
///
/// ```
/// use pointsman_validate::re2;
/// assert_eq!(re2::to_rust(r"\Qa.b\E+")?, r"a\.b+");
/// assert!(re2::to_rust("a{1001}").is_err());
/// # Ok::<(), re2::InvalidRegex>(())
/// ```
///
/// # Errors
/// As [`check`].
pub fn to_rust(pattern: &str) -> Result<String, InvalidRegex> {
    read(pattern).map(|reader| reader.written)
}

/// How many groups of an expression are captured.
pub(crate) fn groups(pattern: &str) -> Option<u32> {
    read(pattern).ok().map(|reader| reader.groups)
}

fn read(pattern: &str) -> Result<Reader<'_>, InvalidRegex> {
    let mut reader = Reader {
        rest: pattern.chars(),
        written: String::with_capacity(pattern.len()),
        open: Vec::new(),
        level: Level::default(),
        names: BTreeSet::new(),
        after_repeat: false,
        groups: 0,
        flags_from: None,
    };
    while let Some(letter) = reader.rest.next() {
        reader.step(letter)?;
    }
    if reader.open.is_empty() { Ok(reader) } else { Err(InvalidRegex::OpenGroup) }
}

/// One pass over an expression.
#[derive(Debug)]
struct Reader<'p> {
    rest: Chars<'p>,
    written: String,
    open: Vec<Level>,
    level: Level,
    names: BTreeSet<&'p str>,
    after_repeat: bool,
    groups: u32,
    /// Where flags begin that stand at the end so far.
    flags_from: Option<usize>,
}

/// What stands in the innermost open group so far.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// The repeats inside the last item, if there is one since the last `|`.
    item: Option<u32>,
    /// The most repeats of all items.
    repeats: u32,
}

impl<'p> Reader<'p> {
    fn step(&mut self, letter: char) -> Result<(), InvalidRegex> {
        let after_repeat = std::mem::take(&mut self.after_repeat);
        if !matches!(letter, '*' | '+' | '?' | '{' | '(') {
            self.flags_from = None;
        }
        match letter {
            '(' => self.open_group(),
            ')' => self.close_group(),
            '|' => {
                self.level.item = None;
                self.written.push('|');
                Ok(())
            }
            '[' => self.class(),
            '\\' => self.escape(),
            '*' | '+' | '?' => self.repeat(&letter.to_string(), None, after_repeat),
            '{' => match self.counted()? {
                Some((text, most)) => self.repeat(&text, Some(most), after_repeat),
                None => self.literal('{'),
            },
            '^' | '$' | '.' => {
                self.written.push(letter);
                self.item(1)
            }
            other => self.literal(other),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "ends the arms of a match")]
    fn item(&mut self, repeats: u32) -> Result<(), InvalidRegex> {
        self.level.item = Some(repeats);
        self.level.repeats = self.level.repeats.max(repeats);
        Ok(())
    }

    fn literal(&mut self, letter: char) -> Result<(), InvalidRegex> {
        self.flags_from = None;
        push_literal(&mut self.written, letter);
        self.item(1)
    }

    fn repeat(&mut self, text: &str, most: Option<u32>, after_repeat: bool) -> Result<(), InvalidRegex> {
        let inner = self.level.item.ok_or(InvalidRegex::NothingToRepeat)?;
        if after_repeat {
            return Err(InvalidRegex::RepeatedRepeat);
        }
        let repeats = match most {
            None => inner,
            Some(0) => 1,
            Some(most) => inner.saturating_mul(most),
        };
        if most.is_some_and(|most| most >= 2) && repeats > MOST_REPEATS {
            return Err(InvalidRegex::RepeatSize);
        }
        // In `a(?i)*` the `a` is repeated.
        let mut end = self.flags_from.unwrap_or(self.written.len());
        self.written.insert_str(end, text);
        end += text.len();
        if self.rest.as_str().starts_with('?') {
            self.rest.next();
            self.written.insert(end, '?');
        }
        self.after_repeat = true;
        self.item(repeats)
    }

    /// What stands between braces, and the most repetitions; `None` where the brace stands for itself.
    fn counted(&mut self) -> Result<Option<(String, u32)>, InvalidRegex> {
        let Some((inner, after)) = self.rest.as_str().split_once('}') else { return Ok(None) };
        let (least, most) = match inner.split_once(',') {
            Some((least, most)) => (least, Some(most)),
            None => (inner, None),
        };
        let is_number = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_digit())
                && !text.is_empty()
                && (text == "0" || !text.starts_with('0'))
        };
        if !is_number(least) || !most.is_none_or(|most| most.is_empty() || is_number(most)) {
            return Ok(None);
        }
        let number = |text: &str| {
            text.parse().ok().filter(|n: &u32| *n <= MOST_REPEATS).ok_or(InvalidRegex::RepeatSize)
        };
        let low = number(least)?;
        let high = match most {
            None | Some("") => low,
            Some(most) => number(most)?,
        };
        if low > high {
            return Err(InvalidRegex::RepeatSize);
        }
        let text = format!("{{{inner}}}");
        self.rest = after.chars();
        Ok(Some((text, high)))
    }

    fn open_group(&mut self) -> Result<(), InvalidRegex> {
        let rest = self.rest.as_str();
        let Some(after) = rest.strip_prefix('?') else {
            self.groups += 1;
            self.enter("(");
            return Ok(());
        };
        if let Some(named) = after.strip_prefix("P<").or_else(|| after.strip_prefix('<')) {
            return self.named_group(named);
        }
        self.flags(after)
    }

    fn named_group(&mut self, rest: &'p str) -> Result<(), InvalidRegex> {
        let Some((name, after)) = rest.split_once('>') else { return Err(InvalidRegex::GroupSyntax) };
        let good = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !good || !self.names.insert(name) {
            return Err(InvalidRegex::GroupName);
        }
        self.rest = after.chars();
        self.groups += 1;
        // Rust wants a letter first; the name matters to nobody but for being different.
        self.enter(&format!("(?P<_{name}>"));
        Ok(())
    }

    fn flags(&mut self, after: &'p str) -> Result<(), InvalidRegex> {
        let end = after.find([':', ')']).ok_or(InvalidRegex::GroupSyntax)?;
        let (flags, rest) = after.split_at(end);
        let off = flags.split_once('-').map(|(_, off)| off);
        let letters = flags.chars().filter(|letter| *letter != '-').all(|letter| "imsU".contains(letter));
        if !letters || flags.matches('-').count() > 1 || off == Some("") {
            return Err(InvalidRegex::GroupSyntax);
        }
        let scoped = rest.starts_with(':');
        self.rest = rest.chars();
        self.rest.next();
        if scoped {
            self.enter(&format!("(?{}:", unique(flags)));
        } else if !flags.is_empty() {
            self.flags_from.get_or_insert(self.written.len());
            self.written.push_str("(?");
            self.written.push_str(&unique(flags));
            self.written.push(')');
        }
        Ok(())
    }

    fn enter(&mut self, text: &str) {
        self.flags_from = None;
        self.written.push_str(text);
        self.open.push(std::mem::take(&mut self.level));
    }

    fn close_group(&mut self) -> Result<(), InvalidRegex> {
        let outer = self.open.pop().ok_or(InvalidRegex::ClosedGroup)?;
        let inner = std::mem::replace(&mut self.level, outer);
        self.written.push(')');
        self.item(inner.repeats.max(1))
    }

    fn escape(&mut self) -> Result<(), InvalidRegex> {
        let rest = self.rest.as_str();
        let letter = rest.chars().next().ok_or(InvalidRegex::Escape)?;
        match letter {
            'Q' => return self.quoted(rest.get(1..).unwrap_or_default()),
            'A' | 'z' => {
                self.written.push('\\');
                self.written.push(letter);
            }
            'b' | 'B' => self.written.push_str(&format!("(?-u:\\{letter})")),
            _ => {
                if let Some(class) = self.class_escape()? {
                    self.written.push_str(&class);
                } else {
                    let letter = self.letter_escape()?;
                    push_literal(&mut self.written, letter);
                }
                return self.item(1);
            }
        }
        self.rest.next();
        self.item(1)
    }

    fn quoted(&mut self, rest: &'p str) -> Result<(), InvalidRegex> {
        let (text, after) = rest.split_once("\\E").unwrap_or((rest, ""));
        self.rest = after.chars();
        text.chars().try_for_each(|letter| self.literal(letter))
    }

    /// A class that stands after a backslash: `\d`, `\pL`, `\p{Greek}`.
    fn class_escape(&mut self) -> Result<Option<String>, InvalidRegex> {
        let rest = self.rest.as_str();
        let mut letters = rest.chars();
        let Some(letter) = letters.next() else { return Ok(None) };
        match letter {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                self.rest.next();
                Ok(Some(perl_class(letter).to_owned()))
            }
            'p' | 'P' => {
                let inner = letters.as_str();
                let (name, after) = match inner.strip_prefix('{') {
                    Some(braced) => braced.split_once('}').ok_or(InvalidRegex::UnicodeClass)?,
                    None => match inner.char_indices().nth(1) {
                        Some((end, _)) => inner.split_at(end),
                        None => (inner, ""),
                    },
                };
                self.rest = after.chars();
                unicode_class(name, letter == 'P').map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A single character that stands after a backslash.
    fn letter_escape(&mut self) -> Result<char, InvalidRegex> {
        let letter = self.rest.next().ok_or(InvalidRegex::Escape)?;
        Ok(match letter {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => self.hexadecimal()?,
            '0'..='7' => return self.octal(letter),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
            _ => return Err(InvalidRegex::Escape),
        })
    }

    /// `\0`, `\012`, `\123`; `\1` alone would be a back reference.
    fn octal(&mut self, first: char) -> Result<char, InvalidRegex> {
        let is_octal = |letter: Option<char>| letter.is_some_and(|letter| ('0'..='7').contains(&letter));
        if first != '0' && !is_octal(self.rest.clone().next()) {
            return Err(InvalidRegex::Escape);
        }
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            if !is_octal(self.rest.clone().next()) {
                break;
            }
            code = code * 8 + self.rest.next().and_then(|digit| digit.to_digit(8)).unwrap_or_default();
        }
        char::from_u32(code).ok_or(InvalidRegex::Escape)
    }

    /// `\x7f`, `\x{10ffff}`.
    fn hexadecimal(&mut self) -> Result<char, InvalidRegex> {
        let rest = self.rest.as_str();
        let (digits, after) = match rest.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or(InvalidRegex::Escape)?,
            None => (rest.get(..2).ok_or(InvalidRegex::Escape)?, rest.get(2..).unwrap_or_default()),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidRegex::Escape);
        }
        self.rest = after.chars();
        let digits = digits.trim_start_matches('0');
        let code = if digits.is_empty() {
            0
        } else {
            u32::from_str_radix(digits, 16).map_err(|_| InvalidRegex::Escape)?
        };
        // A half of a surrogate pair matches nothing; Go takes it.
        if (0xd800..0xe000).contains(&code) {
            Ok('\u{fffd}')
        } else {
            char::from_u32(code).ok_or(InvalidRegex::Escape)
        }
    }

    fn class(&mut self) -> Result<(), InvalidRegex> {
        self.written.push('[');
        if self.rest.as_str().starts_with('^') {
            self.rest.next();
            self.written.push('^');
        }
        let mut first = true;
        loop {
            let rest = self.rest.as_str();
            match rest.chars().next() {
                None => return Err(InvalidRegex::OpenClass),
                Some(']') if !first => break,
                Some('[') if rest.starts_with("[:") && rest.contains(":]") => self.posix_class()?,
                Some('\\') => self.class_item_after_backslash()?,
                Some(_) => self.class_range()?,
            }
            first = false;
        }
        self.rest.next();
        self.written.push(']');
        self.item(1)
    }

    fn posix_class(&mut self) -> Result<(), InvalidRegex> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        let rest = self.rest.as_str().get(2..).unwrap_or_default();
        let (name, after) = rest.split_once(":]").ok_or(InvalidRegex::Range)?;
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(InvalidRegex::Range);
        }
        self.written.push_str(&format!("[:{name}:]"));
        self.rest = after.chars();
        Ok(())
    }

    fn class_item_after_backslash(&mut self) -> Result<(), InvalidRegex> {
        let before = self.rest.clone();
        self.rest.next();
        if let Some(class) = self.class_escape()? {
            self.written.push_str(&class);
            return Ok(());
        }
        self.rest = before;
        self.class_range()
    }

    fn class_range(&mut self) -> Result<(), InvalidRegex> {
        let low = self.class_letter()?;
        push_class_letter(&mut self.written, low);
        let mut ahead = self.rest.clone();
        if ahead.next() == Some('-') && ahead.clone().next().is_some_and(|letter| letter != ']') {
            self.rest = ahead;
            let high = self.class_letter()?;
            if high < low {
                return Err(InvalidRegex::Range);
            }
            self.written.push('-');
            push_class_letter(&mut self.written, high);
        }
        Ok(())
    }

    fn class_letter(&mut self) -> Result<char, InvalidRegex> {
        match self.rest.next() {
            None => Err(InvalidRegex::OpenClass),
            Some('\\') => self.letter_escape(),
            Some(letter) => Ok(letter),
        }
    }
}

/// Flags each once: Go takes `(?ii)`, Rust does not.
fn unique(flags: &str) -> String {
    let mut written = String::new();
    for letter in flags.chars() {
        if !written.contains(letter) {
            written.push(letter);
        }
    }
    written
}

const fn perl_class(letter: char) -> &'static str {
    match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => "[\\t\\n\\x0C\\r ]",
        'S' => "[^\\t\\n\\x0C\\r ]",
        'w' => "[0-9A-Za-z_]",
        _ => "[^0-9A-Za-z_]",
    }
}

fn unicode_class(name: &str, negated: bool) -> Result<String, InvalidRegex> {
    let (name, negated) = match name.strip_prefix('^') {
        Some(name) => (name, !negated),
        None => (name, negated),
    };
    let letter = if negated { 'P' } else { 'p' };
    if name == "Cs" {
        // Halves of surrogate pairs: no text has them.
        return Ok(if negated { "(?s:.)" } else { "[^\\x00-\\x{10FFFF}]" }.to_owned());
    }
    if name == "Any" {
        return Ok(format!("\\{letter}{{Any}}"));
    }
    if unicode::CATEGORIES.contains(&name) {
        return Ok(format!("\\{letter}{{gc={name}}}"));
    }
    match unicode::SCRIPTS.binary_search(&name) {
        Ok(_) => Ok(format!("\\{letter}{{sc={name}}}")),
        Err(_) => Err(InvalidRegex::UnicodeClass),
    }
}

fn push_literal(written: &mut String, letter: char) {
    if "\\.+*?()|[]{}^$#&-~".contains(letter) {
        written.push('\\');
    }
    written.push(letter);
}

fn push_class_letter(written: &mut String, letter: char) {
    if "[]^-\\&~#".contains(letter) {
        written.push('\\');
    }
    written.push(letter);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        let rust = to_rust(pattern).expect(pattern);
        regex::Regex::new(&format!("^(?:{rust})$")).expect(&rust).is_match(text)
    }

    #[test]
    fn what_only_re2_takes_is_taken() {
        for (pattern, text) in [
            (r"\Qa.b\E+", "a.bb"),
            (r"\Qa.b", "a.b"),
            ("a{", "a{"),
            ("a{,5}", "a{,5}"),
            ("{x}", "{x}"),
            (r"\123", "S"),
            (r"\0", "\0"),
            ("[[a]b]", "ab]"),
            ("[a&&b]+", "a&b"),
            ("(?P<1a>x)", "x"),
            ("[[]", "["),
            (r"\<a\>", "<a>"),
            ("(?ii)a", "A"),
            ("[]a]+", "a]"),
            ("[a-b-c]+", "a-c"),
            ("^*a", "a"),
            ("a(?i)*", "aa"),
            (r"[^\d]", "é"),
            (r"\p{^Greek}", "a"),
            ("(?)a", "a"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text} {:?}", to_rust(pattern));
        }
        assert!(!fits(r"\d", "٣"));
    }

    #[test]
    fn every_class_has_a_meaning_for_rust() {
        for name in unicode::CATEGORIES.iter().chain(unicode::SCRIPTS).chain(&["Any", "Cs"]) {
            for pattern in [format!("\\p{{{name}}}"), format!("[\\P{{{name}}}a]")] {
                let rust = to_rust(&pattern).expect(name);
                assert!(
                    *name == "Cs" && pattern.starts_with('[') || regex::Regex::new(&rust).is_ok(),
                    "{rust}"
                );
            }
        }
        assert!(unicode::SCRIPTS.is_sorted());
        assert!(fits(r"\p{Greek}+\pL", "αβx") && !fits(r"\p{Greek}", "a"));
    }

    #[test]
    fn what_only_rust_takes_is_refused() {
        for pattern in [
            "a{1001}",
            "(a{500}){3}",
            "a**",
            "a{2}{3}",
            "a+??",
            "(?x)a",
            "(?u)a",
            r"\u{61}",
            r"\x{110000}",
            "[[:foo:]]",
            "[z-a]",
            r"\C",
            r"\8",
            r"\1",
            r"\E",
            "(?=a)",
            "(?<=a)",
            "(?#a)",
            "(?P<a>x)(?P<a>y)",
            "(?P<>x)",
            "(a",
            "a)",
            "*",
            "|*",
            "(*a)",
            "[a",
            "[]",
            "[^]",
            r"\",
            r"[a-\d]",
            r"\p{Nope}",
            r"\p{Alphabetic}",
            "(?i",
            "(?i-)",
            "(?-i-s)",
            "a{5,2}",
            r"[\b]",
            r"\_a\y",
            "(?P=a)",
        ] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_is_taken_compiles_for_rust() {
        for pattern in [
            "a.*",
            "^/v[0-9]+(/.*)?$",
            "(?i:x)|y",
            r"\.\w+\b",
            "a{2,}?",
            r"[[:alpha:]_-]",
            "#x ~y",
            "(a|)",
            "",
            "()",
            "a{1000}",
        ] {
            assert!(fits(pattern, "") || to_rust(pattern).is_ok(), "{pattern}");
        }
    }
}
