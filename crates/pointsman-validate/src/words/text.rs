//! Conditions on texts.

use pointsman_api::istio::networking::{StringMatch, StringMatchKind};

use super::{quote, re2};
use crate::codes;
use crate::report::{Place, Report};

/// The longest expression that the control plane takes, in bytes.
const LONGEST: usize = 1_024;

/// An expression.
pub(crate) fn regex(pattern: &str, at: &Place<'_>, out: &mut Report) {
    if pattern.is_empty() {
        out.error(at, codes::REGEX_EMPTY, "the regular expression is empty");
    } else if pattern.len() > LONGEST {
        let message = format!("the regular expression has {} bytes, more than {LONGEST}", pattern.len());
        out.error(at, codes::REGEX_LONG, message);
    } else if let Err(error) = re2::check(pattern) {
        out.error(at, codes::REGEX, format!("{} is not a regular expression: {error}", quote(pattern)));
    }
}

/// A condition of any kind: a prefix has a text, an expression is one.
pub(crate) fn string_match(condition: &StringMatch, at: &Place<'_>, out: &mut Report) {
    match &condition.kind {
        Some(StringMatchKind::Prefix(prefix)) if prefix.is_empty() => {
            out.error(&at.field("prefix"), codes::EMPTY_PREFIX, "the prefix is empty");
        }
        _ => regex_only(condition, at, out),
    }
}

/// A condition of which only the expression is judged.
pub(crate) fn regex_only(condition: &StringMatch, at: &Place<'_>, out: &mut Report) {
    if let Some(StringMatchKind::Regex(pattern)) = &condition.kind {
        regex(pattern, &at.field("regex"), out);
    }
}
