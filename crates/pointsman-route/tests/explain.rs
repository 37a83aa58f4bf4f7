//! What is said of each host and route.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, Fraction, HeaderCondition, HeaderMatch, PathMatch, QueryCondition, QueryMatch,
    Route, RouteConfig, RouteMatch, StringMatch, TableConfig, VirtualHost,
};
use pointsman_route::{Draws, Request, RoutingTable};

fn route(change: impl FnOnce(&mut RouteMatch)) -> Route {
    let mut matches = RouteMatch::default();
    change(&mut matches);
    Route { matches, action: Action::to_cluster(ClusterName::new("c")), ..Route::default() }
}

fn table(routes: Vec<Route>) -> RoutingTable {
    let host = |name: &str, domains: &[&str], routes| {
        let domains = domains.iter().map(ToString::to_string).collect();
        Arc::new(VirtualHost { name: name.into(), domains, routes, ..VirtualHost::default() })
    };
    let virtual_hosts = vec![
        host("any", &["*"], vec![]),
        host("com", &["*.com", "a.*"], routes),
        host("org", &["a.org"], vec![]),
    ];
    let routes = RouteConfig { name: "r".into(), virtual_hosts, ..RouteConfig::default() };
    RoutingTable::build(TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() }).0
}

#[test]
fn each_failed_condition_is_named_in_envoys_order() {
    let exact = |name: &str| HeaderMatch::new(name, HeaderCondition::Text(StringMatch::exact("v")));
    let table = table(vec![
        route(|m| m.path = PathMatch::Exact("/y".into())),
        route(|m| m.headers = vec![exact("a"), exact("x")]),
        route(|m| {
            (m.headers, m.path) = (vec![HeaderMatch { invert: true, ..exact("a") }], PathMatch::Missing)
        }),
        route(|m| m.query.push(QueryMatch { name: "q".into(), condition: QueryCondition::Present(false) })),
        route(|m| m.fraction = Some(Fraction::of_hundred(5).into())),
        route(|m| m.grpc_only = true),
        route(|_| ()),
        route(|_| ()),
    ]);
    let headers = [("A", "v"), ("x", "1"), ("x", "2")];
    let request = Request::get("A.com", "/./x?q=1").with_headers(&headers);
    let trace = table.explain(&request, &Draws::all(7));
    let words = "\
GET A.com/./x?q=1
path cleaned to `/x?q=1`
route configuration `r`
host `any`: domain `*` matches, but another is more specific or stands first
host `com`: domain `*.com` matches
host `org`: no domain matches
  route 0: path `/x` is not `/y`
  route 1: header `x` with value `1`, `2` is not `v`
  route 2: header `a` with value `v` is one that is excluded
  route 3: query parameter `q` with value `1` must not be there
  route 4: not among its share of 5 in 100 requests
  route 5: not a gRPC request
  route 6: matches
to `c`
";
    assert_eq!(trace.to_string(), words);
    let conditions: Vec<&str> =
        trace.routes.iter().filter_map(|step| Some(step.failed.as_ref()?.condition.as_str())).collect();
    assert_eq!(conditions, ["path", "headers[1]", "headers[0]", "query[0]", "fraction", "grpc"]);
    let json = serde_json::to_string(&trace).expect("plain data");
    assert_eq!(serde_json::from_str::<pointsman_route::Trace>(&json).expect("the same"), trace);
}

#[test]
fn a_host_without_routes_ends_the_search() {
    let trace = table(vec![]).explain(&Request::get("a.org", "/"), &Draws::default());
    assert_eq!((trace.status, trace.routes.len()), (Some(404), 0));
    assert_eq!(trace.verdict, "answered with 404: no route of the virtual host takes the request");
    assert_eq!(trace.hosts[2].domain.as_deref(), Some("a.org"));
}

#[test]
fn a_path_that_is_refused_is_refused_before_hosts_are_looked_at() {
    let trace = table(vec![route(|_| ())]).explain(&Request::get("a.org", "/\u{e9}"), &Draws::default());
    assert_eq!((trace.status, trace.hosts.len(), trace.routes.len()), (Some(400), 0, 0));
}

#[test]
fn a_request_without_a_path_is_taken_by_no_path() {
    let trace =
        table(vec![route(|_| ())]).explain(&Request::new("CONNECT", "a.com:443", ""), &Draws::default());
    let failed = trace.routes[0].failed.as_ref().map(|failed| failed.why.as_str());
    assert_eq!(failed, Some("the request has no path"));
}

/// A condition of a route.
type Change = Box<dyn FnOnce(&mut RouteMatch)>;

