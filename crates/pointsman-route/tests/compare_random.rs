//! Comparisons of random tables: what they claim holds for random requests.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, Forward, Fraction, HeaderCondition, HeaderMatch, PathMatch,
    PathRewrite, QueryCondition, QueryMatch, Redirect, RedirectPath, Route, RouteConfig, RouteMatch,
    StringMatch, StringPattern, TableConfig, VirtualHost, WeightedDestination,
};
use pointsman_route::{Draws, Reachability, Request, RoutingTable, Scratch, TableDiff, Witness, reachable};
use proptest::collection::vec;
use proptest::prelude::*;

const PATHS: [&str; 9] = ["/", "/a", "/a/", "/a/b", "/ab", "/A", "/a/b/c", "/c", "/ac"];
const VALUES: [&str; 5] = ["", "x", "xy", "y", "X"];
/// Equal ones, ones that differ in the text alone, ones that overlap and ones that have nothing in common; `(` is none.
const PATH_REGEXES: [&str; 14] = [
    ".*", "/.*", "/a.*", "/[ab]+", "/a|/c", "/(a|c)", "/a/?b?", "/[^/]*", "/a/[^/]+", "/.", "/..?", "/(?i)a",
    "/A|/b.*", "(",
];
const VALUE_REGEXES: [&str; 6] = ["x.*", "x.?", "[xy]+", ".*y", ".", ""];
const DOMAINS: [&str; 7] = ["s", "*", "*.s", "*.a.s", "b.a.s", "a.*", "*s"];
const HOSTS: [&str; 8] = ["s", "b.a.s", "c.a.s", "a.s", "a.q", "q", "cs", "a.b.s"];

fn path() -> impl Strategy<Value = PathMatch> {
    let text = || prop::sample::select(&PATHS[..]).prop_map(str::to_owned);
    prop_oneof![
        3 => text().prop_map(PathMatch::Exact),
        4 => text().prop_map(PathMatch::Prefix),
        2 => text().prop_filter_map("no slash at the end", |text| {
            (!text.ends_with('/')).then_some(PathMatch::PathSeparatedPrefix(text))
        }),
        1 => Just(PathMatch::Prefix(String::new())),
        2 => prop::sample::select(&PATH_REGEXES[..]).prop_map(|regex| PathMatch::Regex(regex.into())),
    ]
}

fn text() -> impl Strategy<Value = StringMatch> {
    let value = || prop::sample::select(&VALUES[..]);
    prop_oneof![
        4 => value().prop_map(StringMatch::exact),
        2 => prop::sample::select(vec!["x", "xy"]).prop_map(StringMatch::prefix),
        1 => prop::sample::select(&VALUE_REGEXES[..]).prop_map(StringMatch::regex),
        1 => prop::sample::select(vec!["x", "y"]).prop_map(|text| StringMatch::new(StringPattern::Suffix(text.into()))),
    ]
}

fn header() -> impl Strategy<Value = HeaderMatch> {
    let name = prop::sample::select(vec!["h", "H", "k"]);
    let condition = prop_oneof![
        4 => text().prop_map(HeaderCondition::Text),
        1 => any::<bool>().prop_map(HeaderCondition::Present),
    ];
    let plain =
        (name, condition, any::<bool>(), any::<bool>()).prop_map(|(name, condition, invert, empty)| {
            HeaderMatch { invert, treat_missing_as_empty: empty, ..HeaderMatch::new(name, condition) }
        });
    let method = prop_oneof![
        3 => prop::sample::select(vec!["GET", "POST", "P"]).prop_map(StringMatch::prefix),
        1 => prop::sample::select(vec!["GET|POST", "P.*"]).prop_map(StringMatch::regex),
    ];
    let method = method.prop_map(|text| HeaderMatch::new(":method", HeaderCondition::Text(text)));
    prop_oneof![4 => plain, 1 => method]
}

fn action() -> impl Strategy<Value = Action> {
    let cluster = || prop::sample::select(vec!["one", "two"]).prop_map(ClusterName::new);
    let weighted = (0_u32..4, 1_u32..4).prop_map(|(first, second)| {
        let to = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
        DestinationChoice::weighted(vec![to("one", first), to("two", second)])
    });
    let choice = prop_oneof![cluster().prop_map(DestinationChoice::Cluster), weighted];
    let rewrite = prop_oneof![
        3 => Just(PathRewrite::None),
        1 => prop::sample::select(vec!["/", "/n"]).prop_map(|to| PathRewrite::Prefix(to.to_owned())),
    ];
    let forward = (choice, rewrite, 0_u64..2).prop_map(|(choice, rewrite, seconds)| {
        let mut forward = Forward::to(choice);
        forward.path_rewrite = rewrite;
        forward.timeout = Some(std::time::Duration::from_secs(seconds));
        Action::Forward(Box::new(forward))
    });
    let redirect = prop::sample::select(vec!["/", "/n"]).prop_flat_map(|to| {
        prop_oneof![Just(RedirectPath::Whole(to.to_owned())), Just(RedirectPath::Prefix(to.to_owned()))]
            .prop_map(|path| Action::Redirect(Box::new(Redirect { path, ..Redirect::default() })))
    });
    prop_oneof![5 => forward, 1 => redirect]
}

