//! Selection through a table against the plain loop over the same compiled conditions, and path look-ups against `matchit`.
//!
//! Growth curves: routes from 10 to 100,000, hosts from 10 to 10,000; hostile tables; misses.

#![allow(clippy::indexing_slicing, reason = "positions are taken modulo the length")]

use std::sync::Arc;

use pointsman_benches::ratio;
use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, Forward, HeaderCondition, HeaderMatch, PathMatch, Route,
    RouteConfig, RouteMatch, StringMatch, TableConfig, VirtualHost, WeightedDestination,
};
use pointsman_route::{Draws, Request, RoutingTable, Scratch};

/// Requests asked in turn, in an order without pattern.
const REQUESTS: usize = 4_096;

struct Asked {
    host: String,
    path: String,
    headers: Vec<(String, String)>,
}

fn main() {
    let full = ratio::is_full_run();
    let sizes: &[usize] = if full { &[10, 16, 17, 100, 1_000, 10_000, 100_000] } else { &[10, 100] };
    for kind in [Kind::Mixed, Kind::Exact, Kind::Prefix, Kind::Header, Kind::RegexHead] {
        for size in sizes {
            against_the_loop(kind, *size);
        }
    }
    for kind in [Kind::RegexAny, Kind::HeaderPrefix, Kind::OnePrefix] {
        for size in if full { &[10, 1_000, 10_000][..] } else { &[10] } {
            against_the_loop(kind, *size);
        }
    }
    for size in sizes {
        against_matchit(*size);
    }
    for hosts in if full { &[10, 100, 1_000, 10_000][..] } else { &[10] } {
        many_hosts(*hosts);
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// 40 % prefix, 30 % exact, 20 % prefix and header, 10 % regex.
    Mixed,
    Exact,
    Prefix,
    /// Any path, one header value each.
    Header,
    /// A regex that begins with a literal text.
    RegexHead,
    /// Hostile: `.*svc-i.*`.
    RegexAny,
    /// Hostile: any path, header rules that no table can hold.
    HeaderPrefix,
    /// Hostile: all routes under one prefix, told apart by regexes of headers.
    OnePrefix,
}

fn route(kind: Kind, number: usize) -> Route {
    let text = |what: &str| format!("/api/v1/svc-{number:05}{what}");
    let header = |pattern: StringMatch| HeaderMatch::new("x-user", HeaderCondition::Text(pattern));
    let (path, headers) = match kind {
        Kind::Mixed => match number % 10 {
            0..=3 => (PathMatch::Prefix(text("/")), vec![]),
            4..=6 => (PathMatch::Exact(text("/items")), vec![]),
            7..=8 => (
                PathMatch::Prefix(text("/")),
                vec![header(StringMatch::exact(format!("user-{}", number % 97)))],
            ),
            _ => (PathMatch::Regex(text("/[a-z]+")), vec![]),
        },
        Kind::Exact => (PathMatch::Exact(text("/items")), vec![]),
        Kind::Prefix => (PathMatch::Prefix(text("/")), vec![]),
        Kind::Header => {
            (PathMatch::Prefix("/".into()), vec![header(StringMatch::exact(format!("user-{number}")))])
        }
        Kind::RegexHead => (PathMatch::Regex(text("/[a-z]+")), vec![]),
        Kind::RegexAny => (PathMatch::Regex(format!(".*svc-{number:05}.*")), vec![]),
        Kind::HeaderPrefix => {
            (PathMatch::Prefix("/".into()), vec![header(StringMatch::prefix(format!("user-{number}-")))])
        }
        Kind::OnePrefix => {
            (PathMatch::Prefix("/api/".into()), vec![header(StringMatch::regex(format!("user-{number}")))])
        }
    };
    let destination = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
    let split = vec![destination("outbound|80|v1|a", 80), destination("outbound|80|v2|a", 20)];
    Route {
        name: format!("route-{number}"),
        matches: RouteMatch { headers, ..RouteMatch::path(path) },
        action: Action::Forward(Box::new(Forward::to(DestinationChoice::weighted(split)))),
        ..Route::default()
    }
}

fn table(hosts: Vec<VirtualHost>) -> RoutingTable {
    let config = RouteConfig {
        virtual_hosts: hosts.into_iter().map(Arc::new).collect(),
        ignore_port_in_host: true,
        ..RouteConfig::default()
    };
    RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }).0
}

