//! Why a request goes where it goes.

mod connection;
mod kept_out;
mod left_out;

use std::fmt;

use pointsman_types::Draws;
use serde::{Deserialize, Serialize};

use crate::describe::{describe_condition, describe_value};
use crate::ir::Origin;
use crate::program::{Condition, DomainKind, RouteConfigProgram};
use crate::{Decision, NoRoute, Outcome, Request, RoutingTable, Scratch};

pub use connection::{ChainStep, ConnectionTrace};
pub use left_out::LeftOut;

/// Every virtual host and route that was looked at for one request, in order, and why it did not match.
///
/// Shape: owned, serialisable; `Display` says it in words, a line a step. O(hosts + routes of the chosen host).
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_route::ir::{Action, ClusterName, PathMatch, Route, RouteConfig, RouteMatch, TableConfig, VirtualHost};
/// # use pointsman_route::{Draws, Request, RoutingTable};
/// # let route = |path: &str| Route {
/// #     name: path.trim_matches('/').into(),
/// #     matches: RouteMatch::path(PathMatch::Prefix(path.into())),
/// #     action: Action::to_cluster(ClusterName::outbound(80, "v1", "shop.default.svc.cluster.local")),
/// #     ..Route::default()
/// # };
/// # let host = VirtualHost {
/// #     name: "shop:80".into(), domains: vec!["shop".into()], routes: vec![route("/cart"), route("/")],
/// #     ..VirtualHost::default()
/// # };
/// # let routes = RouteConfig { name: "80".into(), virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
/// # let (table, _) = RoutingTable::build(TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() });
/// let trace = table.explain(&Request::get("shop", "/x"), &Draws::default());
/// assert_eq!(trace.to_string(), "\
/// GET shop/x
/// route configuration `80`
/// host `shop:80`: domain `shop` matches
///   route 0 `cart`: path `/x` does not begin with `/cart`
///   route 1: matches
/// to `outbound|80|v1|shop.default.svc.cluster.local`
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Method, authority and path as sent.
    pub request: String,
    /// The path as matched, where cleaning changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleaned_path: Option<String>,
    /// What the listener did with the connection, where the table has one for its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionTrace>,
    /// The name of the route configuration that was asked.
    pub route_config: Option<String>,
    /// Every virtual host of it; none where the path is refused, as nothing more is looked at.
    pub hosts: Vec<HostStep>,
    /// The routes of the chosen virtual host up to the one that matched.
    pub routes: Vec<RouteStep>,
    /// Rules and services for the host that the proxy is not told, where [`Mesh::explain`](crate::Mesh::explain) was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What happens in the end, in words.
    pub verdict: String,
    /// The cluster that the request is sent to.
    pub cluster: Option<String>,
    /// The status where the proxy answers by itself.
    pub status: Option<u16>,
}

/// One virtual host that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostStep {
    /// Name.
    pub name: String,
    /// The most specific of its domains that covers the request's host.
    pub domain: Option<String>,
    /// Whether it was chosen: of several that cover the host the most specific is.
    pub chosen: bool,
}

/// One route that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteStep {
    /// Position in the virtual host.
    pub index: usize,
    /// Name, may be empty.
    pub name: String,
    /// Where it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The first condition that failed; none for the route that matched.
    pub failed: Option<FailedCondition>,
}

/// A condition that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCondition {
    /// Which, such as `headers[0]`.
    pub condition: String,
    /// Why, in words.
    pub why: String,
}

impl RoutingTable {
    /// Why a request goes where [`select`](Self::select) says. Allocates.
    #[must_use]
    pub fn explain(&self, request: &Request<'_>, draws: &Draws) -> Trace {
        let mut scratch = Scratch::new();
        let decision = self.select(request, draws, &mut scratch);
        let config = decision.place.config;
        Trace {
            request: format!(
                "{} {}{}",
                describe_value(request.method()),
                describe_value(request.authority()),
                describe_value(request.path())
            ),
            cleaned_path: cleaned(request, &decision),
            connection: self
                .connection_of(request)
                .map(|connection| self.explain_connection(&connection, draws))
                .filter(|trace| trace.listener.is_some()),
            route_config: config.map(|config| config.source.name.clone()),
            hosts: config.map(|config| hosts(config, request, &decision)).unwrap_or_default(),
            routes: routes(&decision),
            left_out: Vec::new(),
            verdict: verdict(&decision),
            cluster: decision.cluster().map(ToOwned::to_owned),
            status: decision.status(),
        }
    }
}

fn cleaned(request: &Request<'_>, decision: &Decision<'_>) -> Option<String> {
    let path = decision.view.full_path;
    (path != request.path()).then(|| describe_value(path))
}