fn route() -> impl Strategy<Value = Route> {
    let query = (prop::sample::select(vec!["q", "r"]), text(), 0_u8..4).prop_map(|(name, text, kind)| {
        let condition = match kind {
            0 => QueryCondition::Present(false),
            1 => QueryCondition::Present(true),
            _ => QueryCondition::Text(text),
        };
        QueryMatch { name: name.to_owned(), condition }
    });
    let fraction = prop_oneof![9 => Just(None), 1 => prop::sample::select(vec![0, 50, 100]).prop_map(Some)];
    let parts = (path(), vec(header(), 0..2), vec(query, 0..2), fraction, action(), 0_u8..12);
    parts.prop_map(|(path, headers, query, fraction, action, case)| Route {
        matches: RouteMatch {
            headers,
            query,
            fraction: fraction.map(|numerator| Fraction::of_hundred(numerator).into()),
            case_sensitive: case > 0,
            ..RouteMatch::path(path)
        },
        action,
        ..Route::default()
    })
}

fn config() -> impl Strategy<Value = TableConfig> {
    let host = (vec(prop::sample::select(&DOMAINS[..]), 1..3), vec(route(), 0..5));
    (vec(host, 1..4), any::<bool>()).prop_map(|(hosts, is_cleaned)| {
        let hosts = hosts.into_iter().enumerate().map(|(number, (domains, routes))| {
            let domains = domains.into_iter().map(str::to_owned).collect();
            Arc::new(VirtualHost { name: format!("h{number}"), domains, routes, ..VirtualHost::default() })
        });
        let routes =
            RouteConfig { name: "r".into(), virtual_hosts: hosts.collect(), ..RouteConfig::default() };
        let mut config = TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() };
        config.path_normalization.dot_segments = is_cleaned;
        config
    })
}

/// A table and a slightly changed one.
fn pair() -> impl Strategy<Value = (RoutingTable, RoutingTable)> {
    (config(), vec((0_usize..4, 0_usize..5, route(), 0_u8..5), 0..3)).prop_map(|(before, edits)| {
        let mut after = before.clone();
        let config = Arc::make_mut(after.routes.first_mut().expect("one configuration"));
        for (host, position, new, kind) in edits {
            let count = config.virtual_hosts.len();
            let Some(host) = config.virtual_hosts.get_mut(host % count.max(1)) else { continue };
            let routes = &mut Arc::make_mut(host).routes;
            let position = position.min(routes.len());
            match (kind, routes.get_mut(position)) {
                (0, Some(_)) => drop(routes.remove(position)),
                (1, Some(route)) => route.action = new.action,
                (2, Some(route)) => route.matches.path = new.matches.path,
                _ => routes.insert(position, new),
            }
        }
        (RoutingTable::build(before).0, RoutingTable::build(after).0)
    })
}

#[derive(Debug, Clone)]
struct Asked {
    method: &'static str,
    host: String,
    path: String,
    headers: Vec<(String, String)>,
    draw: u64,
}

fn asked() -> impl Strategy<Value = Asked> {
    let tail = prop::sample::select(vec!["", "", "/", "b", "/b", "/z", "z"]);
    let value = || prop::sample::select(vec!["", "x", "xy", "xz", "y", "z", "X"]);
    let query = vec((prop::sample::select(vec!["q", "r"]), value()), 0..2);
    let headers = (prop::option::of(value()), prop::option::of(value()));
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]);
    let path = (prop::sample::select(&PATHS[..]), tail, query);
    (method, prop::sample::select(&HOSTS[..]), path, headers, 0_u64..100).prop_map(
        |(method, host, (path, tail, query), (h, k), draw)| {
            let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mark = if query.is_empty() { "" } else { "?" };
            let header = |name: &str, value: Option<&str>| value.map(|v| (name.to_owned(), v.to_owned()));
            Asked {
                method,
                host: host.to_owned(),
                path: format!("{path}{tail}{mark}{}", query.join("&")),
                headers: [header("h", h), header("k", k)].into_iter().flatten().collect(),
                draw,
            }
        },
    )
}

