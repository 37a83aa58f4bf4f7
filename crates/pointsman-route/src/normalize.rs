//! Cleaning of request paths before they are matched.

use crate::ir::{PathNormalization, SlashHandling};

/// A path that cannot be cleaned, or that the settings refuse: answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadPath;

/// A path as it is matched and forwarded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cleaned<'a> {
    /// With its query.
    pub(crate) full: &'a [u8],
    /// Where the question mark stands.
    pub(crate) mark: Option<usize>,
}

/// The path as matched and forwarded: the request's own where nothing is to do, else written to `buffer`.
#[inline]
pub(crate) fn normalize<'a>(
    path: &'a [u8],
    settings: PathNormalization,
    buffer: &'a mut Vec<u8>,
    spare: &mut Vec<u8>,
) -> Result<Cleaned<'a>, BadPath> {
    let seen = classes_of(path, class_of);
    if seen == 0 && !settings.merge_slashes {
        return Ok(Cleaned { full: path, mark: None });
    }
    if seen & FORBIDDEN != 0 {
        return Err(BadPath);
    }
    let fragment = if seen & SPECIAL != 0 { path.iter().position(|byte| *byte == b'#') } else { None };
    let path = path.get(..fragment.unwrap_or(path.len())).unwrap_or_default();
    // Cleaning goes by the path alone: a query may hold anything.
    let mark = if seen & MARK != 0 { path.iter().position(|byte| *byte == b'?') } else { None };
    let (plain, query) = path.split_at(mark.unwrap_or(path.len()));
    if (seen & SPECIAL == 0 && !settings.merge_slashes) || is_clean(plain, settings) {
        return Ok(Cleaned { full: path, mark });
    }
    clean(plain, settings, buffer, spare)?;
    let mark = mark.map(|_| buffer.len());
    buffer.extend_from_slice(query);
    Ok(Cleaned { full: buffer, mark })
}

/// Writes a path without its query to `buffer`, cleaned.
fn clean(
    plain: &[u8],
    settings: PathNormalization,
    buffer: &mut Vec<u8>,
    spare: &mut Vec<u8>,
) -> Result<(), BadPath> {
    buffer.clear();
    buffer.extend_from_slice(plain);
    if settings.escaped_slashes != SlashHandling::Keep {
        unescape_slashes(buffer, spare, settings.escaped_slashes)?;
    }
    if settings.dot_segments {
        canonicalize(buffer, spare)?;
    }
    if settings.merge_slashes {
        merge_slashes(buffer);
    }
    Ok(())
}

/// Runs of slashes become one, but a path of several slashes alone becomes two.
fn merge_slashes(path: &mut Vec<u8>) {
    let only_slashes = path.len() > 1 && path.iter().all(|byte| *byte == b'/');
    path.dedup_by(|next, previous| *next == b'/' && *previous == b'/');
    if only_slashes {
        path.push(b'/');
    }
}

/// Needs a closer look.
const SPECIAL: u8 = 1;
/// Envoy's parser of HTTP/1 does not let it through.
const FORBIDDEN: u8 = 2;
/// Begins the query.
const MARK: u8 = 4;

/// All classes of the bytes of a text. Four at a time, so that none waits for the one before.
#[inline(always)]
fn classes_of(text: &[u8], class_of: impl Fn(u8) -> u8) -> u8 {
    let (fours, rest) = text.as_chunks::<4>();
    let of_fours = fours
        .iter()
        .fold(0, |seen, [a, b, c, d]| seen | ((class_of(*a) | class_of(*b)) | (class_of(*c) | class_of(*d))));
    rest.iter().fold(of_fours, |seen, byte| seen | class_of(*byte))
}

const fn class_of(byte: u8) -> u8 {
    const CLASSES: [u8; 256] = classes();
    #[expect(clippy::indexing_slicing, reason = "every byte has a class")]
    CLASSES[byte as usize]
}

#[expect(clippy::indexing_slicing, reason = "every byte has a class")]
const fn classes() -> [u8; 256] {
    let mut classes = [SPECIAL; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let letter = byte as u8;
        if !letter.is_ascii_graphic() {
            classes[byte] = FORBIDDEN;
        } else if letter == b'?' {
            classes[byte] = MARK;
        } else if passes(letter) || letter == b'/' {
            classes[byte] = 0;
        }
        byte += 1;
    }
    classes
}

fn is_clean(path: &[u8], settings: PathNormalization) -> bool {
    let escapes = settings.escaped_slashes != SlashHandling::Keep;
    let mut previous = 0;
    path.iter().all(|byte| {
        let suspicious = match byte {
            b'%' => escapes || settings.dot_segments,
            b'.' => settings.dot_segments && previous == b'/',
            b'/' => settings.merge_slashes && previous == b'/',
            byte => settings.dot_segments && !passes(*byte),
        };
        previous = *byte;
        !suspicious
    })
}

