//! A warm selection allocates nothing.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, Cluster, ClusterName, DestinationChoice, Endpoint, Forward, HashKey, HashPolicy, HashSource,
    HeaderCondition, HeaderMatch, LoadBalancing, PathMatch, QueryCondition, QueryMatch, Route, RouteConfig,
    RouteMatch, StringMatch, TableConfig, VirtualHost, WeightedDestination,
};
use pointsman_route::{Draws, Request, RoutingTable, Scratch};

fn route(number: usize, path: PathMatch) -> Route {
    let mut matches = RouteMatch::path(path);
    if number.is_multiple_of(3) {
        let condition = HeaderCondition::Text(StringMatch::exact(format!("user-{number}")));
        matches.headers.push(HeaderMatch::new("end-user", condition));
    }
    if number.is_multiple_of(7) {
        let condition = QueryCondition::Text(StringMatch::regex("[0-9]+"));
        matches.query.push(QueryMatch { name: "page".into(), condition });
    }
    let destination = |name: &str| WeightedDestination::new(ClusterName::new(name), 1);
    let mut forward = Forward::to(DestinationChoice::weighted(vec![destination("a"), destination("b")]));
    forward.hash.push(HashPolicy::from(HashSource::Header { name: "end-user".into(), rewrite: None }));
    Route { matches, action: Action::Forward(Box::new(forward)), ..Route::default() }
}

fn table() -> RoutingTable {
    let routes = (0..200).map(|number| {
        let path = match number % 4 {
            0 => PathMatch::Exact(format!("/api/v1/svc-{number}/items")),
            1 => PathMatch::Prefix(format!("/api/v1/svc-{number}/")),
            2 => PathMatch::Regex(format!("/api/v[0-9]/svc-{number}/.*")),
            _ => PathMatch::PathSeparatedPrefix(format!("/api/v1/svc-{number}")),
        };
        route(number, path)
    });
    let domains = ["shop.example.com", "*.example.com", "shop.*", "*"].map(ToOwned::to_owned).into();
    let host = VirtualHost { domains, routes: routes.collect(), ..VirtualHost::default() };
    let config = RouteConfig {
        virtual_hosts: vec![Arc::new(host)],
        ignore_port_in_host: true,
        ..RouteConfig::default()
    };
    let endpoint = |last: usize| Endpoint { address: format!("10.0.0.{last}:80"), ..Endpoint::default() };
    let cluster = |name: &str| Cluster {
        name: ClusterName::new(name),
        balancing: LoadBalancing::Maglev { table_size: Some(101), key: HashKey::Address },
        endpoints: (1..4).map(endpoint).collect(),
        ..Cluster::default()
    };
    let clusters = vec![Arc::new(cluster("a")), Arc::new(cluster("b"))];
    RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], clusters, ..TableConfig::default() }).0
}

#[test]
fn a_warm_selection_allocates_nothing() {
    let table = table();
    let mut scratch = Scratch::new();
    let paths: Vec<String> =
        (0..200).map(|number| format!("/api/v1/./svc-{number}/items?page={number}&x=%61")).collect();
    let users: Vec<String> = (0..200).map(|number| format!("user-{number}")).collect();
    let mut ask_all = || {
        let (mut hits, mut endpoints) = (0, 0);
        for (path, user) in paths.iter().zip(&users) {
            let headers = [("accept", "*/*"), ("End-User", user.as_str())];
            let request = Request::get("Shop.Example.COM:80", path.as_str()).with_headers(&headers);
            let decision = table.select(&request, &Draws::from_seed(hits), &mut scratch);
            hits += u64::from(decision.cluster().is_some());
            endpoints += u64::from(decision.endpoint().is_some());
        }
        (hits, endpoints)
    };
    let cold = ask_all();
    assert!(cold.0 > 100 && cold.0 == cold.1, "{cold:?}");
    let info = allocation_counter::measure(|| assert_eq!(ask_all(), cold));
    assert_eq!(info.count_total, 0);
}
