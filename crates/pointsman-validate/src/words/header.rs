//! Names and values of headers.

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

const CLAIMS: &str = "@request.auth.claims";

/// Whether a key stands for a claim of a token: `@request.auth.claims.NAME` or `@request.auth.claims[NAME]`.
#[must_use]
pub(crate) fn is_claim_key(key: &str) -> bool {
    let Some(start) = key.get(..CLAIMS.len()).filter(|start| start.eq_ignore_ascii_case(CLAIMS)) else {
        return false;
    };
    let rest = key.get(start.len()..).unwrap_or_default();
    let dotted = rest.strip_prefix('.').is_some_and(|name| !name.is_empty());
    let in_brackets = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    dotted || in_brackets.is_some_and(|name| !name.is_empty())
}

/// Whether a text is the name of a header. The control plane takes a comma too.
#[must_use]
pub(crate) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+,-.^_`|~".contains(&byte))
}

/// A name for which a route looks: of a header, a pseudo-header or a claim.
pub(crate) fn match_name(name: &str, at: &Place<'_>, out: &mut Report) {
    let pseudo = [":method", ":scheme", ":authority", ":path", ":status"].contains(&name);
    if !pseudo && !is_claim_key(name) && !is_token(name) {
        out.error(at, codes::HEADER_NAME, format!("{} is not the name of a header", quote(name)));
    }
}

/// A name of a header that a CORS policy lists.
pub(crate) fn strict_name(name: &str, at: &Place<'_>, out: &mut Report) {
    if !is_token(name) {
        out.error(at, codes::HEADER_NAME, format!("{} is not the name of a header", quote(name)));
    }
}

/// Whether a name stands for the authority of a request.
#[must_use]
pub(crate) fn is_authority(name: &str) -> bool {
    name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case(":authority")
}

/// A header of the request that is set: the authority may be.
pub(crate) fn set_name(name: &str, at: &Place<'_>, out: &mut Report) {
    if !is_authority(name) {
        change_name(name, at, out);
    }
}

/// Any other header that is changed.
pub(crate) fn change_name(name: &str, at: &Place<'_>, out: &mut Report) {
    let why = if name.is_empty() {
        "is empty"
    } else if name.starts_with(':') {
        "is a pseudo-header"
    } else if name.eq_ignore_ascii_case("host") {
        "is the authority of the request"
    } else {
        return;
    };
    let message = format!("the header name {} {why} and cannot be changed", quote(name));
    out.error(at, codes::HEADER_CHANGE, message);
}

/// A value that is set, with Envoy's variables in it.
pub(crate) fn value(text: &str, at: &Place<'_>, out: &mut Report) {
    if let Err(why) = check_value(text) {
        out.error(at, codes::HEADER_VALUE, format!("{} is not a header value: {why}", quote(text)));
    }
}

fn check_value(text: &str) -> Result<(), &'static str> {
    if text.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
        return Err("it has control characters");
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        rest = match after.strip_prefix('%') {
            Some(after) => after,
            None => after_variable(after)?,
        };
    }
    Ok(())
}

/// What stands after `NAME%` or `NAME(arguments)%`.
fn after_variable(text: &str) -> Result<&str, &'static str> {
    const OPEN: &str = "a `%` begins a variable that does not end; write `%%` for the sign itself";
    let end = text.find(['%', '(']).ok_or(OPEN)?;
    let (_, rest) = text.split_at(end);
    if let Some(after) = rest.strip_prefix('%') {
        return Ok(after);
    }
    let (_, after) = rest.split_once(')').ok_or(OPEN)?;
    let after = after.trim_start_matches(' ');
    match after.strip_prefix('%') {
        Some(after) => Ok(after),
        None if after.is_empty() => Err(OPEN),
        None => Err("text stands between the `)` and the `%` of a variable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_header_values_end() {
        for good in ["", "a", "50%%", "%A%", "%A%%%", "%A(b %Y)%", "%A(b)  %", "%A(b)%%C%", "a\tb"] {
            assert_eq!(check_value(good), Ok(()), "{good}");
        }
        for bad in ["%", "a%", "%A", "%A%%", "%A(b", "%A(b)", "%A(b)c%", "a\nb", "\u{7f}", "50% off"] {
            assert!(check_value(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_have_a_name() {
        for good in ["@request.auth.claims.a", "@Request.Auth.Claims[a][b]"] {
            assert!(is_claim_key(good), "{good}");
        }
        for bad in [
            "@request.auth.claims",
            "@request.auth.claims.",
            "@request.auth.claims[]",
            "@request.auth.claimsa",
            "é",
        ] {
            assert!(!is_claim_key(bad), "{bad}");
        }
    }
}
