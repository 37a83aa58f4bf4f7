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
    let large = format!("/({})?", "(a|b)?".repeat(900));
    for path in [prefix("/v1"), PathMatch::Regex(large.clone())] {
        let is_large = matches!(path, PathMatch::Regex(_));
        let with = |cluster: &str| {
            vec![route(path.clone(), |route| {
                route.action = Action::to_cluster(ClusterName::new(cluster));
                route.matches.fraction = (!is_large).then(|| Fraction::of_hundred(50).into());
            })]
        };
        let diff = diff(with("a"), with("b"));
        let why = if is_large { large.as_str() } else { "a share of requests" };
        assert!(matches!(diff.undecided.as_slice(), [one] if one.why.contains(why)), "{diff}");
        assert_eq!(diff.changes.len(), 1, "{diff}");
    }
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

fn with_prefix(text: &str, change: impl FnOnce(&mut Route)) -> Route {
    route(prefix(text), change)
}

fn to(cluster: &str) -> impl FnOnce(&mut Route) + use<> {
    let cluster = ClusterName::new(cluster);
    move |route| route.action = Action::to_cluster(cluster)
}

fn wants_method(method: &str) -> impl FnOnce(&mut Route) + use<> {
    let header = wants(":method", method);
    move |route| route.matches.headers.push(header)
}

/// What one request gets of a table, as a user sees it.
fn answer(table: &RoutingTable, witness: &pointsman_route::Witness) -> String {
    let mut scratch = pointsman_route::Scratch::new();
    let request = witness.request();
    let total = 10_000;
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    for draw in 0..100 {
        let draws = witness.draws().with_route(witness.draw + draw * total / 100);
        let decision = table.select(&request, &draws, &mut scratch);
        *counts.entry(format!("{:?} {:?}", decision.cluster(), decision.status())).or_default() += 1;
    }
    let decision = table.select(&request, &witness.draws(), &mut scratch);
    let (mut headers, mut answer) = (Vec::new(), Vec::new());
    decision.edit_request_headers(&mut headers);
    decision.edit_response_headers(&mut answer);
    format!(
        "{counts:?} {:?} {:?} {:?} {:?} {headers:?} {answer:?} {:?} {:?} {:?}",
        decision.location(),
        decision.path(),
        decision.authority(),
        decision.timeout(),
        decision.retry(),
        decision.mirror_policies(),
        decision.route().map(|route| &route.fault),
    )
}

#[test]
fn methods_that_no_route_names_are_a_class_too() {
    let before = vec![with_prefix("/", wants_method("GET")), with_prefix("/", |_| ())];
    let after = vec![with_prefix("/", wants_method("GET")), with_prefix("/", to("b"))];
    let diff = diff(before, after);
    assert_eq!((diff.changes.len(), diff.undecided.len()), (1, 0), "{diff}");
    assert_ne!(diff.changes[0].witness.method, "GET");
}

#[test]
fn what_a_prefix_is_replaced_by_depends_on_the_prefix() {
    let rewriting = |path: &str| {
        let mut forward = Forward::to(DestinationChoice::Cluster(ClusterName::new("a")));
        forward.path_rewrite = PathRewrite::Prefix("/x".into());
        vec![with_prefix(path, |route| route.action = Action::Forward(Box::new(forward)))]
    };
    let diff = diff(rewriting("/a"), rewriting("/a/"));
    let kinds: Vec<_> = diff.changes.iter().map(|change| change.kinds.as_slice()).collect();
    assert!(kinds.contains(&&[ChangeKind::Treatment][..]), "{diff}");
}

fn with_clusters(routes: Vec<Route>, clusters: &[&str]) -> RoutingTable {
    let mut config = table(routes).config().clone();
    let cluster = |name: &&str| {
        Arc::new(pointsman_route::ir::Cluster {
            name: ClusterName::new(*name),
            ..pointsman_route::ir::Cluster::default()
        })
    };
    config.clusters = clusters.iter().map(cluster).collect();
    RoutingTable::build(config).0
}

#[test]
fn a_cluster_that_goes_is_a_destination_that_changes() {
    let routes = || vec![with_prefix("/a", |_| ()), with_prefix("/", to("b"))];
    let (both, one) = (with_clusters(routes(), &["a", "b"]), with_clusters(routes(), &["b"]));
    let diff = both.diff(&one);
    assert_eq!(diff.changes.len(), 1, "{diff}");
    assert!(diff.changes[0].to_string().contains("after forwarded to `a` (which is not there)"), "{diff}");
    assert_eq!(both.diff(&with_clusters(routes(), &["a", "b"])), TableDiff::default());
}

