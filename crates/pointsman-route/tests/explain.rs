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
