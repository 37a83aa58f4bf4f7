//! Which route, which destination, and what is done to the request.

use std::sync::Arc;

use pointsman_route::ir::{
    AbortFault, AbortStatus, Action, AppendAction, Cluster, ClusterName, DelayFault, DestinationChoice,
    DirectResponse, Endpoint, Fault, Forward, Fraction, HashPolicy, HashSource, HeaderCondition, HeaderMatch,
    HeaderOp, HeaderOps, HostRewrite, LoadBalancing, Mirror, PathMatch, PathRewrite, Redirect, RedirectPath,
    RegexRewrite, Route, RouteConfig, RouteMatch, StringMatch, TableConfig, TlsRequirement, VirtualHost,
    WeightedDestination,
};
use pointsman_route::{Decision, Draws, NoRoute, Outcome, Request, RoutingTable, Scratch};

fn route(name: &str, matches: RouteMatch, action: Action) -> Route {
    Route { name: name.into(), matches, action, ..Route::default() }
}

fn to(cluster: &str) -> Action {
    Action::to_cluster(ClusterName::new(cluster))
}

fn forward(change: impl FnOnce(&mut Forward)) -> Action {
    let mut forward = Forward::to(DestinationChoice::Cluster(ClusterName::new("c")));
    change(&mut forward);
    Action::Forward(Box::new(forward))
}

fn host(domains: &[&str], routes: Vec<Route>) -> VirtualHost {
    VirtualHost {
        domains: domains.iter().map(ToString::to_string).collect(),
        routes,
        ..VirtualHost::default()
    }
}

fn config(hosts: Vec<VirtualHost>) -> TableConfig {
    let routes = RouteConfig {
        virtual_hosts: hosts.into_iter().map(Arc::new).collect(),
        ignore_port_in_host: true,
        ..RouteConfig::default()
    };
    TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() }
}

fn table(routes: Vec<Route>) -> RoutingTable {
    let (table, findings) = RoutingTable::build(config(vec![host(&["*"], routes)]));
    assert_eq!(findings, []);
    table
}

fn ask<T>(table: &RoutingTable, request: &Request<'_>, draw: u64, answer: impl Fn(&Decision<'_>) -> T) -> T {
    answer(&table.select(request, &Draws::all(draw), &mut Scratch::new()))
}

fn name_of(table: &RoutingTable, request: &Request<'_>) -> String {
    ask(table, request, 0, |decision| decision.route_name().to_owned())
}

#[test]
fn the_first_route_in_order_wins() {
    let path = |path| RouteMatch::path(path);
    let table = table(vec![
        route("exact", path(PathMatch::Exact("/a".into())), to("c")),
        route("separated", path(PathMatch::PathSeparatedPrefix("/s".into())), to("c")),
        route("prefix", path(PathMatch::Prefix("/a".into())), to("c")),
        route("late", path(PathMatch::Exact("/ab".into())), to("c")),
        route("regex", path(PathMatch::Regex("/[x-z]+".into())), to("c")),
    ]);
    for (asked, expected) in [
        ("/a?q", "exact"),
        ("/ab", "prefix"),
        ("/s/x", "separated"),
        ("/s", "separated"),
        ("/sx", ""),
        ("/xyz?/", "regex"),
        ("/xyz/", ""),
        ("/q/../a", "exact"),
    ] {
        assert_eq!(name_of(&table, &Request::get("h", asked)), expected, "{asked}");
    }
}

#[test]
fn there_is_no_second_virtual_host() {
    let only = |path: &str| vec![route(path, RouteMatch::path(PathMatch::Exact(path.into())), to("c"))];
    let (table, _) =
        RoutingTable::build(config(vec![host(&["a.com", "*.b.com"], only("/a")), host(&["*"], only("/b"))]));
    let outcome = |authority: &str, path: &str| {
        ask(&table, &Request::get(authority, path), 0, |decision| match decision.outcome() {
            Outcome::Refused(why) => Err(why),
            _ => Ok(decision.route_name().to_owned()),
        })
    };
    assert_eq!(outcome("A.com:80", "/a"), Ok("/a".into()));
    assert_eq!(outcome("a.com", "/b"), Err(NoRoute::Route));
    assert_eq!(outcome("x.b.com", "/a"), Ok("/a".into()));
    assert_eq!(outcome("other", "/b"), Ok("/b".into()));
    assert_eq!(outcome("", "/b"), Err(NoRoute::VirtualHost));
}

