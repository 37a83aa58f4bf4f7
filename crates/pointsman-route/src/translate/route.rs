//! Routes of a VirtualService as a proxy is told them.

use pointsman_api::istio::networking::{
    Destination, HTTPMatchRequest, HTTPRetry, HTTPRewrite, HTTPRoute, HTTPRouteDestination,
};
use pointsman_types::Profile;
use std::time::Duration;

use super::{Semantics, action, header_changes, matches, policies};
use crate::ir::{
    Action, ClusterName, DestinationChoice, ExternalProcessor, Forward, HashPolicy, HeaderOp, HostRewrite,
    MaxStreamDuration, Mirror, Origin, PathMatch, PathRewrite, RegexRewrite, Route, RouteDetails, RouteMatch,
    WeightedDestination,
};
use crate::proxy::Proxy;
use crate::service::{MeshService, Protocol};
use crate::settings::MeshSettings;

/// For which proxy, port and gateways routes are made, and what is known about destinations.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RouteScope<'a> {
    /// The proxy.
    pub proxy: &'a Proxy,
    /// The port of its listener.
    pub port: u16,
    /// The gateways in force, by full name; `mesh` for sidecars.
    pub gateways: &'a [&'a str],
    /// In which API the routes were written.
    pub semantics: Semantics,
    /// Whether the listener ends TLS.
    pub is_tls: bool,
    /// Whether clients are told that HTTP/3 is spoken on that port too.
    pub offers_http3: bool,
    /// What to be faithful to.
    pub profile: Profile,
    /// Retries of routes that say nothing of them; none: Istio's own.
    pub default_retry: Option<&'a HTTPRetry>,
    /// The service of a host.
    pub service: &'a dyn Fn(&str) -> Option<&'a MeshService>,
    /// What is hashed for a destination; `None` where its endpoints are not chosen by hash.
    pub hash: &'a dyn Fn(&Destination) -> Option<Vec<HashPolicy>>,
    /// Whether the authority that a rewrite replaces is told in `x-forwarded-host`.
    pub forwards_host: bool,
    /// The service that chooses the endpoint of an inference pool, by the name of the route that leads there.
    pub processor: &'a dyn Fn(&str) -> Option<ExternalProcessor>,
    /// Where a route and its condition were written.
    pub origin: &'a dyn Fn(RoutePlace) -> Option<Origin>,
}

impl std::fmt::Debug for RouteScope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteScope")
            .field("port", &self.port)
            .field("gateways", &self.gateways)
            .finish_non_exhaustive()
    }
}

/// The position of a route among the routes, and of a condition among its conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoutePlace {
    /// Position of the route.
    pub route: usize,
    /// Position of the condition; `None` where there is none.
    pub condition: Option<usize>,
}

impl<'a> RouteScope<'a> {
    /// For a proxy and a port, with nothing known about destinations.
    #[must_use]
    pub fn new(proxy: &'a Proxy, port: u16, gateways: &'a [&'a str]) -> Self {
        Self {
            proxy,
            port,
            gateways,
            semantics: Semantics::VirtualService,
            is_tls: false,
            offers_http3: false,
            profile: Profile::MEASURED,
            default_retry: None,
            service: &|_| None,
            hash: &|_| None,
            forwards_host: false,
            processor: &|_| None,
            origin: &|_| None,
        }
    }

    /// With the routes written in that API.
    #[must_use]
    pub const fn with_semantics(mut self, semantics: Semantics) -> Self {
        self.semantics = semantics;
        self
    }

    /// With TLS ended by the listener.
    #[must_use]
    pub const fn with_tls(mut self) -> Self {
        self.is_tls = true;
        self
    }

    /// With what the settings of the mesh say.
    #[must_use]
    pub const fn with_settings(mut self, settings: &'a MeshSettings) -> Self {
        self.default_retry = settings.default_retry.as_ref();
        self.forwards_host = settings.forwards_host;
        self
    }

    /// With processors of inference pools known.
    #[must_use]
    pub fn with_processors(mut self, processor: &'a dyn Fn(&str) -> Option<ExternalProcessor>) -> Self {
        self.processor = processor;
        self
    }

    /// With clients told that HTTP/3 is spoken on that port too.
    #[must_use]
    pub const fn with_http3_offered(mut self) -> Self {
        self.offers_http3 = true;
        self
    }

    /// With services known.
    #[must_use]
    pub fn with_services(mut self, service: &'a dyn Fn(&str) -> Option<&'a MeshService>) -> Self {
        self.service = service;
        self
    }

    /// With consistent hashing known.
    #[must_use]
    pub fn with_hashes(mut self, hash: &'a dyn Fn(&Destination) -> Option<Vec<HashPolicy>>) -> Self {
        self.hash = hash;
        self
    }
}

/// The routes, in order: one for each condition that counts for the proxy and port. Whatever comes behind one that takes
/// every request is left out.
#[must_use]
pub fn routes(http: &[HTTPRoute], scope: &RouteScope<'_>) -> Vec<Route> {
    let mut made = Vec::with_capacity(http.len());
    for (position, rule) in http.iter().enumerate() {
        if rule.r#match.is_empty() {
            made.push(route(rule, None, RoutePlace { route: position, condition: None }, scope));
            break;
        }
        for (place, condition) in rule.r#match.iter().enumerate() {
            if !applies(condition, scope) {
                continue;
            }
            let place = RoutePlace { route: position, condition: Some(place) };
            let new = route(rule, Some(condition), place, scope);
            let is_last = new.matches.is_catch_all();
            made.push(new);
            if is_last {
                return made;
            }
        }
    }
    made
}

