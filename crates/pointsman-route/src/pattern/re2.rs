//! RE2's syntax on bytes, as Envoy reads it since 1.40: pattern and value are Latin-1, a byte is a character.
//!
//! Source: the syntax page of RE2 and its parser with the flags of a plain `RE2` object.

use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

use super::class::{fold, named_class, perl_class, posix_class};

/// RE2's own limit on `{n,m}`, and on what nested ones multiply to.
const MOST_REPEATS: u32 = 1_000;
/// How deep groups may stand in one another; RE2 goes to 1,000.
const DEEPEST: usize = 200;

/// The expression of a pattern, and the number of its groups.
pub(super) fn parse(pattern: &str) -> Result<(Hir, usize), String> {
    let mut parser = Parser { rest: pattern.as_bytes(), flags: Flags::default(), groups: 0 };
    let (hir, _) = parser.alternation(DEEPEST)?;
    if parser.rest.is_empty() { Ok((hir, parser.groups as usize)) } else { Err("unexpected `)`".to_owned()) }
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    many_lines: bool,
    dot_matches_newline: bool,
    ungreedy: bool,
}

struct Parser<'p> {
    rest: &'p [u8],
    flags: Flags,
    groups: u32,
}

/// An expression and what its repetitions multiply to.
type Sized = (Hir, u32);