#[test]
fn headers_and_query_parameters_must_all_match() {
    let text = |name: &str, text| HeaderMatch::new(name, HeaderCondition::Text(text));
    let mut matches = RouteMatch::default();
    matches.headers.push(text("end-user", StringMatch::exact("jason")));
    matches.headers.push(HeaderMatch { invert: true, ..text("x-not", StringMatch::prefix("no")) });
    matches.headers.last_mut().expect("one").treat_missing_as_empty = true;
    matches.headers.push(text(":method", StringMatch::regex("G.T")));
    let table = table(vec![route("r", matches, to("c"))]);
    let ask =
        |headers: &[(&str, &str)]| name_of(&table, &Request::get("h", "/").with_headers(headers)) == "r";
    assert!(ask(&[("End-User", "jason")]));
    assert!(ask(&[("end-user", "other"), ("end-user", "jason"), ("x-not", "yes")]));
    assert!(!ask(&[("end-user", "jason"), ("x-not", "yes"), ("x-not", "nope")]));
    assert!(!ask(&[("end-user", "Jason")]));
    assert!(!ask(&[]));
}

#[test]
fn weights_choose_as_envoy_does() {
    let destinations = [("a", 30), ("zero", 0), ("b", 70)];
    let destinations =
        destinations.map(|(name, weight)| WeightedDestination::new(ClusterName::new(name), weight));
    let mirror = Mirror::to(ClusterName::new("m")).with_fraction(Fraction::of_hundred(30));
    let mut action = Forward::to(DestinationChoice::weighted(destinations.into()));
    action.mirrors.push(mirror);
    let table = table(vec![route("r", RouteMatch::default(), Action::Forward(Box::new(action)))]);
    let mut counts = std::collections::BTreeMap::new();
    for draw in 0..100 {
        let (cluster, mirrored) = ask(&table, &Request::get("h", "/"), draw, |decision| {
            (decision.cluster().expect("forwarded").to_owned(), decision.mirrors().count() == 1)
        });
        // One number decides both, so that exactly the first cluster's requests are mirrored.
        assert_eq!(mirrored, cluster == "a");
        *counts.entry(cluster).or_insert(0) += 1;
    }
    assert_eq!(counts, [("a".to_owned(), 30), ("b".to_owned(), 70)].into());
}

#[test]
fn paths_and_hosts_are_rewritten() {
    let prefix = |prefix: &str, to: &str| {
        let to = to.to_owned();
        let action = forward(|forward| forward.path_rewrite = PathRewrite::Prefix(to));
        route("", RouteMatch::path(PathMatch::Prefix(prefix.into())), action)
    };
    let regex = RegexRewrite { pattern: "^/rx/(.*)$".into(), substitution: r"/\1/x".into() };
    let table = table(vec![
        prefix("/sub", "/"),
        route(
            "",
            RouteMatch::path(PathMatch::Regex("/rx/.*".into())),
            forward(|forward| {
                forward.path_rewrite = PathRewrite::Regex(regex);
                forward.host_rewrite = HostRewrite::Literal("other".into());
            }),
        ),
    ]);
    for (asked, path, authority) in
        [("/sub/a?q=1", "//a?q=1", "h"), ("/subway", "/way", "h"), ("/rx/abc?q", "/abc/x?q", "other")]
    {
        ask(&table, &Request::get("h", asked), 0, |decision| {
            assert_eq!(String::from_utf8_lossy(&decision.path()), path);
            assert_eq!(String::from_utf8_lossy(&decision.authority()), authority);
        });
    }
}

