//! Classes of characters, as far as they lie in Latin-1.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, HirKind};

fn set(ranges: &[(u8, u8)]) -> ClassBytes {
    ClassBytes::new(ranges.iter().map(|(low, high)| ClassBytesRange::new(*low, *high)))
}

/// `\d`, `\s`, `\w` and their opposites: ASCII alone.
pub(super) fn perl_class(letter: u8) -> Option<ClassBytes> {
    let mut class = match letter.to_ascii_lowercase() {
        b'd' => set(&[(b'0', b'9')]),
        b's' => set(&[(b'\t', b'\n'), (12, b'\r'), (b' ', b' ')]),
        b'w' => set(&[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
        _ => return None,
    };
    if letter.is_ascii_uppercase() {
        class.negate();
    }
    Some(class)
}

/// What stands between `[:` and `:]`.
pub(super) fn posix_class(name: &[u8]) -> Option<ClassBytes> {
    let plain = name.strip_prefix(b"^").unwrap_or(name);
    let mut class = match plain {
        b"alnum" => set(&[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
        b"alpha" => set(&[(b'A', b'Z'), (b'a', b'z')]),
        b"ascii" => set(&[(0, 127)]),
        b"blank" => set(&[(b'\t', b'\t'), (b' ', b' ')]),
        b"cntrl" => set(&[(0, 31), (127, 127)]),
        b"digit" => set(&[(b'0', b'9')]),
        b"graph" => set(&[(b'!', b'~')]),
        b"lower" => set(&[(b'a', b'z')]),
        b"print" => set(&[(b' ', b'~')]),
        b"punct" => set(&[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')]),
        b"space" => set(&[(b'\t', b'\r'), (b' ', b' ')]),
        b"upper" => set(&[(b'A', b'Z')]),
        b"word" => set(&[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
        b"xdigit" => set(&[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
        _ => return None,
    };
    if plain.len() != name.len() {
        class.negate();
    }
    Some(class)
}

/// A general category (`L`, `Lu`), a script (`Greek`) or `Any`.
pub(super) fn named_class(name: &str) -> Option<ClassBytes> {
    if name == "Any" {
        return Some(set(&[(0, 255)]));
    }
    let capital = name.starts_with(|first: char| first.is_ascii_uppercase());
    if !capital || !name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
        return None;
    }
    let property = if name.len() <= 2 { "gc" } else { "sc" };
    let hir = regex_syntax::parse(&format!("\\p{{{property}={name}}}")).ok()?;
    let mut class = ClassBytes::empty();
    match hir.kind() {
        HirKind::Class(Class::Unicode(found)) => {
            for range in found.iter() {
                if let Ok(low) = u8::try_from(u32::from(range.start())) {
                    let high = u8::try_from(u32::from(range.end())).unwrap_or(u8::MAX);
                    class.push(ClassBytesRange::new(low, high));
                }
            }
        }
        HirKind::Literal(literal) => {
            let letter = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            if let Ok(letter) = u8::try_from(u32::from(letter)) {
                class.push(ClassBytesRange::new(letter, letter));
            }
        }
        _ => {}
    }
    Some(class)
}

/// Adds the other case of each letter, as Unicode has it within Latin-1.
pub(super) fn fold(class: &mut ClassBytes) {
    let mut folded = ClassBytes::empty();
    for range in class.iter() {
        for letter in range.start()..=range.end() {
            if let Some(other) = other_case(letter) {
                folded.push(ClassBytesRange::new(other, other));
            }
        }
    }
    class.union(&folded);
}

const fn other_case(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' | b'a'..=b'z' | 0xc0..=0xd6 | 0xd8..=0xde | 0xe0..=0xf6 | 0xf8..=0xfe => {
            Some(letter ^ 0x20)
        }
        _ => None,
    }
}
