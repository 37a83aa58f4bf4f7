//! Requests near the borders of a configuration.

use pointsman_route::ir::{
    HeaderCondition, HeaderMatch, PathMatch, QueryCondition, Route, RouteConfig, StringPattern,
};

use super::words;
use crate::envoy::{AskedRequest, Dice};

pub(super) fn request(dice: &mut Dice, config: &RouteConfig) -> AskedRequest {
    let host = dice.one_of(&config.virtual_hosts);
    let route = dice.one_of(&host.routes);
    let mut request = AskedRequest {
        method: dice.text(&["GET", "GET", "GET", "POST", "DELETE", "OPTIONS", "OPTIONS"]),
        authority: authority(dice, &host.domains),
        path: path(dice, route).into_bytes(),
        headers: Vec::new(),
        random: dice.number(),
        source: u8::try_from(dice.below(4)).unwrap_or(0),
        ..AskedRequest::default()
    };
    let query = query(dice, route);
    request.path.extend_from_slice(query.as_bytes());
    headers(dice, route, &mut request);
    if dice.percent(5) {
        request.path.extend_from_slice(b"#part");
    }
    request
}

fn authority(dice: &mut Dice, domains: &[String]) -> String {
    let mut authority = match dice.below(10) {
        0..=5 => dice.one_of(domains).clone().replace('*', &dice.text(&["q", "q.r", "", "x-x"])),
        _ => dice.text(&words::HOSTS),
    };
    if dice.percent(10) {
        authority = authority.to_ascii_uppercase();
    }
    if dice.percent(20) {
        authority.push_str(&dice.text(&[":80", ":8080", ":443"]));
    }
    if authority.is_empty() || authority.starts_with(':') { "a.com".to_owned() } else { authority }
}

fn path(dice: &mut Dice, route: &Route) -> String {
    let mut path = match &route.matches.path {
        PathMatch::Exact(text) | PathMatch::Prefix(text) | PathMatch::PathSeparatedPrefix(text)
            if dice.percent(70) =>
        {
            text.clone()
        }
        _ => dice.text(&words::PATHS),
    };
    match dice.below(10) {
        0 => path.push_str(
            &dice.text(&["/", "/x", "x", "%65", "/..", "/../a", "/./b", "//", "\\b", "%2F", "%2e"]),
        ),
        1 => path = path.to_ascii_uppercase(),
        2 => {
            path.pop();
        }
        3 => path.push_str(&dice.text(&words::PATHS)),
        _ => {}
    }
    if path.starts_with('/') { path } else { format!("/{path}") }
}

fn query(dice: &mut Dice, route: &Route) -> String {
    let mut parts = Vec::new();
    for wanted in &route.matches.query {
        if dice.percent(70) {
            let value = match &wanted.condition {
                QueryCondition::Text(text) => near(dice, &text.pattern),
                QueryCondition::Present(_) => String::new(),
            };
            parts.push(format!("{}={value}", wanted.name));
        }
    }
    for _ in 0..dice.below(3) {
        let name = dice.text(&words::PARAMETERS);
        let value = dice.text(&words::VALUES);
        parts.push(if dice.percent(20) { name } else { format!("{name}={value}") });
    }
    if parts.is_empty() {
        return if dice.percent(10) { "?".to_owned() } else { String::new() };
    }
    format!("?{}", parts.join("&").replace(' ', "+"))
}

fn headers(dice: &mut Dice, route: &Route, request: &mut AskedRequest) {
    let mut push = |name: &str, value: String| {
        let value = value.trim().as_bytes().to_vec();
        request.headers.push((name.to_owned(), value));
    };
    for wanted in &route.matches.headers {
        let HeaderMatch { name, condition, .. } = wanted;
        if name.starts_with(':') || name == "host" || !dice.percent(75) {
            continue;
        }
        let value = match condition {
            HeaderCondition::Text(text) => near(dice, &text.pattern),
            HeaderCondition::Range { start, end } => {
                (start + i64::from(dice.percent(50)) * (end - start)).to_string()
            }
            HeaderCondition::Present(_) => dice.text(&words::VALUES),
        };
        push(name, value);
    }
    for _ in 0..dice.below(4) {
        let name = dice.text(&words::HEADERS);
        push(&name, dice.text(&words::VALUES));
    }
    if dice.percent(30) {
        push(
            "cookie",
            dice.text(&["session=1", "user=jason; session=2", "session=", "session=\"q\"", "other=1"]),
        );
    }
    if dice.percent(20) {
        push("origin", dice.text(&words::ORIGINS));
    }
    if dice.percent(10) {
        push("access-control-request-method", dice.text(&["PUT", "", "GET"]));
    }
    if dice.percent(5) {
        push("access-control-request-headers", "x-a".to_owned());
    }
    if dice.percent(60) {
        let all: Vec<&str> = words::CLUSTERS.iter().chain(&words::HASH_CLUSTERS).copied().collect();
        push("x-cluster", dice.text(&all));
    }
    if dice.percent(30) {
        push("x-host", dice.text(&words::HOSTS));
    }
    if dice.percent(5) {
        push("x-forwarded-proto", dice.text(&["https", "http"]));
    }
    if route.matches.grpc_only && dice.percent(80) {
        push("content-type", "application/grpc".to_owned());
    } else if dice.percent(5) {
        push("content-type", dice.text(&["application/grpc", "application/grpc+proto", "application/grpcx"]));
    }
}

/// A value that the pattern may match.
fn near(dice: &mut Dice, pattern: &StringPattern) -> String {
    let mut value = match pattern {
        StringPattern::Exact(text) | StringPattern::Contains(text) => text.clone(),
        StringPattern::Prefix(text) => format!("{text}{}", dice.text(&["", "b"])),
        StringPattern::Suffix(text) => format!("{}{text}", dice.text(&["", "a"])),
        StringPattern::Regex(_) => dice.text(&words::VALUES),
    };
    match dice.below(8) {
        0 => value.push('a'),
        1 => value = value.to_ascii_uppercase(),
        _ => {}
    }
    value
}