#[test]
fn redirects_and_direct_responses() {
    let redirect = |change: fn(&mut Redirect)| {
        let mut redirect = Redirect::default();
        change(&mut redirect);
        Action::Redirect(Box::new(redirect))
    };
    let at = |path: &str, action| route(path, RouteMatch::path(PathMatch::Prefix(path.into())), action);
    let teapot = DirectResponse { status: 418, body: Some(b"short".to_vec()) };
    let mut secure = host(&["secure"], vec![]);
    secure.require_tls = TlsRequirement::All;
    let routes = vec![
        at("/host", redirect(|r| r.host = Some("new".into()))),
        at("/path", redirect(|r| (r.path, r.status) = (RedirectPath::Whole("/new".into()), 302))),
        at("/full", redirect(|r| r.path = RedirectPath::Whole("/new?x".into()))),
        at("/pre", redirect(|r| r.path = RedirectPath::Prefix("/post".into()))),
        at("/tls", redirect(|r| r.scheme = Some("https".into()))),
        at("/tea", Action::DirectResponse(Box::new(teapot))),
    ];
    let (table, _) = RoutingTable::build(config(vec![host(&["*"], routes), secure]));
    for (authority, path, status, location) in [
        ("a:80", "/host?q", 301, "http://new/host?q"),
        ("a:81", "/path/x?q", 302, "http://a:81/new?q"),
        ("a", "/full?q", 301, "http://a/new?x"),
        ("a", "/prefix?q", 301, "http://a/postfix?q"),
        ("a:80", "/tls", 301, "https://a/tls"),
        ("a:81", "/tls", 301, "https://a:81/tls"),
        ("secure:8080", "/x?y", 301, "https://secure:8080/x?y"),
        ("a", "/tea", 418, ""),
        ("a", "/none", 404, ""),
    ] {
        ask(&table, &Request::get(authority, path), 0, |decision| {
            assert_eq!(decision.status(), Some(status), "{authority}{path}");
            let url = decision.location().unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&url), location, "{authority}{path}");
        });
    }
}

#[test]
fn a_hash_finds_its_endpoint() {
    let hash = HashPolicy::from(HashSource::Header { name: "x-user".into(), rewrite: None });
    let action = forward(|forward| forward.hash.push(hash));
    let endpoint = |i: usize| Endpoint { address: format!("10.0.0.{i}:80"), ..Endpoint::default() };
    let balancing = LoadBalancing::RingHash {
        minimum_size: None,
        maximum_size: None,
        key: pointsman_route::ir::HashKey::Address,
    };
    let cluster = Cluster {
        name: ClusterName::new("c"),
        balancing,
        endpoints: (1..=4).map(endpoint).collect(),
        ..Cluster::default()
    };
    let mut config = config(vec![host(&["*"], vec![route("r", RouteMatch::default(), action)])]);
    config.clusters.push(Arc::new(cluster));
    let (table, _) = RoutingTable::build(config);
    let of = |user: &str, draw: u64| {
        let headers = [("x-user", user)];
        let request = Request::get("h", "/").with_headers(&headers);
        ask(&table, &request, draw, |decision| decision.endpoint().expect("healthy").address.clone())
    };
    let found: std::collections::BTreeSet<String> = (0..40).map(|user| of(&user.to_string(), 0)).collect();
    assert_eq!(found.len(), 4);
    assert!((0..40).all(|draw| of("7", draw) == of("7", 0)));
}

#[test]
fn header_operations_run_from_the_destination_outwards() {
    let ops = |value: &str| HeaderOps { request: vec![HeaderOp::add("x", value)], ..HeaderOps::default() };
    let mut destination = WeightedDestination::new(ClusterName::new("c"), 1);
    destination.headers = ops("destination");
    let weighted = Forward::to(DestinationChoice::weighted(vec![destination]));
    let mut route = route("r", RouteMatch::default(), Action::Forward(Box::new(weighted)));
    route.headers = ops("route");
    let mut host = host(&["*"], vec![route]);
    host.headers = ops("host");
    let (table, _) = RoutingTable::build(config(vec![host]));
    let order = ask(&table, &Request::get("h", "/"), 0, |decision| {
        decision.header_ops().flat_map(|ops| &ops.request).map(|op| op.value.clone()).collect::<Vec<_>>()
    });
    assert_eq!(order, ["destination", "route", "host"]);
    assert_eq!(HeaderOp::add("x", "y").append, AppendAction::AppendOrAdd);
}

