//! The index finds what the plain loop finds.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, HeaderCondition, HeaderMatch, PathMatch, Route, RouteConfig, RouteMatch,
    StringMatch, TableConfig, VirtualHost,
};
use pointsman_route::{Draws, Request, RoutingTable, Scratch};
use proptest::prelude::*;

fn path() -> impl Strategy<Value = String> {
    "(/[ab]{0,2}){0,4}"
}

fn path_match() -> impl Strategy<Value = PathMatch> {
    prop_oneof![
        3 => path().prop_map(PathMatch::Exact),
        4 => path().prop_map(PathMatch::Prefix),
        2 => path().prop_map(|path| PathMatch::PathSeparatedPrefix(path.trim_end_matches('/').to_owned())),
        2 => (path(), regex()).prop_map(|(path, regex)| PathMatch::Regex(format!("{path}{regex}"))),
        1 => Just(PathMatch::Connect),
    ]
}

fn regex() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        ".*",
        "/(a|b)+",
        "[ab]+",
        "|/b",
        "b?/.*",
        "",
        "$",
        "\\b.*",
        "{2}",
        "(/a|/ab)?b*",
        "^",
        "^a|b$",
    ])
}

fn header() -> impl Strategy<Value = HeaderMatch> {
    let condition = prop_oneof![
        5 => "[ab]{0,2}".prop_map(|text| HeaderCondition::Text(StringMatch::exact(text))),
        3 => "[ab]{1,2}".prop_map(|text| HeaderCondition::Text(StringMatch::prefix(text))),
        2 => ("[ab]{0,2}", regex()).prop_map(|(text, regex)| {
            HeaderCondition::Text(StringMatch::regex(format!("{text}{regex}")))
        }),
        1 => any::<bool>().prop_map(HeaderCondition::Present),
    ];
    let name = prop_oneof![
        Just("x-a"),
        Just("X-A"),
        Just("x-b"),
        Just(":method"),
        Just("accept"),
        Just(":authority")
    ];
    (name, condition, prop::bool::weighted(0.2), prop::bool::weighted(0.2)).prop_map(
        |(name, condition, invert, empty)| {
            let mut header = HeaderMatch::new(name, condition);
            (header.invert, header.treat_missing_as_empty) = (invert, empty);
            header
        },
    )
}

fn route() -> impl Strategy<Value = Route> {
    (path_match(), prop::collection::vec(header(), 0..2), prop::bool::weighted(0.9)).prop_map(
        |(path, headers, case_sensitive)| Route {
            matches: RouteMatch { headers, case_sensitive, ..RouteMatch::path(path) },
            action: Action::to_cluster(ClusterName::new("c")),
            ..Route::default()
        },
    )
}

fn table(routes: &[Route]) -> RoutingTable {
    let host = VirtualHost { domains: vec!["*".into()], routes: routes.to_vec(), ..VirtualHost::default() };
    let config = RouteConfig { virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
    RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }).0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_index_equals_the_loop(
        routes in prop::collection::vec(route(), 7..300),
        requests in prop::collection::vec(
            (path(), prop::collection::vec(("(x-a|x-b|accept)", "[ab]{0,2}"), 0..4), "(GET|ab|CONNECT)", "(a|ab|h)"),
            30,
        ),
    ) {
        let singles: Vec<RoutingTable> =
            routes.iter().map(|route| table(std::slice::from_ref(route))).collect();
        let table = table(&routes);
        let (mut scratch, mut other) = (Scratch::new(), Scratch::new());
        for (path, headers, method, authority) in &requests {
            let path = if path.is_empty() { "/" } else { path };
            let request = Request::new(method, authority, path).with_headers(headers);
            let draws = Draws::default();
            let found = table.select(&request, &draws, &mut scratch).route_index();
            prop_assert_eq!(found, table.select_in_order(&request, &draws, &mut other).route_index());
            let one_by_one = singles.iter().position(|single| {
                single.select(&request, &draws, &mut Scratch::new()).route_index().is_some()
            });
            prop_assert_eq!(found, one_by_one);
        }
    }
}
