//! Tables of one kind of route each, as large as wished.

use std::sync::Arc;

use pointsman_route::RoutingTable;
use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, Forward, HeaderCondition, HeaderMatch, PathMatch, Route,
    RouteConfig, RouteMatch, StringMatch, StringPattern, TableConfig, VirtualHost, WeightedDestination,
};

/// What the routes of a table are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 40 % prefix, 30 % exact, 20 % prefix and header, 10 % regex.
    Mixed,
    /// An exact path each.
    Exact,
    /// A prefix each.
    Prefix,
    /// Prefixes of 7 lengths.
    PrefixLengths,
    /// Any path, one header value each.
    Header,
    /// A regex that begins with a literal text, and ends as all others do.
    RegexHead,
    /// The same, each with an ending of its own.
    RegexOwn,
    /// Hostile: `.*svc-i.*`.
    RegexAny,
    /// Hostile: a regex that begins with a class, and shares most of its text with all others.
    RegexClass,
    /// Hostile: any path, the beginning of a header's value each.
    HeaderPrefix,
    /// Hostile: any path, the end of a header's value each.
    HeaderSuffix,
    /// Hostile: all routes under one prefix, told apart by regexes of a header.
    OnePrefix,
}

impl Kind {
    /// The kinds that an index is meant for.
    pub const FRIENDLY: [Self; 7] = [
        Self::Mixed,
        Self::Exact,
        Self::Prefix,
        Self::PrefixLengths,
        Self::Header,
        Self::RegexHead,
        Self::RegexOwn,
    ];
    /// Those that want to be none.
    pub const HOSTILE: [Self; 5] =
        [Self::RegexAny, Self::RegexClass, Self::HeaderPrefix, Self::HeaderSuffix, Self::OnePrefix];

    /// The route of that number.
    #[must_use]
    pub fn route(self, number: usize) -> Route {
        let (path, user) = self.conditions(number);
        let header = |pattern| HeaderMatch::new("x-user", HeaderCondition::Text(StringMatch::new(pattern)));
        let destination = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
        let split = vec![destination("outbound|80|v1|a", 80), destination("outbound|80|v2|a", 20)];
        Route {
            name: format!("route-{number}"),
            matches: RouteMatch { headers: user.map(header).into_iter().collect(), ..RouteMatch::path(path) },
            action: Action::Forward(Box::new(Forward::to(DestinationChoice::weighted(split)))),
            ..Route::default()
        }
    }

    fn conditions(self, number: usize) -> (PathMatch, Option<StringPattern>) {
        let text = |end: &str| format!("/api/v1/svc-{number:05}{end}");
        let any = || PathMatch::Prefix("/".into());
        match self {
            Self::Mixed => match number % 10 {
                0..=3 => (PathMatch::Prefix(text("/")), None),
                4..=6 => (PathMatch::Exact(text("/items")), None),
                7..=8 => (PathMatch::Prefix(text("/")), Some(StringPattern::Exact(user(number)))),
                _ => (PathMatch::Regex(text("/[a-z]+")), None),
            },
            Self::Exact => (PathMatch::Exact(text("/items")), None),
            Self::Prefix => (PathMatch::Prefix(text("/")), None),
            Self::PrefixLengths => {
                let cut = "/items".get(..number % 7).unwrap_or_default();
                (PathMatch::Prefix(text(cut)), None)
            }
            Self::Header => (any(), Some(StringPattern::Exact(user(number)))),
            Self::RegexHead => (PathMatch::Regex(text("/[a-z]+")), None),
            Self::RegexOwn => (PathMatch::Regex(text(&format!("/([a-z]+|{number}x[0-9]+)"))), None),
            Self::RegexAny => (PathMatch::Regex(format!(".*svc-{number:05}.*")), None),
            Self::RegexClass => (PathMatch::Regex(format!("/[a-z]+/v[0-9]/svc-{number:05}/.*")), None),
            Self::HeaderPrefix => (any(), Some(StringPattern::Prefix(user(number)))),
            Self::HeaderSuffix => (any(), Some(StringPattern::Suffix(user(number)))),
            Self::OnePrefix => {
                let pattern = format!("[a-z]+-{number:05}x?");
                (PathMatch::Prefix("/api/".into()), Some(StringPattern::Regex(pattern)))
            }
        }
    }
}

/// The user that the routes with a header condition want.
#[must_use]
pub fn user(number: usize) -> String {
    format!("user-{number:05}")
}

/// A virtual host of that name with so many routes.
#[must_use]
pub fn host(name: &str, kind: Kind, routes: usize) -> VirtualHost {
    let routes = (0..routes).map(|number| kind.route(number)).collect();
    VirtualHost { name: name.into(), domains: vec![name.into()], routes, ..VirtualHost::default() }
}

/// A configuration of these virtual hosts on every port.
#[must_use]
pub fn config(hosts: Vec<VirtualHost>) -> TableConfig {
    let config = RouteConfig {
        virtual_hosts: hosts.into_iter().map(Arc::new).collect(),
        ignore_port_in_host: true,
        ..RouteConfig::default()
    };
    TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() }
}

/// A table of one virtual host, [`HOST`], with so many routes.
#[must_use]
pub fn table(kind: Kind, routes: usize) -> RoutingTable {
    RoutingTable::build(config(vec![host(HOST, kind, routes)])).0
}

/// The host of tables with one.
pub const HOST: &str = "shop.example.com";
