//! Conditions in words.

use crate::ir::{HeaderCondition, HeaderMatch, PathMatch, QueryCondition, Route, StringMatch, StringPattern};
use crate::program::{Condition, View, parameter};

/// Why a condition of a route fails for a request.
pub(crate) fn describe_condition(condition: Condition, route: &Route, view: &View<'_>) -> String {
    let matches = &route.matches;
    match condition {
        Condition::Fraction => {
            let share = matches.fraction.as_ref().map(|fraction| fraction.default).unwrap_or_default();
            format!("not among its share of {} in {} requests", share.numerator, share.denominator.value())
        }
        Condition::Grpc => "not a gRPC request".to_owned(),
        Condition::Header(position) => {
            matches.headers.get(position).map(|header| describe_header(header, view)).unwrap_or_default()
        }
        Condition::Query(position) => match matches.query.get(position) {
            Some(query) => {
                let value = parameter(view.query, query.name.as_bytes());
                let subject = subject("query parameter", &query.name, value.map(describe_value));
                match (&query.condition, value) {
                    (QueryCondition::Text(text), Some(_)) => format!("{subject} {}", describe_text(text)),
                    (QueryCondition::Present(false), Some(_)) => format!("{subject} must not be there"),
                    _ => subject,
                }
            }
            None => String::new(),
        },
        Condition::Tls => "the client certificate is not as wanted".to_owned(),
        Condition::Metadata(position) => {
            let name = matches.metadata.get(position).map(|one| one.path.join(".")).unwrap_or_default();
            format!("metadata `{name}` is not as wanted")
        }
        Condition::Path => describe_path(&matches.path, matches.case_sensitive, view),
    }
}

fn describe_path(path: &PathMatch, case_sensitive: bool, view: &View<'_>) -> String {
    let subject = format!("path `{}`", describe_value(view.path));
    let case = if case_sensitive { "" } else { " (whatever the case)" };
    match path {
        PathMatch::Connect => "not a CONNECT request".to_owned(),
        PathMatch::Missing => "the route has no condition on the path".to_owned(),
        _ if !view.has_path() => "the request has no path".to_owned(),
        PathMatch::Exact(text) => format!("{subject} is not `{text}`{case}"),
        PathMatch::Prefix(text) => format!("{subject} does not begin with `{text}`{case}"),
        PathMatch::PathSeparatedPrefix(text) => format!("{subject} is not `{text}` or below it{case}"),
        PathMatch::Regex(regex) => format!("{subject} does not match `{regex}` as a whole"),
    }
}

fn describe_header(header: &HeaderMatch, view: &View<'_>) -> String {
    let mut lines: Vec<String> = Vec::new();
    if header.name.starts_with(':') || header.name.eq_ignore_ascii_case("host") {
        lines.extend(view.request.header(&header.name).map(describe_value));
    } else {
        view.request.headers().any(&header.name, |value| {
            lines.push(describe_value(value));
            false
        });
    }
    let value = (!lines.is_empty()).then(|| lines.join("`, `"));
    let there = value.is_some();
    let subject = match (header.name.to_ascii_lowercase().strip_prefix(':'), &value) {
        // Every request has these: `method`, `scheme`, `authority`.
        (Some(name), Some(value)) => format!("{name} `{value}`"),
        _ => subject("header", &header.name, value),
    };
    match (&header.condition, header.invert) {
        (HeaderCondition::Present(wanted), invert) if *wanted == invert && there => {
            format!("{subject} must not be there")
        }
        (HeaderCondition::Present(_), _) => subject,
        _ if !there && header.invert && header.treat_missing_as_empty => {
            format!("{subject}, and so empty, which is excluded")
        }
        _ if !there => subject,
        (HeaderCondition::Text(_) | HeaderCondition::Range { .. }, true) => {
            format!("{subject} is one that is excluded")
        }
        (HeaderCondition::Text(text), false) => format!("{subject} {}", describe_text(text)),
        (HeaderCondition::Range { start, end }, false) => {
            format!("{subject} is not a whole number from {start} up to but not including {end}")
        }
    }
}

/// The thing and its value, or that it is missing.
fn subject(kind: &str, name: &str, value: Option<String>) -> String {
    match value {
        Some(value) => format!("{kind} `{name}` with value `{value}`"),
        None => format!("{kind} `{name}` is missing"),
    }
}

fn describe_text(text: &StringMatch) -> String {
    let case = if text.ignore_case { " (whatever the case)" } else { "" };
    match &text.pattern {
        StringPattern::Exact(text) => format!("is not `{text}`{case}"),
        StringPattern::Prefix(text) => format!("does not begin with `{text}`{case}"),
        StringPattern::Suffix(text) => format!("does not end with `{text}`{case}"),
        StringPattern::Contains(text) => format!("does not contain `{text}`{case}"),
        StringPattern::Regex(regex) => format!("does not match `{regex}` as a whole"),
    }
}

/// A value for a reader.
pub(crate) fn describe_value(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
