//! What decided a request: read off the route that took it and off what was done to it.

use pointsman_route::ir::{
    DestinationChoice, HashSource, HeaderCondition, HostRewrite, LoadBalancing, PathMatch, QueryCondition,
    RouteMatch, StringMatch, StringPattern, TlsRequirement,
};
use pointsman_route::{CrossOrigin, Decision, NoRoute, Outcome, Request, RoutingTable};

use super::ask::{is_sent_on, is_silence_noticed};
use super::{AskedRequest, Manner};

/// Names of what decided.
struct Decided(Vec<&'static str>);

impl Decided {
    fn when(&mut self, holds: bool, name: &'static str) {
        if holds && !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

/// What decided a request. Each name counts requests that took a route with such a condition, or to which such a thing was
/// done.
pub(super) fn of_decision(
    table: &RoutingTable,
    decision: &Decision<'_>,
    view: &Request<'_>,
    request: &AskedRequest,
) -> Vec<&'static str> {
    let mut decided = Decided(Vec::new());
    host(&mut decided, decision, request);
    decided.when(decision.outcome() == Outcome::TlsRedirect, "redirects to TLS");
    let is_bad_path = matches!(decision.outcome(), Outcome::Refused(NoRoute::BadPath));
    decided.when(is_bad_path && !request.path.is_ascii(), "paths beyond ASCII");
    let Some(route) = decision.route() else { return decided.0 };
    conditions(&mut decided, &route.matches, request);
    let is_kept = matches!(decision.outcome(), Outcome::Forward(forward) if forward.path_rewrite.is_none());
    decided.when(is_kept && *decision.path() != *request.path, "normalised paths");
    let faults = decision.faults();
    decided.when(faults.delay.is_some(), "delays");
    decided.when(faults.abort.is_some(), "aborts");
    if faults.abort.is_some() {
        return decided.0;
    }
    match decision.cross_origin() {
        Some(CrossOrigin::Preflight(_)) => {
            decided.when(true, "CORS preflights");
            return decided.0;
        }
        Some(_) => decided.when(true, "CORS answers"),
        None => {}
    }
    match decision.outcome() {
        Outcome::Redirect(_) => decided.when(true, "redirects"),
        Outcome::DirectResponse(_) => decided.when(true, "direct responses"),
        Outcome::Forward(_) => forward(&mut decided, table, decision, view, request),
        _ => {}
    }
    decided.0
}

fn host(decided: &mut Decided, decision: &Decision<'_>, request: &AskedRequest) {
    let Some(host) = decision.virtual_host() else { return };
    let is_any = host.domains.iter().any(|domain| domain == "*");
    let name = request.authority.to_ascii_lowercase();
    let (bare, port) = name.rsplit_once(':').unwrap_or((&name, ""));
    let has_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let asked = if has_port { bare } else { &name };
    let exact = host.domains.iter().any(|domain| domain.eq_ignore_ascii_case(asked));
    decided.when(!is_any && has_port && exact, "ports in hosts");
    decided.when(exact && request.authority != name, "upper case hosts");
    decided.when(!exact && !is_any, "wildcard hosts");
    decided.when(host.require_tls != TlsRequirement::None, "hosts that demand TLS");
}

fn conditions(decided: &mut Decided, matches: &RouteMatch, request: &AskedRequest) {
    let is_open = matches!(&matches.path, PathMatch::Prefix(prefix) if prefix.len() < 2);
    decided.when(matches!(matches.path, PathMatch::Exact(_)), "exact paths");
    decided.when(matches!(matches.path, PathMatch::Prefix(_)) && !is_open, "path prefixes");
    decided.when(matches!(matches.path, PathMatch::PathSeparatedPrefix(_)), "separated path prefixes");
    decided.when(matches!(matches.path, PathMatch::Regex(_)), "path regexes");
    decided.when(!matches.case_sensitive && !is_open, "paths without case");
    let is_exotic = |bytes: &[u8]| !bytes.is_ascii();
    decided.when(matches.fraction.is_some(), "route fractions");
    decided.when(matches.grpc_only, "gRPC conditions");
    for header in &matches.headers {
        if header.name.starts_with(':') {
            decided.when(true, "method, authority and scheme conditions");
            continue;
        }
        decided.when(true, "header conditions");
        decided.when(header.invert, "inverted header conditions");
        decided.when(matches!(header.condition, HeaderCondition::Range { .. }), "header ranges");
        decided.when(matches!(header.condition, HeaderCondition::Present(_)), "header presence");
        decided.when(is_regex(&header.condition), "header regexes");
        let values: Vec<_> = request.values(&header.name).collect();
        decided.when(values.len() > 1, "repeated headers");
        decided.when(values.iter().any(|value| value.is_empty()), "empty headers");
        decided.when(values.iter().any(|value| is_exotic(value)), "headers beyond ASCII");
    }
    let query = request.path.splitn(2, |byte| *byte == b'?').nth(1).unwrap_or_default();
    for parameter in &matches.query {
        decided.when(true, "query conditions");
        decided.when(matches!(parameter.condition, QueryCondition::Present(_)), "query presence");
        let values: Vec<&[u8]> = query
            .split(|byte| *byte == b'&')
            .filter_map(|pair| pair.strip_prefix(parameter.name.as_bytes()))
            .filter(|rest| rest.is_empty() || rest.starts_with(b"="))
            .collect();
        decided.when(values.len() > 1, "repeated query parameters");
        decided.when(values.iter().any(|value| value.len() < 2), "empty query parameters");
        decided.when(values.iter().any(|value| value.contains(&b'%')), "encoded query parameters");
    }
}

fn is_regex(condition: &HeaderCondition) -> bool {
    let HeaderCondition::Text(StringMatch { pattern, .. }) = condition else { return false };
    matches!(pattern, StringPattern::Regex(_))
}

fn forward(
    decided: &mut Decided,
    table: &RoutingTable,
    decision: &Decision<'_>,
    view: &Request<'_>,
    request: &AskedRequest,
) {
    let Outcome::Forward(forward) = decision.outcome() else { return };
    match &forward.destination {
        DestinationChoice::Cluster(_) => {}
        DestinationChoice::ClusterHeader(_) => decided.when(true, "clusters named by a header"),
        DestinationChoice::Weighted { destinations, use_hash_policy, .. } => {
            decided.when(destinations.len() > 1, "weighted destinations");
            decided.when(destinations.iter().any(|one| one.weight == 0), "weights of zero");
            decided.when(*use_hash_policy, "weights by hash");
        }
    }
    decided.when(decision.status().is_some(), "missing clusters");
    if !is_sent_on(decision) {
        decided.when(decision.status().is_none(), "clusters without endpoints");
        return;
    }
    decided.when(*decision.path() != *request.path && !forward.path_rewrite.is_none(), "path rewrites");
    decided.when(*decision.authority() != *view.authority(), "host rewrites");
    decided.when(matches!(forward.host_rewrite, HostRewrite::Header(_)), "host rewrites by header");
    let levels = decision.header_ops().count();
    decided.when(levels > 0, "header operations");
    decided.when(levels > 1, "header operations at two levels");
    let of_destination = decision.destination().is_some_and(|one| !one.headers.is_empty());
    let of_route = decision.route().is_some_and(|route| !route.headers.is_empty());
    decided.when(of_destination && of_route, "header operations of destination and route");
    decided.when(decision.mirrors().next().is_some(), "mirrors");
    decided.when(request.is_upgrade(), "WebSocket upgrades");
    hash(decided, table, decision, &forward.hash.iter().map(|one| &one.source).collect::<Vec<_>>());
    match request.endpoint {
        Manner::Answers => {}
        Manner::IsSilent => decided.when(is_silence_noticed(decision), "timeouts"),
        Manner::Fails(_) => {
            decided.when(true, "failing endpoints");
            decided.when(decision.retry().is_some(), "retries allowed to failing endpoints");
        }
    }
}

fn hash(decided: &mut Decided, table: &RoutingTable, decision: &Decision<'_>, sources: &[&HashSource]) {
    let Some(cluster) = decision.cluster().and_then(|name| table.cluster(name)) else { return };
    if decision.hash().is_none() || cluster.endpoints.len() < 2 {
        return;
    }
    match cluster.balancing {
        LoadBalancing::RingHash { .. } => decided.when(true, "endpoints by ring hash"),
        LoadBalancing::Maglev { .. } => decided.when(true, "endpoints by Maglev"),
        _ => return,
    }
    for source in sources {
        let name = match source {
            HashSource::Header { .. } => "hashes of headers",
            HashSource::Cookie { .. } => "hashes of cookies",
            HashSource::SourceIp => "hashes of source addresses",
            HashSource::QueryParameter(_) => "hashes of query parameters",
        };
        decided.when(true, name);
    }
}
