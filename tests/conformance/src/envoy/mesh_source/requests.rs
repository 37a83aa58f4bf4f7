//! Requests near the borders of a compiled configuration.

use pointsman_route::ir::{
    HeaderCondition, PathMatch, QueryCondition, Route, RouteConfig, StringMatch, StringPattern,
};

use super::super::{AskedRequest, Dice};
use super::words;

pub(super) fn request(dice: &mut Dice, config: &RouteConfig) -> AskedRequest {
    let hosts: Vec<_> = config.virtual_hosts.iter().filter(|host| !host.name.starts_with("copy")).collect();
    let host = (!hosts.is_empty()).then(|| (*dice.one_of(&hosts)).clone());
    let domain = match &host {
        Some(host) if !host.domains.is_empty() && dice.percent(90) => dice.one_of(&host.domains).clone(),
        _ => dice.text(&words::OTHER_HOSTS),
    };
    let mut authority = match domain.strip_prefix('*') {
        Some("") => dice.text(&["any.test", "shop.example.com", "alpha"]),
        Some(tail) => format!("{}{tail}", dice.text(&["x", "shop", "a.b"])),
        None => domain,
    };
    match dice.below(10) {
        0..=2 => authority.push_str(&format!(":{}", dice.one_of(&[80, 8080, 9999]))),
        3 => authority.make_ascii_uppercase(),
        _ => {}
    }
    let mut request = AskedRequest {
        method: dice.text(&words::METHODS),
        authority,
        path: dice.text(&words::PATHS).into_bytes(),
        headers: Vec::new(),
        random: if dice.percent(50) { dice.number() } else { dice.below(300) as u64 },
    };
    let mut query = Vec::new();
    if let Some(host) = &host
        && !host.routes.is_empty()
        && dice.percent(85)
    {
        let route = dice.one_of(&host.routes).clone();
        satisfy(dice, &route, &mut request, &mut query);
    }
    if dice.percent(25) {
        let (name, value) = (dice.text(&words::HEADERS), dice.text(&words::VALUES));
        request.headers.push((name, value.into_bytes()));
    }
    if dice.percent(25) {
        query.push(format!("{}={}", dice.text(&words::PARAMETERS), dice.text(&words::PARAMETER_VALUES)));
    }
    if dice.percent(30) {
        request.headers.push((dice.text(&words::TEST_HEADERS), b"0".to_vec()));
    }
    if !query.is_empty() {
        request.path.extend_from_slice(format!("?{}", query.join("&")).as_bytes());
    }
    request
}

/// Mostly what a route asks for.
fn satisfy(dice: &mut Dice, route: &Route, request: &mut AskedRequest, query: &mut Vec<String>) {
    match &route.matches.path {
        PathMatch::Exact(path) => request.path = path.clone().into_bytes(),
        PathMatch::Prefix(prefix) | PathMatch::PathSeparatedPrefix(prefix) if dice.percent(80) => {
            request.path =
                format!("{prefix}{}", dice.text(&["", "b", "b/c", "7"])).replace("//", "/").into_bytes();
        }
        _ => {}
    }
    if !route.matches.case_sensitive && dice.percent(50) {
        request.path.make_ascii_uppercase();
    }
    for header in &route.matches.headers {
        if header.invert && dice.percent(70) || dice.percent(10) {
            continue;
        }
        let value = match &header.condition {
            HeaderCondition::Text(text) => near(dice, text),
            _ => dice.text(&words::VALUES),
        };
        match header.name.as_str() {
            ":method" => request.method = value,
            ":authority" | ":scheme" => {}
            name => request.headers.push((name.to_owned(), value.into_bytes())),
        }
    }
    for parameter in &route.matches.query {
        let value = match &parameter.condition {
            QueryCondition::Text(text) => near(dice, text),
            QueryCondition::Present(_) => String::new(),
        };
        query.push(if value.is_empty() {
            parameter.name.clone()
        } else {
            format!("{}={value}", parameter.name)
        });
    }
}

fn near(dice: &mut Dice, text: &StringMatch) -> String {
    match &text.pattern {
        StringPattern::Exact(text) => text.clone(),
        StringPattern::Prefix(prefix) => format!("{prefix}{}", dice.text(&["", "n", "1"])),
        _ => dice.text(&["jason", "v1", "v2", "x", "12", ""]),
    }
}