#[test]
fn other_cleaning_of_paths_is_seen_though_the_routes_are_the_same() {
    let routes = vec![with_prefix("/b", to("b")), with_prefix("/", |_| ())];
    let before = table(routes);
    let mut config = before.config().clone();
    config.path_normalization = pointsman_route::ir::PathNormalization::NONE;
    let after = RoutingTable::build(config).0;
    let diff = before.diff(&after);
    assert!(!diff.changes.is_empty(), "{diff}");
    assert!(diff.undecided[0].why.contains("cleaned differently"), "{diff}");
    for change in &diff.changes {
        assert_ne!(answer(&before, &change.witness), answer(&after, &change.witness), "{change}");
    }
}

#[test]
fn words_of_the_comparison_may_stand_in_the_routes() {
    let before = vec![with_prefix("/aw7q", |_| ()), with_prefix("/a", |_| ()), with_prefix("/w7q", |_| ())];
    let mut after = before.clone();
    after[1].action = Action::to_cluster(ClusterName::new("b"));
    let found = diff(before.clone(), after);
    assert_eq!((found.changes.len(), found.undecided.len()), (1, 0), "{found}");
    let mut after = before.clone();
    after.push(with_prefix("/", to("c")));
    assert_eq!(diff(before, after).changes.len(), 1);
}

#[test]
fn hosts_with_the_begin_of_one_domain_and_the_end_of_another_are_looked_at() {
    let host = |domains: &[&str], cluster: &str| {
        Arc::new(VirtualHost {
            name: domains.join(","),
            domains: domains.iter().map(ToString::to_string).collect(),
            routes: vec![with_prefix("/", to(cluster))],
            ..VirtualHost::default()
        })
    };
    let table = |hosts: Vec<Arc<VirtualHost>>| {
        let config = RouteConfig { name: "80".into(), virtual_hosts: hosts, ..RouteConfig::default() };
        RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }).0
    };
    let before = table(vec![host(&["*.com"], "x"), host(&["a.*"], "y"), host(&["*"], "x")]);
    let after = table(vec![host(&["a.*"], "y"), host(&["*"], "x")]);
    let diff = before.diff(&after);
    assert_eq!(diff.changes.len(), 1, "{diff}");
    let authority = &diff.changes[0].witness.authority;
    assert!(authority.starts_with("a.") && authority.ends_with(".com"), "{authority}");
}

#[test]
fn what_only_moves_between_levels_is_no_change() {
    use pointsman_route::ir::{HeaderOp, HeaderOps};
    let ops = || HeaderOps { request: vec![HeaderOp::add("x", "1")], ..HeaderOps::default() };
    let at_route = table(vec![with_prefix("/", |route| route.headers = ops())]);
    let mut config = table(vec![with_prefix("/", |_| ())]).config().clone();
    let routes = Arc::make_mut(&mut config.routes[0]);
    Arc::make_mut(&mut routes.virtual_hosts[0]).headers = ops();
    assert_eq!(at_route.diff(&RoutingTable::build(config).0), TableDiff::default());
}

#[test]
fn schemes_are_a_class() {
    let only = |cluster: &str| {
        let wanted = wants(":scheme", "https");
        let special = with_prefix("/", |route| {
            route.matches.headers.push(wanted);
            route.action = Action::to_cluster(ClusterName::new(cluster));
        });
        vec![special, with_prefix("/", |_| ())]
    };
    let diff = diff(only("b"), only("c"));
    assert_eq!((diff.changes.len(), diff.undecided.len()), (1, 0), "{diff}");
    assert_eq!(diff.changes[0].witness.scheme, "https");
}

#[test]
fn texts_with_a_question_mark_are_never_a_path() {
    let found =
        reachable(&table(vec![route(PathMatch::Exact("/a?b".into()), |_| ()), with_prefix("/", |_| ())]));
    assert!(matches!(&found[0].reach, Reachability::Never { why } if why.contains("`/a?b`")), "{}", found[0]);
}

#[test]
fn a_regular_expression_does_not_cover_a_path_whatever_the_case() {
    let found = reachable(&table(vec![
        route(PathMatch::Regex("/A".into()), |route| route.matches.case_sensitive = false),
        route(PathMatch::Exact("/A".into()), |route| route.matches.case_sensitive = false),
    ]));
    assert!(!matches!(found[1].reach, Reachability::Covered { .. }), "{}", found[1]);
}