fn host(name: &str, routes: Vec<Route>) -> VirtualHost {
    VirtualHost { name: name.into(), domains: vec![name.into()], routes, ..VirtualHost::default() }
}

fn asked(routes: usize, miss: bool) -> Vec<Asked> {
    let request = |i: usize| {
        let number = scramble(i as u64) as usize % routes;
        let stem = if miss { "nowhere" } else { "svc" };
        Asked {
            host: "shop.example.com".into(),
            path: format!("/api/v1/{stem}-{number:05}/items"),
            headers: vec![
                ("accept".into(), "*/*".into()),
                ("user-agent".into(), "curl/8".into()),
                ("x-user".into(), if miss { "nobody".into() } else { format!("user-{number}") }),
            ],
        }
    };
    (0..REQUESTS).map(request).collect()
}

fn against_the_loop(kind: Kind, size: usize) {
    let table = table(vec![host("shop.example.com", (0..size).map(|number| route(kind, number)).collect())]);
    for miss in [false, true] {
        let asked = asked(size, miss);
        let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
        let requests: Vec<Request<'_>> =
            asked.iter().map(|one| Request::get(&one.host, &one.path).with_headers(&one.headers)).collect();
        let pick = |i: u64| &requests[scramble(i) as usize % REQUESTS];
        let ending = if miss { "miss" } else { "hit" };
        let name = format!("routing/{kind:?} {ending} of {size}, loop");
        if !wanted(&name) {
            continue;
        }
        let measured = ratio::measure(
            name,
            |i| table.select(pick(i), &Draws::all(i), &mut ours).route_index(),
            |i| table.select_in_order(pick(i), &Draws::all(i), &mut theirs).route_index(),
        );
        println!("{measured}");
    }
}

/// Arguments that are no options choose benchmarks whose name contains one of them.
fn wanted(name: &str) -> bool {
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    filters.peek().is_none() || filters.any(|filter| name.contains(&filter))
}

fn against_matchit(size: usize) {
    if !wanted("matchit") {
        return;
    }
    let table =
        table(vec![host("shop.example.com", (0..size).map(|number| route(Kind::Prefix, number)).collect())]);
    let mut router = matchit::Router::new();
    for number in 0..size {
        let path = format!("/api/v1/svc-{number:05}/{{*rest}}");
        if let Err(error) = router.insert(path, number) {
            println!("matchit: {error}");
        }
    }
    let asked = asked(size, false);
    let requests: Vec<Request<'_>> = asked.iter().map(|one| Request::get(&one.host, &one.path)).collect();
    let mut scratch = Scratch::new();
    let measured = ratio::measure(
        format!("routing/whole decision of {size} prefixes, matchit path"),
        |i| {
            table
                .select(&requests[scramble(i) as usize % REQUESTS], &Draws::all(i), &mut scratch)
                .route_index()
        },
        |i| router.at(&asked[scramble(i) as usize % REQUESTS].path).map(|found| *found.value).ok(),
    );
    println!("{measured}");
}

fn many_hosts(hosts: usize) {
    if !wanted("hosts") {
        return;
    }
    let name = |number: usize| format!("svc-{number}.ns.svc.cluster.local");
    let of_host =
        |number| host(&name(number), (0..3).map(|route_number| route(Kind::Mixed, route_number)).collect());
    let table = table((0..hosts).map(of_host).collect());
    let single = self::table(vec![of_host(0)]);
    let asked: Vec<String> = (0..REQUESTS).map(|i| name(scramble(i as u64) as usize % hosts)).collect();
    let requests: Vec<Request<'_>> =
        asked.iter().map(|host| Request::get(host, "/api/v1/svc-00001/x")).collect();
    let first = name(0);
    let one = Request::get(&first, "/api/v1/svc-00001/x");
    let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
    let measured = ratio::measure(
        format!("routing/{hosts} hosts, one host"),
        |i| table.select(&requests[scramble(i) as usize % REQUESTS], &Draws::all(i), &mut ours).route_index(),
        |i| single.select(&one, &Draws::all(i), &mut theirs).route_index(),
    );
    println!("{measured}");
}

/// A number without order, so that branches cannot be learnt.
fn scramble(i: u64) -> u64 {
    (i ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29)
}