/// The route of requests that come in, all to the workload itself: without any limit of time, and tried again only where
/// nothing can have happened yet. gRPC is never tried again.
#[must_use]
pub fn inbound_route(
    cluster: ClusterName,
    operation: &str,
    protocol: Protocol,
    retry: Option<&HTTPRetry>,
) -> Route {
    let mut forward = Forward::to(DestinationChoice::Cluster(cluster));
    let none = Some(Duration::ZERO);
    forward.max_stream_duration = Some(MaxStreamDuration { any: none, grpc_timeout_max: none });
    if !matches!(protocol, Protocol::Grpc | Protocol::GrpcWeb) {
        forward.retry = policies::inbound_retry(retry);
    }
    let details = RouteDetails { operation: operation.to_owned(), ..RouteDetails::default() };
    Route {
        name: "default".to_owned(),
        action: Action::Forward(Box::new(forward)),
        details: Some(Box::new(details)),
        ..Route::default()
    }
}

/// Puts the routes that take every request behind all others, so that they hide none; otherwise the order stays.
///
/// A gateway does so where several VirtualServices have one host.
pub fn catch_all_last(routes: &mut [Route]) {
    routes.sort_by_key(|route| route.matches.is_catch_all());
}

/// Whether there is any route at all for the proxy and port.
#[must_use]
pub fn has_routes(http: &[HTTPRoute], scope: &RouteScope<'_>) -> bool {
    http.iter()
        .any(|rule| rule.r#match.is_empty() || rule.r#match.iter().any(|condition| applies(condition, scope)))
}

fn applies(condition: &HTTPMatchRequest, scope: &RouteScope<'_>) -> bool {
    (condition.port == 0 || condition.port == u32::from(scope.port))
        && matches::applies_to_source(condition, &scope.proxy.labels, &scope.proxy.namespace, scope.gateways)
}

fn route(
    rule: &HTTPRoute,
    condition: Option<&HTTPMatchRequest>,
    place: RoutePlace,
    scope: &RouteScope<'_>,
) -> Route {
    let mut name = rule.name.clone();
    if let Some(condition) = condition.filter(|condition| !condition.name.is_empty()) {
        name.push('.');
        name.push_str(&condition.name);
    }
    let changes = rule.headers.as_ref().map(header_changes).unwrap_or_default();
    let mut made = Route {
        name,
        matches: matches::route_match(condition, scope.semantics),
        headers: changes.ops,
        fault: rule.fault.as_ref().map(policies::fault).map(Box::new),
        cors: rule.cors_policy.as_ref().map(policies::cors).map(Box::new),
        origin: (scope.origin)(place).map(Box::new),
        details: details(rule, condition, scope).map(Box::new),
        ..Route::default()
    };
    if let Some(wanted) = &rule.redirect {
        let redirect = action::redirect(wanted, scope.port, scope.is_tls);
        made.action = redirect.map_or(Action::None, |redirect| Action::Redirect(Box::new(redirect)));
    } else if let Some(wanted) = &rule.direct_response {
        made.action = Action::DirectResponse(Box::new(action::direct_response(wanted)));
    } else {
        forward(rule, changes.authority, scope, &mut made);
    }
    if scope.offers_http3 {
        let value = format!("h3=\":{}\"; ma=86400", scope.port);
        made.headers.response.push(HeaderOp::add("alt-svc", value));
    }
    made
}

fn details(
    rule: &HTTPRoute,
    condition: Option<&HTTPMatchRequest>,
    scope: &RouteScope<'_>,
) -> Option<RouteDetails> {
    // The control plane sets the filters of a fault or a cross-origin policy in place of the processor.
    let has_other_filters = rule.fault.is_some() || rule.cors_policy.is_some();
    let details = RouteDetails {
        stat_prefix: condition.map(|condition| condition.stat_prefix.clone()).unwrap_or_default(),
        processor: if has_other_filters { None } else { (scope.processor)(&rule.name) },
        ..RouteDetails::default()
    };
    (details != RouteDetails::default()).then_some(details)
}

fn forward(rule: &HTTPRoute, authority: Option<String>, scope: &RouteScope<'_>, made: &mut Route) {
    let mut forward = Forward::to(DestinationChoice::weighted(Vec::new()));
    if let Some(timeout) = rule.timeout {
        forward.timeout = Some(timeout.to_std().unwrap_or_default());
    }
    forward.max_grpc_timeout = forward.timeout.or(Some(Duration::ZERO));
    forward.cluster_not_found_status = (scope.semantics == Semantics::Gateway).then_some(500);
    forward.mirrors = mirrors(rule, scope);
    let rewrite = rule.rewrite.as_ref();
    forward.append_forwarded_host = rewrite.is_some() && scope.forwards_host;
    forward.path_rewrite =
        rewrite.map(|rewrite| path_rewrite(rewrite, &made.matches, scope)).unwrap_or_default();
    let rewritten = rewrite.map(|rewrite| &rewrite.authority).filter(|authority| !authority.is_empty());
    if let Some(authority) = rewritten.cloned().or(authority) {
        forward.host_rewrite = HostRewrite::Literal(authority);
    }
    // Only a single destination is known to be chosen by hash.
    let mut is_hashed = false;
    if let [only] = rule.route.as_slice() {
        is_hashed = to_one(only, scope, &mut forward, made);
    } else {
        let shares = rule.route.iter().filter(|share| share.weight > 0);
        let weighted = shares.map(|share| weighted(share, scope, &mut forward.hash)).collect();
        forward.destination = DestinationChoice::weighted(weighted);
    }
    forward.retry = policies::retry(rule.retries.as_ref().or(scope.default_retry), is_hashed, scope.profile);
    made.action = Action::Forward(Box::new(forward));
}

fn path_rewrite(wanted: &HTTPRewrite, matched: &RouteMatch, scope: &RouteScope<'_>) -> PathRewrite {
    if let Some(regex) = &wanted.uri_regex_rewrite {
        let (pattern, substitution) = (regex.r#match.clone(), regex.rewrite.clone());
        return PathRewrite::Regex(RegexRewrite { pattern, substitution });
    }
    if wanted.uri.is_empty() {
        return PathRewrite::None;
    }
    if scope.semantics == Semantics::Gateway && wanted.uri == "/" {
        // The prefix goes, and exactly one slash stays.
        let prefix = match &matched.path {
            PathMatch::PathSeparatedPrefix(prefix) => quoted(prefix),
            _ => String::new(),
        };
        return PathRewrite::Regex(RegexRewrite {
            pattern: format!("^{prefix}(/?)(.*)"),
            substitution: "/\\2".to_owned(),
        });
    }
    PathRewrite::Prefix(wanted.uri.clone())
}

/// A text as a regular expression that matches only it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

fn mirrors(rule: &HTTPRoute, scope: &RouteScope<'_>) -> Vec<Mirror> {
    let one = rule.mirror.as_ref().and_then(|to| Some((to, policies::mirror_fraction(rule)?)));
    let several = rule
        .mirrors
        .iter()
        .filter_map(|mirror| Some((mirror.destination.as_ref()?, policies::mirror_policy_fraction(mirror)?)));
    one.into_iter()
        .chain(several)
        .map(|(to, fraction)| Mirror::to(cluster_of(to, scope)).with_fraction(fraction))
        .collect()
}

/// Answers whether the destination is chosen by hash.
fn to_one(
    share: &HTTPRouteDestination,
    scope: &RouteScope<'_>,
    forward: &mut Forward,
    made: &mut Route,
) -> bool {
    let destination = share.destination.clone().unwrap_or_default();
    forward.destination = DestinationChoice::Cluster(cluster_of(&destination, scope));
    let hash = (scope.hash)(&destination);
    let is_hashed = hash.is_some();
    forward.hash = hash.unwrap_or_default();
    if let Some(headers) = &share.headers {
        let changes = header_changes(headers);
        made.headers.append(changes.ops);
        if let (HostRewrite::None, Some(authority)) = (&forward.host_rewrite, changes.authority) {
            forward.host_rewrite = HostRewrite::Literal(authority);
        }
    }
    is_hashed
}

fn weighted(
    share: &HTTPRouteDestination,
    scope: &RouteScope<'_>,
    hash: &mut Vec<HashPolicy>,
) -> WeightedDestination {
    let destination = share.destination.clone().unwrap_or_default();
    hash.extend((scope.hash)(&destination).unwrap_or_default());
    let weight = u32::try_from(share.weight).unwrap_or_default();
    let mut made = WeightedDestination::new(cluster_of(&destination, scope), weight);
    if let Some(headers) = &share.headers {
        let changes = header_changes(headers);
        made.headers = changes.ops;
        made.host_rewrite = changes.authority;
    }
    made
}

/// The cluster of a destination: its port, else the only port of its service, else the port of the listener.
#[must_use]
pub fn cluster_of(destination: &Destination, scope: &RouteScope<'_>) -> ClusterName {
    if destination.host.is_empty() {
        return ClusterName::new("UnknownService");
    }
    let service = (scope.service)(&destination.host);
    let host = service.and_then(|service| service.alias_of.as_deref()).unwrap_or(&destination.host);
    let port = match (&destination.port, service.map(|service| service.ports.as_slice())) {
        (Some(port), _) => u16::try_from(port.number).unwrap_or_default(),
        (None, Some([only])) => only.number,
        _ => scope.port,
    };
    ClusterName::outbound(port, &destination.subset, host)
}