/// A table with one listener on port 443.
fn listening(address: Option<&str>, chains: Vec<pointsman_route::ir::FilterChain>) -> RoutingTable {
    let listener = pointsman_route::ir::Listener {
        name: "443".into(),
        address: address.map(|address| address.parse().expect("an address")),
        port: "443".parse().expect("a port"),
        chains,
        default: None,
        is_bound: false,
    };
    RoutingTable::build(TableConfig { listeners: vec![Arc::new(listener)], ..TableConfig::default() }).0
}

/// A chain for server names and networks, to clusters by weight.
fn chain(names: &[&str], networks: &[&str], to: &[(&str, u32)]) -> pointsman_route::ir::FilterChain {
    let to = to.iter().map(|(name, weight)| WeightedDestination::new(ClusterName::new(*name), *weight));
    pointsman_route::ir::FilterChain {
        server_names: names.iter().map(ToString::to_string).collect(),
        destinations: networks.iter().map(|network| network.parse().expect("a network")).collect(),
        action: pointsman_route::ir::L4Action::Tcp(pointsman_route::ir::TcpRoute {
            destinations: to.collect(),
            hash_source_ip: false,
        }),
        ..pointsman_route::ir::FilterChain::default()
    }
}

#[test]
fn connections_that_change_have_witnesses() {
    let a = [("a", 1)];
    let before = || vec![chain(&["*.x.test"], &[], &a), chain(&[], &["10.0.0.0/8"], &[("b", 8), ("c", 2)])];
    let lines = |after: Vec<pointsman_route::ir::FilterChain>| {
        let (before, after) = (listening(None, before()), listening(None, after));
        let diff = before.diff(&after);
        assert_eq!((diff.changes.len(), diff.undecided.len()), (0, 0), "{diff}");
        for change in &diff.connections {
            let connection = change.witness.connection();
            let draws = (0..10).map(pointsman_route::Draws::all);
            let seen = |table: &RoutingTable| -> Vec<Option<String>> {
                let draws = draws.clone();
                draws.map(|d| table.select_connection(&connection, &d).cluster().map(str::to_owned)).collect()
            };
            assert_ne!(seen(&before), seen(&after), "{change}");
        }
        diff.connections.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(lines(before()), Vec::<String>::new());
    let mut shares = before();
    shares[1] = chain(&[], &["10.0.0.0/8"], &[("b", 4), ("c", 1)]);
    assert_eq!(lines(shares), Vec::<String>::new(), "the same shares");
    let mut shares = before();
    shares[1] = chain(&[], &["10.0.0.0/8"], &[("b", 1), ("c", 1)]);
    let shares = lines(shares);
    assert!(
        shares[0]
            .contains("port 443 of 10.0.0.0: before sent on to `b` (8), `c` (2), after sent on to `b` (1)"),
        "{shares:?}"
    );
    let mut named = before();
    named.push(chain(&["one.x.test"], &[], &[("d", 7)]));
    let named = lines(named);
    assert_eq!(named, ["port 443, TLS to one.x.test: before sent on to `a`, after sent on to `d`"]);
    let mut narrower = before();
    narrower.push(chain(&[], &["10.0.0.0/9"], &[("d", 1)]));
    let narrower = lines(narrower);
    assert!(
        narrower.iter().any(|line| line.contains("of 10.0.0.0: ") && line.contains("after sent on to `d`")),
        "{narrower:?}"
    );
    let gone = lines(vec![chain(&["*.x.test"], &[], &a)]);
    assert!(
        gone.iter().all(|line| line.contains("before sent on to `b` (8)")) && !gone.is_empty(),
        "{gone:?}"
    );
}

#[test]
fn networks_that_fill_each_other_are_undecided() {
    let halves = || {
        vec![
            chain(&[], &["10.0.0.0/8"], &[("a", 1)]),
            chain(&[], &["10.0.0.0/9", "10.128.0.0/9"], &[("b", 1)]),
        ]
    };
    let mut after = halves();
    after.push(chain(&["x"], &[], &[("c", 1)]));
    let diff = listening(None, halves()).diff(&listening(None, after));
    assert!(diff.undecided[0].why.contains("`10.0.0.0/8`"), "{diff}");
}