fn hosts(config: &RouteConfigProgram, request: &Request<'_>, decision: &Decision<'_>) -> Vec<HostStep> {
    // Envoy refuses such a path before it looks for a host.
    if decision.outcome() == Outcome::Refused(NoRoute::BadPath) {
        return Vec::new();
    }
    let host = config.host_of(request).unwrap_or_default().to_ascii_lowercase();
    let chosen = decision.virtual_host();
    let step = |candidate: &std::sync::Arc<crate::ir::VirtualHost>| {
        let covering = candidate.domains.iter().filter_map(|domain| Some((kind_of(domain, &host)?, domain)));
        let best = covering.min_by_key(|(kind, domain)| (*kind, std::cmp::Reverse(domain.len())));
        HostStep {
            name: candidate.name.clone(),
            domain: best.map(|(_, domain)| domain.clone()),
            chosen: chosen.is_some_and(|chosen| std::ptr::eq(chosen, &**candidate)),
        }
    };
    config.source.virtual_hosts.iter().map(step).collect()
}

/// How a domain covers a host in lower case, if it does.
fn kind_of(domain: &str, host: &[u8]) -> Option<DomainKind> {
    let domain = domain.to_ascii_lowercase();
    let domain = domain.as_bytes();
    let longer = host.len() >= domain.len();
    match (domain.split_first(), domain.split_last()) {
        (Some((b'*', [])), _) => Some(DomainKind::Any),
        (Some((b'*', rest)), _) => (longer && host.ends_with(rest)).then_some(DomainKind::Suffix),
        (_, Some((b'*', rest))) => (longer && host.starts_with(rest)).then_some(DomainKind::Prefix),
        _ => (domain == host).then_some(DomainKind::Exact),
    }
}

fn routes(decision: &Decision<'_>) -> Vec<RouteStep> {
    let Some(virtual_host) = decision.place.virtual_host else { return Vec::new() };
    if decision.outcome() == Outcome::TlsRedirect {
        return Vec::new();
    }
    let looked_at = decision.route_index().map_or(usize::MAX, |position| position.saturating_add(1));
    let all = virtual_host.source.routes.iter().zip(&virtual_host.routes);
    let step = |(index, (route, program)): (usize, (&crate::ir::Route, &crate::program::RouteProgram))| {
        let failed = program.first_failure(&decision.view).map(|condition: Condition| FailedCondition {
            condition: condition.to_string(),
            why: describe_condition(condition, route, &decision.view),
        });
        RouteStep { index, name: route.name.clone(), origin: route.origin.as_deref().cloned(), failed }
    };
    all.enumerate().take(looked_at).map(step).collect()
}

fn verdict(decision: &Decision<'_>) -> String {
    let redirected = || {
        let location = describe_value(&decision.location().unwrap_or_default());
        format!("redirected to `{location}` with {}", decision.status().unwrap_or(301))
    };
    match decision.outcome() {
        Outcome::Forward(_) | Outcome::Tcp(_) => format!("to `{}`", decision.cluster().unwrap_or_default()),
        Outcome::Redirect(_) => redirected(),
        Outcome::TlsRedirect => format!("{}: the virtual host demands TLS", redirected()),
        Outcome::DirectResponse(response) => format!("answered with {}", response.status),
        Outcome::Refused(NoRoute::Listener) => format!("closed: {}", NoRoute::Listener),
        Outcome::Refused(why) => {
            format!("answered with {}: {why}", decision.status().unwrap_or(404))
        }
    }
}

impl fmt::Display for NoRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listener => "the listener has no filter chain for the connection",
            Self::Config => "no route configuration has that port or name",
            Self::BadPath => "the path is refused",
            Self::VirtualHost => "no virtual host has that host",
            Self::Route => "no route of the virtual host takes the request",
            Self::Action => "the route has no action",
            Self::Destination => "the route has no destination for this request",
        })
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.request)?;
        if let Some(path) = &self.cleaned_path {
            writeln!(f, "path cleaned to `{path}`")?;
        }
        if let Some(connection) = &self.connection {
            write!(f, "{connection}")?;
        }
        if let Some(config) = &self.route_config {
            writeln!(f, "route configuration `{config}`")?;
        }
        self.hosts.iter().try_for_each(|host| writeln!(f, "{host}"))?;
        self.routes.iter().try_for_each(|route| writeln!(f, "  {route}"))?;
        self.left_out.iter().try_for_each(|rule| writeln!(f, "  {rule}"))?;
        // Where the listener decides alone, it has said so.
        if self.connection.is_some() && self.route_config.is_none() {
            return Ok(());
        }
        writeln!(f, "{}", self.verdict)
    }
}

impl fmt::Display for HostStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host `{}`: ", self.name)?;
        match &self.domain {
            Some(domain) if self.chosen => write!(f, "domain `{domain}` matches"),
            Some(domain) => {
                write!(f, "domain `{domain}` matches, but another is more specific or stands first")
            }
            None => f.write_str("no domain matches"),
        }
    }
}

impl fmt::Display for RouteStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "route {}", self.index)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name)?;
        }
        if let Some(origin) = &self.origin {
            write!(f, " ({} {})", origin.object, origin.path)?;
        }
        match &self.failed {
            Some(failed) => write!(f, ": {}", failed.why),
            None => f.write_str(": matches"),
        }
    }
}