impl Asked {
    fn request(&self) -> Request<'_> {
        Request::new(self.method, &self.host, &self.path).with_headers(&self.headers).with_route_config("r")
    }
}

/// Shares of clusters, status, redirect, path and timeout: what a client and a service may notice.
fn answer(table: &RoutingTable, request: &Request<'_>, draw: u64) -> String {
    let mut scratch = Scratch::new();
    let decision = table.select(request, &Draws::default().with_route(draw), &mut scratch);
    let location = decision.location();
    let rest = format!("{:?} {location:?} {:?} {:?}", decision.status(), decision.path(), decision.timeout());
    let mut clusters: Vec<String> = Vec::new();
    // The least common multiple of all sums of weights.
    for step in 0..60 {
        let decision = table.select(request, &Draws::default().with_route(step), &mut scratch);
        clusters.push(decision.cluster().unwrap_or_default().to_owned());
    }
    clusters.sort();
    format!("{clusters:?} {rest}")
}

fn place(table: &RoutingTable, request: &Request<'_>) -> (String, Option<usize>) {
    let mut scratch = Scratch::new();
    let decision = table.select(request, &Draws::default(), &mut scratch);
    (decision.virtual_host().map(|host| host.name.clone()).unwrap_or_default(), decision.route_index())
}

fn has_change(diff: &TableDiff, before: &(String, Option<usize>), after: &(String, Option<usize>)) -> bool {
    diff.changes.iter().any(|change| {
        (&change.before.virtual_host, &change.before.route) == (&before.0, &before.1)
            && (&change.after.virtual_host, &change.after.route) == (&after.0, &after.1)
    })
}

/// A route by texts alone.
fn route_by_texts() -> impl Strategy<Value = Route> {
    let header = text().prop_flat_map(|text| {
        (any::<bool>(), any::<bool>()).prop_map(move |(invert, empty)| HeaderMatch {
            invert,
            treat_missing_as_empty: empty,
            ..HeaderMatch::new("h", HeaderCondition::Text(text.clone()))
        })
    });
    let query =
        text().prop_map(|text| QueryMatch { name: "q".into(), condition: QueryCondition::Text(text) });
    let cluster = || prop::sample::select(vec!["one", "two", "three"]);
    (path(), vec(header, 0..2), vec(query, 0..2), cluster(), 0_u8..6).prop_map(
        |(path, headers, query, cluster, case)| Route {
            matches: RouteMatch { headers, query, case_sensitive: case > 0, ..RouteMatch::path(path) },
            action: Action::to_cluster(ClusterName::new(cluster)),
            ..Route::default()
        },
    )
}

/// One virtual host with routes by regular expressions and texts, and the same changed a little.
fn pair_by_texts() -> impl Strategy<Value = (RoutingTable, RoutingTable)> {
    let table = |routes: Vec<Route>| {
        let host =
            VirtualHost { name: "h".into(), domains: vec!["s".into()], routes, ..VirtualHost::default() };
        let routes =
            RouteConfig { name: "r".into(), virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
        RoutingTable::build(TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() }).0
    };
    (vec(route_by_texts(), 1..5), vec((0_usize..4, route_by_texts(), 0_u8..5), 0..3)).prop_map(
        move |(before, edits)| {
            let mut after = before.clone();
            for (position, new, kind) in edits {
                match (kind, after.get_mut(position)) {
                    (0, Some(_)) => drop(after.remove(position)),
                    (1, Some(route)) => route.action = new.action,
                    (2, Some(route)) => route.matches.path = new.matches.path,
                    (3, Some(route)) => route.matches = new.matches,
                    _ => after.insert(position.min(after.len()), new),
                }
            }
            (table(before), table(after))
        },
    )
}

/// Every request with a short path, with one header or parameter or none.
fn every_short_request() -> Vec<Asked> {
    let longer = |paths: &[String]| -> Vec<String> {
        paths.iter().flat_map(|path| "abAc/".chars().map(move |letter| format!("{path}{letter}"))).collect()
    };
    let (mut paths, mut longest) = (Vec::new(), vec!["/".to_owned()]);
    for _ in 0..3 {
        paths.extend(longest.iter().cloned());
        longest = longer(&longest);
    }
    paths.extend(longest);
    let values = [None, Some(""), Some("x"), Some("xy"), Some("xz"), Some("y"), Some("z"), Some("X")];
    let ask = |path: &str, header: Option<&str>, parameter: Option<&str>| Asked {
        method: "GET",
        host: "s".into(),
        path: parameter.map_or(path.to_owned(), |value| format!("{path}?q={value}")),
        headers: header.map(|value| ("h".into(), value.into())).into_iter().collect(),
        draw: 0,
    };
    let beside = values.iter().flat_map(|value| [(*value, None), (None, *value), (*value, Some("xy"))]);
    let beside: Vec<_> = beside.collect();
    paths.iter().flat_map(|path| beside.iter().map(|(h, q)| ask(path, *h, *q))).collect()
}

