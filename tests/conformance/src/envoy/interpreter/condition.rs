//! Whether a request fulfils a condition.

use pointsman_types::HeaderMatching;
use regex::bytes::RegexBuilder;
use serde_json::Value;

use super::super::AskedRequest;
use super::super::bootstrap::Setting;

/// Everything that is written must hold.
pub(super) fn holds(condition: Option<&Value>, request: &AskedRequest, setting: Setting) -> bool {
    let Some(condition) = condition else { return true };
    let (path, query) = split(&request.path);
    let path_holds = condition.get("uri").is_none_or(|uri| {
        let ignore_case = condition["ignoreUriCase"] == true && uri.get("regex").is_none();
        if ignore_case {
            matches(&lower_pattern(uri), &path.to_ascii_lowercase())
        } else {
            matches(uri, path)
        }
    });
    path_holds
        && plain(condition.get("method"), request.method.as_bytes())
        && plain(condition.get("authority"), request.authority.as_bytes())
        && plain(condition.get("scheme"), b"http")
        && fields(condition, "headers").all(|(name, text)| {
            let lines = lines(request, name, setting);
            !lines.is_empty() && (is_presence(text) || lines.iter().any(|line| matches(text, line)))
        })
        && fields(condition, "withoutHeaders").all(|(name, text)| {
            let mut lines = lines(request, name, setting);
            if is_presence(text) {
                return lines.is_empty();
            }
            // A header that is not there counts as an empty one.
            if lines.is_empty() {
                lines.push(Vec::new());
            }
            !lines.iter().any(|line| matches(text, line))
        })
        && fields(condition, "queryParams").all(|(name, text)| match parameter(query, name) {
            Some(value) => is_presence(text) || matches(text, value),
            None => false,
        })
}

fn plain(text: Option<&Value>, value: &[u8]) -> bool {
    text.is_none_or(|text| is_presence(text) || matches(text, value))
}

fn fields<'v>(condition: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> + use<'v> {
    condition[name].as_object().into_iter().flatten()
}

fn is_presence(text: &Value) -> bool {
    text.as_object().is_none_or(serde_json::Map::is_empty)
}

fn lower_pattern(uri: &Value) -> Value {
    let mut lower = uri.clone();
    for text in lower.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        *text = Value::from(text.as_str().unwrap_or_default().to_ascii_lowercase());
    }
    lower
}

/// One text condition on bytes. An empty condition on a path is the prefix of everything.
pub(super) fn matches(text: &Value, value: &[u8]) -> bool {
    if let Some(exact) = text["exact"].as_str() {
        return exact.as_bytes() == value;
    }
    if let Some(prefix) = text["prefix"].as_str() {
        return value.starts_with(prefix.as_bytes());
    }
    match text["regex"].as_str() {
        Some(pattern) => whole(pattern).is_match(value),
        None => true,
    }
}

fn whole(pattern: &str) -> regex::bytes::Regex {
    regex(&format!("^(?:{pattern})$"))
}

/// An expression over bytes.
pub(super) fn regex(pattern: &str) -> regex::bytes::Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("the generator writes good expressions")
}

pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().position(|byte| *byte == b'?') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (path, b""),
    }
}

/// The lines of a header as they are compared: each on its own, or together.
fn lines(request: &AskedRequest, name: &str, setting: Setting) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = request.values(name).map(<[u8]>::to_vec).collect();
    // Some headers are put together when they are read, without what is empty.
    let is_inline = matches!(name, "accept" | "user-agent" | "origin");
    if lines.len() > 1 && is_inline {
        lines.retain(|line| !line.is_empty());
        return vec![lines.join(&b','); 1];
    }
    if lines.len() > 1 && setting.matching == HeaderMatching::Joined {
        return vec![lines.join(&b','); 1];
    }
    lines
}

/// The first value of that name, as it stands.
pub(super) fn parameter<'r>(query: &'r [u8], name: &str) -> Option<&'r [u8]> {
    if query.is_empty() {
        return None;
    }
    query.split(|byte| *byte == b'&').find_map(|pair| {
        let (known, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at)?, pair.get(at + 1..)?),
            None => (pair, &b""[..]),
        };
        (known == name.as_bytes()).then_some(value)
    })
}

/// Whether a condition lets everything through as far as the proxy is told of it.
pub(super) fn is_open(condition: Option<&Value>) -> bool {
    let Some(condition) = condition else { return true };
    let path = match condition.get("uri") {
        Some(uri) => uri["prefix"] == "/" || uri["regex"] == ".*" || is_presence(uri),
        None => true,
    };
    let none = |name: &str| condition[name].as_object().is_none_or(serde_json::Map::is_empty);
    path && ["headers", "withoutHeaders", "queryParams"].into_iter().all(none)
        && ["method", "authority", "scheme"].into_iter().all(|name| condition.get(name).is_none())
}
