//! What changes between two tables with regular expressions.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, Forward, HeaderCondition, HeaderMatch, PathMatch, PathRewrite,
    QueryCondition, QueryMatch, Route, RouteConfig, RouteMatch, StringMatch, StringPattern, TableConfig,
    VirtualHost, WeightedDestination,
};
use pointsman_route::{ChangeKind, RoutingTable, Scratch, TableDiff, Witness};

fn table(routes: &[Route]) -> RoutingTable {
    let host = VirtualHost {
        name: "shop".into(),
        domains: vec!["shop".into()],
        routes: routes.to_vec(),
        ..VirtualHost::default()
    };
    let config =
        RouteConfig { name: "80".into(), virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
    RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }).0
}

/// The difference, with each witness asked of both tables: it takes the routes that the change names.
fn diff(before: &[Route], after: &[Route]) -> TableDiff {
    let (before, after) = (table(before), table(after));
    let diff = before.diff(&after);
    let taken = |table: &RoutingTable, witness: &Witness| {
        let mut scratch = Scratch::new();
        table.select(&witness.request(), &witness.draws(), &mut scratch).route_index()
    };
    for change in &diff.changes {
        assert_eq!(taken(&before, &change.witness), change.before.route, "{change}");
        assert_eq!(taken(&after, &change.witness), change.after.route, "{change}");
    }
    diff
}

/// As [`diff`], where everything is decided: which routes change, before and after.
fn changes(before: &[Route], after: &[Route]) -> Vec<[Option<usize>; 2]> {
    let diff = diff(before, after);
    assert_eq!(diff.undecided, [], "{diff}");
    diff.changes.iter().map(|change| [change.before.route, change.after.route]).collect()
}

const SAME: [[Option<usize>; 2]; 0] = [];

fn to(cluster: &str, path: PathMatch) -> Route {
    Route {
        matches: RouteMatch::path(path),
        action: Action::to_cluster(ClusterName::new(cluster)),
        ..Route::default()
    }
}

fn regex(cluster: &str, regex: &str) -> Route {
    to(cluster, PathMatch::Regex(regex.into()))
}

fn prefix(cluster: &str, prefix: &str) -> Route {
    to(cluster, PathMatch::Prefix(prefix.into()))
}

fn split(first: u32, second: u32) -> Route {
    let to = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
    let forward = Forward::to(DestinationChoice::weighted(vec![to("a", first), to("b", second)]));
    Route { action: Action::Forward(Box::new(forward)), ..prefix("", "/") }
}

fn with_header(name: &str, text: StringMatch, mut route: Route) -> Route {
    route.matches.headers.push(HeaderMatch::new(name, HeaderCondition::Text(text)));
    route
}

#[test]
fn a_weight_that_changes_behind_an_equal_expression_is_seen() {
    let routes = |split: Route| [regex("v", "/v[0-9]+/.*"), prefix("s", "/static"), split];
    let diff = diff(&routes(split(90, 10)), &routes(split(50, 50)));
    assert_eq!((diff.changes.len(), diff.undecided.len()), (1, 0), "{diff}");
    assert_eq!(diff.changes[0].kinds, [ChangeKind::Share]);
    assert_eq!(diff.changes[0].before.route, Some(2));
    assert_eq!(changes(&routes(split(90, 10)), &routes(split(9, 1))), SAME);
}

#[test]
fn a_destination_that_changes_behind_an_equal_expression_is_one_class() {
    let routes = |cluster: &str| [regex(cluster, "/v[0-9]+/.*"), prefix("rest", "/")];
    let diff = diff(&routes("a"), &routes("b"));
    assert_eq!((diff.changes.len(), diff.undecided.len()), (1, 0), "{diff}");
    let path = &diff.changes[0].witness.path;
    let digits = path.strip_prefix("/v").and_then(|rest| rest.split_once('/')).map(|(digits, _)| digits);
    assert!(digits.is_some_and(|digits| digits.parse::<u64>().is_ok()), "{path}");
}

#[test]
fn expressions_that_change_are_told_apart_by_what_they_take() {
    let routes = |text: &str| [regex("a", text), prefix("rest", "/")];
    let between = |before: &str, after: &str| changes(&routes(before), &routes(after));
    let (lost, won) = ([Some(0), Some(1)], [Some(1), Some(0)]);
    assert_eq!(between("/v[0-9]+", r"/v\d+"), SAME);
    assert_eq!(between("/a|/b", "/[ab]"), SAME);
    assert_eq!(between("/v[0-9]+", "/v[0-8]+"), [lost]);
    assert_eq!(between("/v[0-8]+", "/v[0-9]+"), [won]);
    assert_eq!(between("/(v1|v2)/x", "/(v2|v3)/x"), [lost, won]);
    assert_eq!(between("/a{1,40}", "/a{1,41}"), [won]);
}