fn unescape_slashes(path: &mut Vec<u8>, out: &mut Vec<u8>, handling: SlashHandling) -> Result<(), BadPath> {
    out.clear();
    let mut rest = path.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let slash = match rest {
            [b'%', b'2', b'f' | b'F', ..] => Some(b'/'),
            [b'%', b'5', b'c' | b'C', ..] => Some(b'\\'),
            _ => None,
        };
        match slash {
            Some(_) if handling == SlashHandling::Reject => return Err(BadPath),
            Some(slash) => {
                out.push(slash);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    std::mem::swap(path, out);
    Ok(())
}

/// Resolves dot segments, backslashes and escapes of unreserved characters; escapes what must not stand in a path.
fn canonicalize(path: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), BadPath> {
    out.clear();
    let mut rest = path.as_slice();
    if rest.first() != Some(&b'/') && rest.first() != Some(&b'\\') {
        // Not an absolute path (`*` of OPTIONS, CONNECT): one slash is put before it.
        out.push(b'/');
    }
    while let Some((first, after)) = rest.split_first() {
        if let Some((dots, length)) = dot_segment(out, rest) {
            if dots == 2 {
                pop_segment(out);
            }
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        rest = after;
        match *first {
            b'\\' => out.push(b'/'),
            b'%' => rest = unescape(out, after)?,
            0 => return Err(BadPath),
            byte if passes(byte) || byte == b'.' || byte == b'/' => out.push(byte),
            byte => escape(out, byte),
        }
    }
    std::mem::swap(path, out);
    Ok(())
}

/// `.` or `..` (escaped or not) as a whole segment at this place: how many dots, and how many bytes with the slash after.
fn dot_segment(before: &[u8], rest: &[u8]) -> Option<(usize, usize)> {
    if before.last() != Some(&b'/') {
        return None;
    }
    let (mut dots, mut length) = (0, 0);
    loop {
        match rest.get(length..).unwrap_or_default() {
            [b'.', ..] => length += 1,
            [b'%', b'2', b'e' | b'E', ..] => length += 3,
            [] if dots > 0 => return Some((dots, length)),
            [b'/' | b'\\', ..] if dots > 0 => return Some((dots, length + 1)),
            _ => return None,
        }
        dots += 1;
        if dots > 2 {
            return None;
        }
    }
}

fn pop_segment(out: &mut Vec<u8>) {
    out.pop();
    while out.last().is_some_and(|byte| *byte != b'/') {
        out.pop();
    }
    if out.is_empty() {
        out.push(b'/');
    }
}

fn unescape<'a>(out: &mut Vec<u8>, after: &'a [u8]) -> Result<&'a [u8], BadPath> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let value = match after {
        [high, low, ..] => digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low),
        _ => None,
    };
    match value {
        Some(0) => Err(BadPath),
        Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.') => {
            out.push(byte);
            Ok(after.get(2..).unwrap_or_default())
        }
        Some(_) => {
            out.push(b'%');
            out.extend_from_slice(after.get(..2).unwrap_or_default());
            Ok(after.get(2..).unwrap_or_default())
        }
        None => {
            out.push(b'%');
            Ok(after)
        }
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push(b'%');
    for half in [byte >> 4, byte & 15] {
        out.extend(DIGITS.get(usize::from(half)));
    }
}

/// Characters that stay as they are.
const fn passes(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b'-'
                | b':'
                | b';'
                | b'='
                | b'@'
                | b'['
                | b']'
                | b'_'
                | b'~'
                | b'|'
                | b'^'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(path: &str, settings: PathNormalization) -> Option<String> {
        let (mut buffer, mut spare) = (Vec::new(), Vec::new());
        let cleaned = normalize(path.as_bytes(), settings, &mut buffer, &mut spare).ok()?;
        assert_eq!(cleaned.mark, cleaned.full.iter().position(|byte| *byte == b'?'), "{path}");
        Some(String::from_utf8_lossy(cleaned.full).into_owned())
    }

    #[test]
    fn dot_segments_and_escapes_are_resolved() {
        let table = [
            ("/a/b?x=/../y", "/a/b?x=/../y"),
            ("/a/../b?x?y", "/b?x?y"),
            ("/a?b#c?d", "/a?b"),
            ("/a/../b", "/b"),
            ("/a/./b/.", "/a/b/"),
            ("/a/b/..", "/a/"),
            ("/../..", "/"),
            ("/%65", "/e"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a\\b", "/a/b"),
            ("/a/%2e%2E/b", "/b"),
            ("/a/.b/..c", "/a/.b/..c"),
            ("/a//b", "/a//b"),
            ("/a#b?c", "/a"),
        ];
        for (path, expected) in table {
            assert_eq!(cleaned(path, PathNormalization::BASE).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(cleaned("/a%00", PathNormalization::BASE), None);
    }

    #[test]
    fn slashes_are_merged_and_unescaped_where_asked() {
        assert_eq!(cleaned("/a//b", PathNormalization::MERGE_SLASHES).as_deref(), Some("/a/b"));
        assert_eq!(cleaned("///", PathNormalization::MERGE_SLASHES).as_deref(), Some("//"));
        let all = PathNormalization::DECODE_AND_MERGE_SLASHES;
        assert_eq!(cleaned("/a%2f%5Cb", all).as_deref(), Some("/a/b"));
        assert_eq!(cleaned("/a/../%2fb", PathNormalization::NONE).as_deref(), Some("/a/../%2fb"));
        let reject = PathNormalization { escaped_slashes: SlashHandling::Reject, ..PathNormalization::NONE };
        assert_eq!(cleaned("/a%2fb", reject), None);
    }
}