/// What one request gets, where there are no shares.
fn cluster(table: &RoutingTable, request: &Request<'_>) -> Option<String> {
    let mut scratch = Scratch::new();
    table.select(request, &Draws::default(), &mut scratch).cluster().map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn regular_expressions_leave_nothing_undecided((before, after) in pair_by_texts()) {
        let diff = before.diff(&after);
        prop_assert_eq!(&diff.undecided, &[]);
        for change in &diff.changes {
            let request = change.witness.request();
            prop_assert_ne!(cluster(&before, &request), cluster(&after, &request), "{}", change);
        }
        for asked in every_short_request() {
            let request = asked.request();
            if cluster(&before, &request) != cluster(&after, &request) {
                let (was, is) = (place(&before, &request), place(&after, &request));
                prop_assert!(has_change(&diff, &was, &is), "{asked:?}\n{diff}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_takes_a_route_that_is_proven_unreachable(config in config(), asked in vec(asked(), 200)) {
        let table = RoutingTable::build(config).0;
        let found = reachable(&table);
        let mut scratch = Scratch::new();
        let hosts = &table.config().routes[0].virtual_hosts;
        let of = |decision: &pointsman_route::Decision<'_>| {
            let host = decision.virtual_host()?;
            let number = hosts.iter().position(|other| std::ptr::eq(&**other, host))?;
            let earlier: usize = hosts.iter().take(number).map(|host| host.routes.len()).sum();
            Some(earlier + decision.route_index()?)
        };
        let star = Asked { method: "OPTIONS", host: "s".into(), path: "*".into(), headers: Vec::new(), draw: 0 };
        for asked in asked.iter().chain([&star]) {
            let request = asked.request();
            let draws = Draws::default().with_route(asked.draw);
            let decision = table.select(&request, &draws, &mut scratch);
            if let Some(position) = of(&decision) {
                let reach = &found[position].reach;
                let is_proven = matches!(reach, Reachability::Covered { .. } | Reachability::Never { .. });
                prop_assert!(!is_proven, "{} but {asked:?} takes it", found[position]);
            }
        }
        for (position, route) in found.iter().enumerate() {
            if let Reachability::Reached(witness) = &route.reach {
                let (request, draws) = (witness.request(), witness.draws());
                let decision = table.select(&request, &draws, &mut scratch);
                prop_assert_eq!(of(&decision), Some(position), "{}", route);
            }
        }
    }

    #[test]
    fn every_change_is_one_and_none_is_missed((before, after) in pair(), asked in vec(asked(), 200)) {
        let diff = before.diff(&after);
        prop_assert_eq!(before.diff(&before), TableDiff::default());
        for change in &diff.changes {
            let witness: &Witness = &change.witness;
            let (old, new) = (answer(&before, &witness.request(), witness.draw), answer(&after, &witness.request(), witness.draw));
            let is_definition = change.kinds == [pointsman_route::ChangeKind::Treatment];
            prop_assert!(old != new || is_definition, "{} shows nothing", change);
            prop_assert_eq!(place(&before, &witness.request()).1, change.before.route);
            prop_assert_eq!(place(&after, &witness.request()).1, change.after.route);
        }
        let is_decided = |host: &str| {
            let mut scratch = Scratch::new();
            let table = |table: &RoutingTable, name: &str, scratch: &mut Scratch| {
                let request = Request::get(name, "/").with_route_config("r");
                let decision = table.select(&request, &Draws::default(), scratch);
                decision.virtual_host().map(|host| host.name.clone())
            };
            let pair = |name: &str, scratch: &mut Scratch| (table(&before, name, scratch), table(&after, name, scratch));
            let own = pair(host, &mut scratch);
            !diff.undecided.iter().any(|one| pair(&one.host, &mut scratch) == own)
        };
        for asked in &asked {
            let request = asked.request();
            if !is_decided(&asked.host) {
                continue;
            }
            let (old, new) = (answer(&before, &request, 0), answer(&after, &request, 0));
            if old != new {
                let (was, is) = (place(&before, &request), place(&after, &request));
                prop_assert!(has_change(&diff, &was, &is), "{asked:?}\n{old}\n{new}\n{diff}");
            }
        }
    }
}