#[test]
fn rare_paths_are_found() {
    let routes = |text: &str| {
        [regex("a", text), regex("b", "/.*/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), prefix("c", "/")]
    };
    let found = diff(&routes("/users/.*"), &routes("/users/[^/]*"));
    let taken: Vec<_> = found.changes.iter().map(|change| change.after.route).collect();
    assert_eq!((taken, found.undecided.len()), (vec![Some(1), Some(2)], 0), "{found}");
    // Only paths that go through cleaning as they are tell these apart.
    assert_eq!(changes(&routes("/a/.*"), &routes("/a/([^.].*)?")), [[Some(0), Some(1)], [Some(0), Some(2)]]);
}

#[test]
fn what_no_request_was_found_for_is_undecided() {
    let routes = |text: &str| [regex("a", text), prefix("c", "/")];
    // Cleaning makes `/a` of the only path that it takes.
    let diff = diff(&routes("/b/[.][.]/a"), &routes("/none"));
    let why: Vec<_> = diff.undecided.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(
        why,
        ["the regular expression `/b/[.][.]/a` on the path holds of texts that no request was made of"]
    );
}

#[test]
fn expressions_that_are_large_together_are_undecided() {
    let all: Vec<Route> =
        (0..20).map(|n| regex("a", &format!("/.*{}.{{6}}", char::from(b'a' + n)))).collect();
    let diff = diff(
        &[all.as_slice(), &[prefix("a", "/")]].concat(),
        &[all.as_slice(), &[prefix("b", "/")]].concat(),
    );
    assert_eq!((diff.changes.len(), diff.undecided.len()), (1, 1), "{diff}");
    assert!(diff.undecided[0].why.contains("is too large with the other conditions"), "{diff}");
}

#[test]
fn headers_parameters_and_methods_are_looked_at_too() {
    let rest = || prefix("rest", "/");
    let header = |text: &str| [with_header("end-user", StringMatch::regex(text), prefix("a", "/")), rest()];
    assert_eq!(changes(&header("[^@]+@shop"), &header(".+@shop")), [[Some(1), Some(0)]]);
    let method = |text: &str| [with_header(":method", StringMatch::regex(text), prefix("a", "/")), rest()];
    let found = diff(&method("GET|POST"), &method("GET|PUT"));
    let methods: Vec<_> = found.changes.iter().map(|change| change.witness.method.as_str()).collect();
    assert_eq!(methods, ["POST", "PUT"], "{found}");
    let query = |condition: StringMatch| {
        let mut route = prefix("a", "/");
        let condition = QueryCondition::Text(condition);
        route.matches.query.push(QueryMatch { name: "q".into(), condition });
        [route, rest()]
    };
    let suffix = StringMatch::new(StringPattern::Suffix("x".into()));
    assert_eq!(changes(&query(suffix.clone()), &query(StringMatch::regex(".*x"))), SAME);
    assert_eq!(changes(&query(suffix), &query(StringMatch::regex(".+x"))), [[Some(0), Some(1)]]);
}

#[test]
fn paths_whatever_the_case_are_decided() {
    let routes = |is_by_case: bool| {
        let mut route = prefix("a", "/Cart");
        route.matches.case_sensitive = is_by_case;
        [route, regex("b", "/cart/[0-9]"), prefix("rest", "/")]
    };
    let mut lost = changes(&routes(false), &routes(true));
    lost.sort();
    assert_eq!(lost, [[Some(0), Some(1)], [Some(0), Some(2)]]);
}

#[test]
fn that_nothing_follows_a_prefix_is_a_class_of_its_own() {
    let rewritten = |mut route: Route| {
        let mut forward = Forward::to(DestinationChoice::Cluster(ClusterName::new("a")));
        forward.path_rewrite = PathRewrite::Prefix("/n".into());
        route.action = Action::Forward(Box::new(forward));
        route
    };
    // Of `/a` both make `/n`; of `/a0` they make `/n` and `/n0`.
    let routes = |last: Route| [regex("other", "/a[a-z/].*"), rewritten(last)];
    assert_eq!(changes(&routes(regex("", "/a.*")), &routes(prefix("", "/a"))), [[Some(1), Some(1)]]);
}