impl Parser<'_> {
    fn eat(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Up to the end or an unmatched `)`. Flags set inside end with it.
    fn alternation(&mut self, depth: usize) -> Result<Sized, String> {
        let deeper = depth.checked_sub(1).ok_or("groups stand too deep in one another")?;
        let flags = self.flags;
        let (mut branches, mut size) = (Vec::new(), 1);
        loop {
            let (branch, of_branch) = self.concatenation(deeper)?;
            branches.push(branch);
            size = size.max(of_branch);
            if !self.eat(b"|") {
                break;
            }
        }
        self.flags = flags;
        Ok((Hir::alternation(branches), size))
    }

    fn concatenation(&mut self, depth: usize) -> Result<Sized, String> {
        let mut parts: Vec<Sized> = Vec::new();
        // Whether the last thing was a repetition, after which there must be no other.
        let mut repeated = false;
        while let Some(first) = self.rest.first().copied() {
            if matches!(first, b'|' | b')') {
                break;
            }
            if let Some((min, max)) = self.repetition(first)? {
                let Some((part, size)) = parts.pop() else {
                    return Err("a repetition has nothing to repeat".to_owned());
                };
                if repeated {
                    return Err("a repetition of a repetition".to_owned());
                }
                repeated = true;
                parts.push(self.repeat(part, size, min, max, first == b'{')?);
                continue;
            }
            repeated = false;
            if self.eat(b"\\Q") {
                self.quoted(&mut parts);
            } else if let Some(part) = self.atom(depth)? {
                parts.push(part);
            }
        }
        let size = parts.iter().map(|(_, size)| *size).max().unwrap_or(1);
        Ok((Hir::concat(parts.into_iter().map(|(part, _)| part).collect()), size))
    }

    /// The bounds of a repetition that stands here; `{` that begins none is a letter.
    fn repetition(&mut self, first: u8) -> Result<Option<(u32, Option<u32>)>, String> {
        let bounds = match first {
            b'*' => (0, None),
            b'+' => (1, None),
            b'?' => (0, Some(1)),
            b'{' => match counted(self.rest) {
                Some((min, max, length)) => {
                    if min > MOST_REPEATS || max.is_some_and(|max| max > MOST_REPEATS || max < min) {
                        return Err(
                            "a repetition of more than 1000, or with its bounds turned around".to_owned()
                        );
                    }
                    self.rest = self.rest.get(length..).unwrap_or_default();
                    return Ok(Some((min, max)));
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(bounds))
    }

    fn repeat(
        &mut self,
        part: Hir,
        size: u32,
        min: u32,
        max: Option<u32>,
        counted: bool,
    ) -> Result<Sized, String> {
        let size = if counted { size.saturating_mul(max.unwrap_or(min).max(1)) } else { size };
        if size > MOST_REPEATS {
            return Err("repetitions multiply to more than 1000".to_owned());
        }
        let lazy = self.eat(b"?");
        let greedy = lazy == self.flags.ungreedy;
        Ok((Hir::repetition(Repetition { min, max, greedy, sub: Box::new(part) }), size))
    }

    fn quoted(&mut self, parts: &mut Vec<Sized>) {
        while !self.rest.is_empty() && !self.eat(b"\\E") {
            if let Some(letter) = self.next() {
                parts.push((self.letter(letter), 1));
            }
        }
    }

    /// One thing that can be repeated; none for a change of flags.
    fn atom(&mut self, depth: usize) -> Result<Option<Sized>, String> {
        let Some(first) = self.next() else { return Ok(None) };
        let hir = match first {
            b'(' => return self.group(depth),
            b'[' => self.class()?,
            b'.' if self.flags.dot_matches_newline => any_of(&[(0, 255)]),
            b'.' => any_of(&[(0, b'\n' - 1), (b'\n' + 1, 255)]),
            b'^' => Hir::look(if self.flags.many_lines { Look::StartLF } else { Look::Start }),
            b'$' => Hir::look(if self.flags.many_lines { Look::EndLF } else { Look::End }),
            b'\\' => self.escape()?,
            letter => self.letter(letter),
        };
        Ok(Some((hir, 1)))
    }

    fn letter(&self, letter: u8) -> Hir {
        let mut set = ClassBytes::new([ClassBytesRange::new(letter, letter)]);
        if self.flags.ignore_case {
            fold(&mut set);
        }
        Hir::class(Class::Bytes(set))
    }

    fn group(&mut self, depth: usize) -> Result<Option<Sized>, String> {
        let mut name = None;
        if self.eat(b"?P<") || self.eat(b"?<") {
            let end = self.rest.iter().position(|byte| *byte == b'>').ok_or("a group's name has no end")?;
            let (text, rest) = self.rest.split_at(end);
            if text.is_empty() || !text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                return Err("a group's name must be letters, digits and `_`".to_owned());
            }
            name = Some(Box::from(String::from_utf8_lossy(text)));
            self.rest = rest.get(1..).unwrap_or_default();
        } else if self.eat(b"?") {
            return self.flagged(depth);
        }
        self.groups += 1;
        let index = self.groups;
        let (inner, size) = self.alternation(depth)?;
        self.close()?;
        Ok(Some((Hir::capture(Capture { index, name, sub: Box::new(inner) }), size)))
    }

    /// After `(?`: flags for the rest of the group around, or a group of its own with flags.
    fn flagged(&mut self, depth: usize) -> Result<Option<Sized>, String> {
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        loop {
            let Some(letter) = self.next() else { return Err("a group has no end".to_owned()) };
            match letter {
                b'i' => flags.ignore_case = on,
                b'm' => flags.many_lines = on,
                b's' => flags.dot_matches_newline = on,
                b'U' => flags.ungreedy = on,
                b'-' if on => {
                    on = false;
                    seen = false;
                    continue;
                }
                b':' | b')' if on || seen => {
                    if letter == b')' {
                        self.flags = flags;
                        return Ok(None);
                    }
                    let before = std::mem::replace(&mut self.flags, flags);
                    let inner = self.alternation(depth)?;
                    self.flags = before;
                    self.close()?;
                    return Ok(Some(inner));
                }
                _ => return Err("a group of a kind that is not known".to_owned()),
            }
            seen = true;
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.eat(b")") { Ok(()) } else { Err("a group has no end".to_owned()) }
    }

    /// After a backslash, outside of classes.
    fn escape(&mut self) -> Result<Hir, String> {
        let look = match self.rest.first() {
            Some(b'A') => Some(Look::Start),
            Some(b'z') => Some(Look::End),
            Some(b'b') => Some(Look::WordAscii),
            Some(b'B') => Some(Look::WordAsciiNegate),
            Some(b'C') => {
                self.next();
                return Ok(any_of(&[(0, 255)]));
            }
            _ => None,
        };
        if let Some(look) = look {
            self.next();
            return Ok(Hir::look(look));
        }
        if let Some(mut set) = self.escaped_class()? {
            if self.flags.ignore_case {
                fold(&mut set);
            }
            return Ok(Hir::class(Class::Bytes(set)));
        }
        match self.escaped_letter()? {
            Some(letter) => Ok(self.letter(letter)),
            None => Ok(Hir::fail()),
        }
    }

    /// `\d`, `\pL`, `\p{Greek}` and so on.
    fn escaped_class(&mut self) -> Result<Option<ClassBytes>, String> {
        if let Some(set) = self.rest.first().and_then(|letter| perl_class(*letter)) {
            self.next();
            return Ok(Some(set));
        }
        let mut negated = match self.rest.first() {
            Some(b'p') => false,
            Some(b'P') => true,
            _ => return Ok(None),
        };
        self.next();
        let name = match self.next() {
            Some(b'{') => {
                let end =
                    self.rest.iter().position(|byte| *byte == b'}').ok_or("a class's name has no end")?;
                let (name, rest) = self.rest.split_at(end);
                self.rest = rest.get(1..).unwrap_or_default();
                name.to_vec()
            }
            Some(letter) => vec![letter],
            None => return Err("a class without a name".to_owned()),
        };
        let plain = name.strip_prefix(b"^").unwrap_or(&name);
        negated ^= plain.len() != name.len();
        let text = std::str::from_utf8(plain).unwrap_or_default();
        let mut set = named_class(text).ok_or_else(|| format!("`{text}` is no class of characters"))?;
        if negated {
            set.negate();
        }
        Ok(Some(set))
    }

    /// One character after a backslash; none for one beyond Latin-1, which no value has.
    fn escaped_letter(&mut self) -> Result<Option<u8>, String> {
        let bad = || "an escape that is not known".to_owned();
        let letter = self.next().ok_or("a backslash at the end")?;
        Ok(Some(match letter {
            b'1'..=b'7' if !matches!(self.rest.first(), Some(b'0'..=b'7')) => {
                return Err("back-references are not supported".to_owned());
            }
            b'0'..=b'7' => {
                let mut number = u32::from(letter - b'0');
                for _ in 0..2 {
                    if let Some(digit @ b'0'..=b'7') = self.rest.first().copied() {
                        number = number * 8 + u32::from(digit - b'0');
                        self.next();
                    }
                }
                return Ok(u8::try_from(number).ok());
            }
            b'x' => return self.hexadecimal(),
            b'a' => 7,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            other if other < 128 && !other.is_ascii_alphanumeric() && other != b'_' => other,
            _ => return Err(bad()),
        }))
    }

    fn hexadecimal(&mut self) -> Result<Option<u8>, String> {
        let bad = || "`\\x` needs two hexadecimal digits, or some in braces".to_owned();
        let braces = self.eat(b"{");
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let length = if braces { length } else { length.min(2) };
        let digits =
            self.rest.get(..length).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
        let number =
            u32::from_str_radix(digits, 16).ok().filter(|number| *number <= 0x10_ffff).ok_or_else(bad)?;
        self.rest = self.rest.get(length..).unwrap_or_default();
        if (braces && !self.eat(b"}")) || (!braces && length != 2) {
            return Err(bad());
        }
        Ok(u8::try_from(number).ok())
    }

    /// After `[`.
    fn class(&mut self) -> Result<Hir, String> {
        let negated = self.eat(b"^");
        let mut set = ClassBytes::empty();
        let mut first = true;
        loop {
            if !first && self.eat(b"]") {
                break;
            }
            first = false;
            self.class_item(&mut set)?;
        }
        if self.flags.ignore_case {
            fold(&mut set);
        }
        if negated {
            set.negate();
        }
        Ok(Hir::class(Class::Bytes(set)))
    }

    fn class_item(&mut self, set: &mut ClassBytes) -> Result<(), String> {
        if self.rest.starts_with(b"[:")
            && let Some(end) = self.rest.windows(2).position(|pair| pair == b":]").filter(|end| *end >= 2)
        {
            let name = self.rest.get(2..end).unwrap_or_default();
            set.union(&posix_class(name).ok_or("a class of characters that is not known")?);
            self.rest = self.rest.get(end + 2..).unwrap_or_default();
            return Ok(());
        }
        if self.rest.first() == Some(&b'\\') {
            let before = self.rest;
            self.next();
            if let Some(class) = self.escaped_class()? {
                set.union(&class);
                return Ok(());
            }
            self.rest = before;
        }
        let low = self.class_letter()?;
        let ranged = self.rest.first() == Some(&b'-') && !matches!(self.rest.get(1), None | Some(b']'));
        let high = if ranged {
            self.next();
            self.class_letter()?
        } else {
            low
        };
        if low > high {
            return Err("a range of characters with its ends turned around".to_owned());
        }
        if let Some(low) = low {
            // What lies beyond Latin-1 is in no value.
            set.push(ClassBytesRange::new(low, high.unwrap_or(u8::MAX)));
        }
        Ok(())
    }

    fn class_letter(&mut self) -> Result<Option<u8>, String> {
        match self.next() {
            Some(b'\\') => self.escaped_letter(),
            Some(letter) => Ok(Some(letter)),
            None => Err("a class of characters has no end".to_owned()),
        }
    }
}

/// `{n}`, `{n,}` or `{n,m}` at the beginning: the bounds, and how long it is.
fn counted(text: &[u8]) -> Option<(u32, Option<u32>, usize)> {
    let end = text.iter().take(16).position(|byte| *byte == b'}')?;
    let inner = std::str::from_utf8(text.get(1..end)?).ok()?;
    let number = |digits: &str| -> Option<u32> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (min, max) = match inner.split_once(',') {
        None => {
            let count = number(inner)?;
            (count, Some(count))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((min, max, end + 1))
}

fn any_of(ranges: &[(u8, u8)]) -> Hir {
    let ranges = ranges.iter().map(|(low, high)| ClassBytesRange::new(*low, *high));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}