#[test]
fn what_cannot_work_is_found_and_the_rest_works() {
    let mut bad = route("bad", RouteMatch::path(PathMatch::Regex("(".into())), to("c"));
    bad.matches
        .headers
        .push(HeaderMatch::new("x", HeaderCondition::Text(StringMatch::regex("[".to_owned()))));
    let zero =
        Forward::to(DestinationChoice::weighted(vec![WeightedDestination::new(ClusterName::new("c"), 0)]));
    let zero =
        route("zero", RouteMatch::path(PathMatch::Exact("/0".into())), Action::Forward(Box::new(zero)));
    let good = route("good", RouteMatch::default(), to("c"));
    let hosts = vec![host(&["*", "a"], vec![bad, zero, good]), host(&["A"], vec![])];
    let (table, findings) = RoutingTable::build(config(hosts));
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["PM0501", "PM0501", "PM0502", "PM0503"]);
    assert_eq!(name_of(&table, &Request::get("a", "/(")), "good");
    assert_eq!(ask(&table, &Request::get("a", "/0"), 0, |decision| decision.status()), Some(404));
}

#[test]
fn parts_that_did_not_change_are_not_compiled_again() {
    let mut before = config(vec![host(
        &["a"],
        vec![route("bad", RouteMatch::path(PathMatch::Regex("(".into())), to("c"))],
    )]);
    let (table, findings) = RoutingTable::build(before.clone());
    assert_eq!(findings.len(), 1);
    let mut routes = (*before.routes[0]).clone();
    routes.virtual_hosts.push(Arc::new(host(&["b"], vec![route("new", RouteMatch::default(), to("c"))])));
    before.routes = vec![Arc::new(routes)];
    let (after, findings) = table.rebuild(before);
    assert_eq!(findings, []);
    assert_eq!(name_of(&after, &Request::get("b", "/")), "new");
    assert_eq!(name_of(&after, &Request::get("a", "/")), "");
}

#[test]
fn an_answer_tells_of_the_request_as_it_was_when_it_was_answered() {
    let told = |fault: Option<Fault>| {
        let mut action = Forward::to(DestinationChoice::Cluster(ClusterName::new("c")));
        action.path_rewrite = PathRewrite::Prefix("/new".into());
        let mut route =
            route("r", RouteMatch::path(PathMatch::Prefix("/a".into())), Action::Forward(Box::new(action)));
        let op = |value: &str| HeaderOp {
            name: "x-told".into(),
            value: value.into(),
            append: AppendAction::OverwriteOrAdd,
            keep_empty: false,
        };
        route.headers.response = vec![op("%REQ(:path)%")];
        route.fault = fault.map(Box::new);
        let mut config = config(vec![host(&["*"], vec![route])]);
        config.clusters = vec![Arc::new(Cluster { name: ClusterName::new("c"), ..Cluster::default() })];
        let table = RoutingTable::build(config).0;
        ask(&table, &Request::get("a", "/a/b"), 0, |decision| {
            let mut headers = Vec::new();
            decision.edit_response_headers(&mut headers);
            headers.into_iter().map(|(_, value)| String::from_utf8(value).expect("text")).collect::<Vec<_>>()
        })
    };
    assert_eq!(told(None), ["/new/b"]);
    // A fault answers before the path is rewritten.
    let abort = AbortFault { status: AbortStatus::Http(503), fraction: Fraction::ALWAYS };
    assert_eq!(told(Some(Fault { abort: Some(abort), delay: None })), ["/a/b"]);
    let delay = DelayFault { duration: std::time::Duration::from_secs(1), fraction: Fraction::ALWAYS };
    assert_eq!(told(Some(Fault { abort: None, delay: Some(delay) })), ["/new/b"]);
}
