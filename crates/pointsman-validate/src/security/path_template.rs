//! Path templates of authorization policies: `/v1/{*}/orders/{**}`.

/// Says what is wrong with a path, if anything: a plain path takes no braces, a template only plain segments beside its own.
pub(super) fn check(path: &str) -> Result<(), String> {
    let is_template = path.contains("{*}") || path.contains("{**}");
    let mut rest_taken = false;
    for segment in path.trim_matches('/').split('/') {
        match segment {
            "{*}" | "{**}" if rest_taken => return Err("`{**}` must be the last template".to_owned()),
            "{*}" => {}
            "{**}" => rest_taken = true,
            _ if segment.contains(['{', '}']) => {
                return Err(format!("`{segment}` is neither a plain segment nor `{{*}}` or `{{**}}`"));
            }
            _ if is_template && !is_literal(segment) => {
                return Err(format!("`{segment}` is not a plain segment, as beside a template it must be"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Letters that may stand in a segment of a path (`pchar` of RFC 3986), but for the wildcard.
fn is_literal(segment: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()+,;:@=".contains(&byte);
    !segment.is_empty() && segment.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn templates_are_whole_segments() {
        for good in ["/a", "/a/*", "*/a", "/{*}/b", "/a/{*}/{*}/c/{**}", "/{**}/b.txt", "a", "", "/a?b"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "/a{*}",
            "/{a}/b",
            "/{**}/{*}",
            "/{**}/{**}",
            "/{*}/*",
            "/{*}/a b",
            "/{*}//b",
            "/}",
            "/{*}/a{**}",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
