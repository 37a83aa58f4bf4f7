//! Requests that may take a route.

use crate::ir::{
    HeaderCondition, HeaderMatch, PathMatch, QueryCondition, Route, StringMatch, StringPattern,
    TlsRequirement, VirtualHost,
};

use super::Witness;
use super::sample::samples;

/// A word that hardly any configuration uses.
pub(super) const FRESH: &str = "w7q";

/// A host that a domain covers and, unless others are more specific, decides; `fresh` is a word that no domain has.
pub(super) fn host_of(domain: &str, fresh: &str) -> String {
    match (domain, domain.strip_prefix('*'), domain.strip_suffix('*')) {
        ("*", ..) => format!("{fresh}.invalid"),
        (_, Some(rest), _) => format!("{fresh}{rest}"),
        (_, _, Some(rest)) => format!("{rest}{fresh}"),
        _ => domain.to_owned(),
    }
}

/// Paths around a path condition: on its border and within.
fn paths_of(path: &PathMatch) -> Vec<String> {
    let around = |text: &str| {
        [String::new(), FRESH.to_owned(), "/".to_owned(), format!("/{FRESH}")]
            .map(|tail| format!("{text}{tail}"))
    };
    let paths = match path {
        PathMatch::Exact(text) => vec![text.clone()],
        PathMatch::Prefix(text) | PathMatch::PathSeparatedPrefix(text) => around(text).into(),
        PathMatch::Regex(regex) => samples(regex),
        PathMatch::Connect => vec!["/".to_owned()],
        PathMatch::Missing => Vec::new(),
    };
    let absolute = |path: String| if path.starts_with('/') { path } else { format!("/{path}") };
    paths.into_iter().map(absolute).collect()
}

/// Requests to these hosts that meet the conditions of a route as far as can be seen, without a look at other routes.
pub(super) fn requests_for(
    config: &str,
    authorities: &[String],
    host: &VirtualHost,
    route: &Route,
) -> Vec<Witness> {
    let mut found = Vec::new();
    for authority in authorities {
        for path in paths_of(&route.matches.path) {
            let mut witness = Witness::new(config, authority, &path);
            meet(&mut witness, route);
            if host.require_tls != TlsRequirement::None {
                witness.scheme = "https".to_owned();
            }
            found.push(witness);
        }
    }
    found
}

/// Adds what the conditions beside the path want.
fn meet(witness: &mut Witness, route: &Route) {
    let matches = &route.matches;
    if matches.path == PathMatch::Connect {
        witness.method = "CONNECT".to_owned();
    }
    for header in &matches.headers {
        if let Some(value) = value_for(header) {
            set_header(witness, &header.name, value);
        }
    }
    for query in &matches.query {
        let value = match &query.condition {
            QueryCondition::Text(text) => Some(text_for(text)),
            QueryCondition::Present(true) => Some(String::new()),
            QueryCondition::Present(false) => None,
        };
        if let Some(value) = value {
            add_parameter(witness, &query.name, &value);
        }
    }
    if matches.grpc_only {
        set_header(witness, "content-type", "application/grpc".to_owned());
    }
    if let Some(tls) = matches.tls {
        witness.certificate = tls.presented == Some(true) || tls.validated == Some(true);
    }
}

/// A value with which the condition holds; `None`: better without the header.
fn value_for(header: &HeaderMatch) -> Option<String> {
    match (&header.condition, header.invert) {
        (HeaderCondition::Present(wanted), invert) => (*wanted != invert).then(|| FRESH.to_owned()),
        (HeaderCondition::Text(text), false) => Some(text_for(text)),
        (HeaderCondition::Range { start, .. }, false) => Some(start.to_string()),
        (_, true) if header.treat_missing_as_empty => None,
        (_, true) => Some(FRESH.to_owned()),
    }
}

fn text_for(text: &StringMatch) -> String {
    match &text.pattern {
        StringPattern::Exact(text) | StringPattern::Prefix(text) | StringPattern::Suffix(text) => {
            text.clone()
        }
        StringPattern::Contains(text) => text.clone(),
        StringPattern::Regex(regex) => samples(regex).pop().unwrap_or_default(),
    }
}

pub(super) fn set_header(witness: &mut Witness, name: &str, value: String) {
    match name.to_ascii_lowercase().as_str() {
        ":method" => witness.method = value,
        ":scheme" => witness.scheme = value,
        ":authority" | "host" => witness.authority = value,
        ":path" => witness.path = value,
        _ => witness.headers.push((name.to_owned(), value)),
    }
}

fn add_parameter(witness: &mut Witness, name: &str, value: &str) {
    let mark = if witness.path.contains('?') { '&' } else { '?' };
    witness.path.push_str(&format!("{mark}{name}={value}"));
}

/// Changes the request so that a route which took it no longer does, without a look at other conditions; whether there
/// was a way.
pub(super) fn escape(witness: &mut Witness, blocker: &Route) -> bool {
    for header in &blocker.matches.headers {
        let present = witness.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&header.name));
        if header.name.starts_with(':') || present {
            continue;
        }
        // It holds of the missing header: a value may break it.
        let value = match &header.condition {
            HeaderCondition::Text(text) if header.invert => text_for(text),
            HeaderCondition::Range { start, .. } if header.invert => start.to_string(),
            _ => FRESH.to_owned(),
        };
        witness.headers.push((header.name.clone(), value));
        return true;
    }
    let absent = blocker.matches.query.iter().find(|query| query.condition == QueryCondition::Present(false));
    if let Some(query) = absent {
        add_parameter(witness, &query.name, "");
        return true;
    }
    match blocker.matches.fraction.as_ref().map(|fraction| fraction.default) {
        Some(fraction) if u64::from(fraction.numerator) < fraction.denominator.value() => {
            witness.draw = fraction.denominator.value() - 1;
            true
        }
        _ => false,
    }
}