#[test]
fn each_kind_of_condition_has_its_words() {
    let header = |name: &str, condition| HeaderMatch::new(name, condition);
    let text = |text: StringMatch| HeaderCondition::Text(text);
    let without = |name: &str, condition| HeaderMatch {
        invert: true,
        treat_missing_as_empty: true,
        ..HeaderMatch::new(name, condition)
    };
    let ignoring = |text: StringMatch| StringMatch { ignore_case: true, ..text };
    let path = |path: PathMatch| move |m: &mut RouteMatch| m.path = path;
    let one = |header: HeaderMatch| move |m: &mut RouteMatch| m.headers = vec![header];
    let query = |name: &str, condition| {
        let query = QueryMatch { name: name.to_owned(), condition };
        move |m: &mut RouteMatch| m.query = vec![query]
    };
    let conditions: Vec<(Change, &str, &str)> = vec![
        (Box::new(path(PathMatch::Exact("/Y".into()))), "path", "path `/x` is not `/Y`"),
        (
            Box::new(|m| (m.path, m.case_sensitive) = (PathMatch::Exact("/Y".into()), false)),
            "path",
            "path `/x` is not `/Y` (whatever the case)",
        ),
        (Box::new(path(PathMatch::Prefix("/y".into()))), "path", "path `/x` does not begin with `/y`"),
        (
            Box::new(path(PathMatch::PathSeparatedPrefix("/y".into()))),
            "path",
            "path `/x` is not `/y` or below it",
        ),
        (Box::new(path(PathMatch::Regex("/y+".into()))), "path", "path `/x` does not match `/y+` as a whole"),
        (Box::new(path(PathMatch::Connect)), "path", "not a CONNECT request"),
        (Box::new(path(PathMatch::Missing)), "path", "the route has no condition on the path"),
        (Box::new(one(header("z", text(StringMatch::exact("v"))))), "headers[0]", "header `z` is missing"),
        (
            Box::new(one(header("a", text(StringMatch::exact("w"))))),
            "headers[0]",
            "header `a` with value `v` is not `w`",
        ),
        (
            Box::new(one(header("a", text(StringMatch::prefix("w"))))),
            "headers[0]",
            "header `a` with value `v` does not begin with `w`",
        ),
        (
            Box::new(one(header("a", text(ignoring(StringMatch::exact("W")))))),
            "headers[0]",
            "header `a` with value `v` is not `W` (whatever the case)",
        ),
        (
            Box::new(one(header("a", text(StringMatch::regex("w+"))))),
            "headers[0]",
            "header `a` with value `v` does not match `w+` as a whole",
        ),
        (
            Box::new(one(header("a", HeaderCondition::Range { start: 1, end: 3 }))),
            "headers[0]",
            "header `a` with value `v` is not a whole number from 1 up to but not including 3",
        ),
        (Box::new(one(header("z", HeaderCondition::Present(true)))), "headers[0]", "header `z` is missing"),
        (
            Box::new(one(header("a", HeaderCondition::Present(false)))),
            "headers[0]",
            "header `a` with value `v` must not be there",
        ),
        (
            Box::new(one(without("a", text(StringMatch::exact("v"))))),
            "headers[0]",
            "header `a` with value `v` is one that is excluded",
        ),
        (
            Box::new(one(without("z", text(StringMatch::regex(".*"))))),
            "headers[0]",
            "header `z` is missing, and so empty, which is excluded",
        ),
        (
            Box::new(one(header(":method", text(StringMatch::exact("POST"))))),
            "headers[0]",
            "method `GET` is not `POST`",
        ),
        (
            Box::new(one(header(":scheme", text(StringMatch::exact("https"))))),
            "headers[0]",
            "scheme `http` is not `https`",
        ),
        (
            Box::new(one(header(":authority", text(StringMatch::exact("A.com:80"))))),
            "headers[0]",
            "authority `A.com` is not `A.com:80`",
        ),
        (Box::new(query("r", QueryCondition::Present(true))), "query[0]", "query parameter `r` is missing"),
        (
            Box::new(query("q", QueryCondition::Text(StringMatch::exact("2")))),
            "query[0]",
            "query parameter `q` with value `1` is not `2`",
        ),
        (
            Box::new(|m| m.fraction = Some(Fraction::of_million(1).into())),
            "fraction",
            "not among its share of 1 in 1000000 requests",
        ),
        (Box::new(|m| m.grpc_only = true), "grpc", "not a gRPC request"),
    ];
    let (mut routes, mut expected) = (Vec::new(), Vec::new());
    for (change, condition, why) in conditions {
        routes.push(route(change));
        expected.push((condition.to_owned(), why.to_owned()));
    }
    let headers = [("a", "v")];
    let request = Request::get("A.com", "/x?q=1").with_headers(&headers);
    let trace = table(routes).explain(&request, &Draws::all(7));
    let found: Vec<_> = trace
        .routes
        .iter()
        .map(|step| {
            let failed = step.failed.as_ref().expect("no route takes it");
            (failed.condition.clone(), failed.why.clone())
        })
        .collect();
    assert_eq!(found, expected);
}
