//! What changes between two tables, and which routes can be reached.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, Forward, Fraction, HeaderCondition, HeaderMatch, PathMatch,
    PathRewrite, Route, RouteConfig, RouteMatch, StringMatch, TableConfig, VirtualHost, WeightedDestination,
};
use pointsman_route::{ChangeKind, Reachability, RoutingTable, TableDiff, reachable};

fn route(path: PathMatch, change: impl FnOnce(&mut Route)) -> Route {
    let mut route = Route {
        matches: RouteMatch::path(path),
        action: Action::to_cluster(ClusterName::new("a")),
        ..Route::default()
    };
    change(&mut route);
    route
}

fn prefix(text: &str) -> PathMatch {
    PathMatch::Prefix(text.to_owned())
}

fn split(first: u32, second: u32) -> Action {
    let to = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
    Action::Forward(Box::new(Forward::to(DestinationChoice::weighted(vec![to("a", first), to("b", second)]))))
}

fn wants(name: &str, value: &str) -> HeaderMatch {
    HeaderMatch::new(name, HeaderCondition::Text(StringMatch::exact(value)))
}

fn without(name: &str, value: &str) -> HeaderMatch {
    HeaderMatch { invert: true, treat_missing_as_empty: true, ..wants(name, value) }
}

fn table(routes: Vec<Route>) -> RoutingTable {
    let host =
        VirtualHost { name: "shop".into(), domains: vec!["shop".into()], routes, ..VirtualHost::default() };
    let config =
        RouteConfig { name: "80".into(), virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
    RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }).0
}

fn diff(before: Vec<Route>, after: Vec<Route>) -> TableDiff {
    table(before).diff(&table(after))
}

#[test]
fn equal_tables_do_not_differ() {
    let routes = vec![route(prefix("/a"), |_| ()), route(PathMatch::Regex("/x[0-9]".into()), |_| ())];
    assert_eq!(diff(routes.clone(), routes), TableDiff::default());
}

#[test]
fn shares_destinations_and_treatment_are_told_apart() {
    let with = |action: Action| vec![route(prefix("/"), |route| route.action = action)];
    let kinds = |before: Action, after: Action| {
        let diff = diff(with(before), with(after));
        assert_eq!(diff.undecided, []);
        diff.changes.into_iter().map(|change| change.kinds).next().unwrap_or_default()
    };
    assert_eq!(kinds(split(80, 20), split(8, 2)), []);
    assert_eq!(kinds(split(80, 20), split(50, 50)), [ChangeKind::Share]);
    assert_eq!(kinds(split(80, 20), split(0, 1)), [ChangeKind::Destination]);
    let mut rewritten = Forward::to(DestinationChoice::Cluster(ClusterName::new("a")));
    rewritten.path_rewrite = PathRewrite::Prefix("/new".into());
    let rewritten = Action::Forward(Box::new(rewritten));
    assert_eq!(kinds(Action::to_cluster(ClusterName::new("a")), rewritten), [ChangeKind::Treatment]);
}

#[test]
fn each_class_of_requests_has_a_witness() {
    let before = vec![route(prefix("/"), |_| ())];
    let mut after = before.clone();
    after.insert(
        0,
        route(prefix("/cart"), |route| {
            route.matches.headers.push(wants("end-user", "jason"));
            route.action = Action::to_cluster(ClusterName::new("b"));
        }),
    );
    let diff = diff(before, after);
    assert_eq!(diff.undecided, []);
    assert_eq!(diff.changes.len(), 1);
    let change = &diff.changes[0];
    assert!(change.witness.path.starts_with("/cart"), "{change}");
    assert_eq!(change.witness.headers, [("end-user".to_owned(), "jason".to_owned())]);
    assert_eq!((change.before.route, change.after.route), (Some(0), Some(0)));
}

#[test]
fn what_cannot_be_enumerated_is_undecided_but_looked_at() {
    let regex = |cluster: &str| {
        vec![route(PathMatch::Regex("/v[0-9]+/.*".into()), |route| {
            route.action = Action::to_cluster(ClusterName::new(cluster));
        })]
    };
    let diff = diff(regex("a"), regex("b"));
    assert_eq!(diff.undecided.len(), 1);
    assert!(diff.undecided[0].why.contains("/v[0-9]+/.*"));
    assert_eq!(diff.changes.len(), 1);
}

#[test]
fn hosts_that_come_and_go_are_changes() {
    let empty = RouteConfig { name: "80".into(), ..RouteConfig::default() };
    let nothing =
        RoutingTable::build(TableConfig { routes: vec![Arc::new(empty)], ..TableConfig::default() }).0;
    let diff = table(vec![route(prefix("/"), |_| ())]).diff(&nothing);
    assert_eq!(diff.changes.len(), 1);
    assert_eq!(diff.changes[0].after.outcome, "answered with 404");
}

#[test]
fn every_route_has_a_witness_or_a_proof() {
    let table = table(vec![
        route(prefix("/v2"), |route| route.matches.headers.push(without("beta", "no"))),
        route(prefix("/v2/items"), |_| ()),
        route(PathMatch::Regex("/v[12]/x".into()), |_| ()),
        route(PathMatch::Exact("/v1/x".into()), |_| ()),
        route(prefix("/half"), |route| route.matches.fraction = Some(Fraction::of_hundred(50).into())),
        route(prefix("/half"), |_| ()),
        route(prefix("/none"), |route| route.matches.fraction = Some(Fraction::of_hundred(0).into())),
        route(prefix("/"), |_| ()),
        route(prefix("/late"), |route| route.matches.headers.push(wants("a", "b"))),
    ]);
    let found = reachable(&table);
    let kinds: Vec<String> = found
        .iter()
        .map(|route| match &route.reach {
            Reachability::Reached(_) => "reached".to_owned(),
            Reachability::Covered { by } => format!("covered by {by}"),
            Reachability::Never { .. } => "never".to_owned(),
            Reachability::Undecided { why } => why.clone(),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "reached",
            "reached",
            "reached",
            "covered by 2",
            "reached",
            "reached",
            "never",
            "reached",
            "covered by 7"
        ]
    );
    for (route, position) in found.iter().zip(0..) {
        if let Reachability::Reached(witness) = &route.reach {
            let mut scratch = pointsman_route::Scratch::new();
            let request = witness.request();
            let decision = table.select(&request, &witness.draws(), &mut scratch);
            assert_eq!(decision.route_index(), Some(position), "{route}");
        }
    }
}
