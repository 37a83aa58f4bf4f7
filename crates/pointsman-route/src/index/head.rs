//! The text that every match of a regular expression begins with.

/// The longest plain text that the pattern obviously begins with; empty where there is none.
///
/// Errs to the short side: what is not plainly literal ends it.
pub(crate) fn literal_head(pattern: &str) -> Vec<u8> {
    let mut head = Vec::new();
    if has_alternatives(pattern) {
        return head;
    }
    let bytes = pattern.strip_prefix('^').unwrap_or(pattern).as_bytes();
    let mut rest = bytes;
    loop {
        let (literal, after) = match rest {
            [b'\\', escaped, after @ ..] if escaped.is_ascii_punctuation() => (*escaped, after),
            [plain, after @ ..] if is_plain(*plain) => (*plain, after),
            _ => return head,
        };
        // What may be left out or repeated is not certain.
        if matches!(after.first(), Some(b'*' | b'?' | b'{' | b'+')) {
            return head;
        }
        head.push(literal);
        rest = after;
    }
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'-' | b'_' | b'~' | b':' | b'=' | b'@' | b'%' | b',' | b';')
}

/// Whether `|` may stand outside of groups; classes and escapes are not looked into, which errs to the safe side but for
/// an escaped or bracketed parenthesis: patterns with one count as having alternatives.
fn has_alternatives(pattern: &str) -> bool {
    if !pattern.contains('|') {
        return false;
    }
    if pattern.contains("\\(") || pattern.contains("\\)") || pattern.contains('[') || pattern.contains("\\Q")
    {
        return true;
    }
    let mut depth = 0_usize;
    pattern.bytes().any(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        byte == b'|' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::literal_head;

    #[test]
    fn only_what_is_certain_is_taken() {
        for (pattern, head) in [
            ("/api/v1/.*", "/api/v1/"),
            ("^/a$", "/a"),
            ("/a\\.b[0-9]", "/a.b"),
            ("/ab*", "/a"),
            ("/ab?", "/a"),
            ("/ab+", "/a"),
            ("/ab{0}", "/a"),
            ("/a|/b", ""),
            ("/a(b|c)", "/a"),
            ("/a[(]|b", ""),
            ("(?i)/a", ""),
            ("/\\d", "/"),
            ("\\Qa|b\\E", ""),
            (".*", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&literal_head(pattern)), head, "{pattern}");
        }
    }
}
