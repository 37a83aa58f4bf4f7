//! Requests near the borders of a compiled configuration.

use pointsman_route::ir::{
    Action, HeaderCondition, PathMatch, QueryCondition, Route, RouteConfig, StringMatch, StringPattern,
};

use super::super::ask::SHORT;
use super::super::{AskedRequest, Dice, Manner};
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
        random: if dice.percent(50) { dice.number() } else { dice.below(300) as u64 },
        source: u8::try_from(dice.below(4)).unwrap_or(0),
        ..AskedRequest::default()
    };
    let mut query = Vec::new();
    if let Some(host) = &host
        && !host.routes.is_empty()
        && dice.percent(85)
    {
        let route = dice.one_of(&host.routes).clone();
        satisfy(dice, &route, &mut request, &mut query);
        suit(dice, &route, &mut request);
    }
    further(dice, &mut request, &mut query);
    if !query.is_empty() {
        request.path.extend_from_slice(format!("?{}", query.join("&")).as_bytes());
    }
    request
}

/// What conditions may or may not look at.
fn further(dice: &mut Dice, request: &mut AskedRequest, query: &mut Vec<String>) {
    if dice.percent(8) {
        request.path.extend_from_slice(dice.text(&words::ODD_ENDS).as_bytes());
    }
    if dice.percent(30) {
        let name = match request.headers.first() {
            Some((name, _)) if dice.percent(40) => name.clone(),
            _ => dice.text(&words::HEADERS),
        };
        request.headers.push((name, dice.text(&words::VALUES).into_bytes()));
    }
    if dice.percent(20) {
        let cookie = dice.text(&["user=jason", "session=1; user=v2", "session=", "other=1"]);
        request.headers.push(("cookie".to_owned(), cookie.into_bytes()));
    }
    for _ in 0..dice.below(3) {
        if dice.percent(50) {
            let (name, value) = (dice.text(&words::PARAMETERS), dice.text(&words::PARAMETER_VALUES));
            query.push(if dice.percent(15) { name } else { format!("{name}={value}") });
        }
    }
    if dice.percent(30) {
        request.headers.push((dice.text(&words::TEST_HEADERS), dice.text(&["0", "7", ""]).into_bytes()));
    }
    if dice.percent(4) {
        for (name, value) in [("connection", "upgrade"), ("upgrade", "websocket")] {
            request.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        }
    }
}

/// What shows that a route does more than sending on.
fn suit(dice: &mut Dice, route: &Route, request: &mut AskedRequest) {
    if route.cors.is_some() && dice.percent(80) || dice.percent(4) {
        request.headers.push(("origin".to_owned(), dice.text(&words::ORIGINS).into_bytes()));
        if dice.percent(60) {
            request.method = "OPTIONS".to_owned();
            request.headers.push(("access-control-request-method".to_owned(), b"PUT".to_vec()));
        }
        if dice.percent(40) {
            request.headers.push(("access-control-request-headers".to_owned(), b"x-a".to_vec()));
        }
    }
    let Action::Forward(forward) = &route.action else { return };
    if forward.timeout.is_some_and(|timeout| !timeout.is_zero() && timeout <= SHORT) && dice.percent(60) {
        request.endpoint = Manner::IsSilent;
    } else if dice.percent(4) {
        request.endpoint = Manner::Fails(*dice.one_of(&[500, 502, 503, 504, 404]));
    }
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
