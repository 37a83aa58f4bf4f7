//! The compiled table.

use std::collections::HashMap;
use std::sync::Arc;

use pointsman_types::{Diagnostic, Draws};

use crate::Request;
use crate::ir::{Cluster, Endpoint, TableConfig};
use crate::program::{Build, ClusterProgram, ListenerProgram, RouteConfigProgram, SAME_NAME};
use crate::request::port_start;
use crate::{Connection, ConnectionDecision};

/// Where requests go: compiled once, asked often.
///
/// Shape: cheap to clone (one reference count), `Send + Sync`.
///
/// ```
/// use std::sync::Arc;
/// use pointsman_route::ir::{
///     Action, ClusterName, DestinationChoice, Forward, PathMatch, Route, RouteConfig, RouteMatch, TableConfig,
///     VirtualHost, WeightedDestination,
/// };
/// use pointsman_route::{Draws, Request, RoutingTable, Scratch};
///
/// let to = |subset: &str| ClusterName::outbound(9080, subset, "reviews.default.svc.cluster.local");
/// let split = DestinationChoice::weighted(vec![
///     WeightedDestination::new(to("v1"), 80),
///     WeightedDestination::new(to("v2"), 20),
/// ]);
/// let route = Route {
///     name: "canary".into(),
///     matches: RouteMatch::path(PathMatch::Prefix("/reviews".into())),
///     action: Action::Forward(Box::new(Forward::to(split))),
///     ..Route::default()
/// };
/// let host = VirtualHost { domains: vec!["reviews".into()], routes: vec![route], ..VirtualHost::default() };
/// let routes = RouteConfig {
///     name: "9080".into(),
///     port: Some("9080".parse()?),
///     ignore_port_in_host: true,
///     virtual_hosts: vec![Arc::new(host)],
///     ..RouteConfig::default()
/// };
/// let config = TableConfig { routes: vec![Arc::new(routes)], ..TableConfig::default() };
///
/// let (table, findings) = RoutingTable::build(config);
/// assert!(findings.is_empty());
/// let mut scratch = Scratch::new();
/// let request = Request::get("reviews:9080", "/reviews/0");
/// let decision = table.select(&request, &Draws::default().with_route(80), &mut scratch);
/// assert_eq!((decision.route_name(), decision.subset()), ("canary", "v2"));
/// assert_eq!(decision.cluster(), Some("outbound|9080|v2|reviews.default.svc.cluster.local"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RoutingTable {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    config: TableConfig,
    configs: Vec<Arc<RouteConfigProgram>>,
    by_name: HashMap<String, u32>,
    // Sorted by port.
    by_port: Vec<(u16, u32)>,
    without_port: Option<u32>,
    clusters: Arc<HashMap<String, Arc<ClusterProgram>>>,
    listeners: HashMap<u16, Vec<Arc<ListenerProgram>>>,
}

impl RoutingTable {
    /// Compiles a configuration. What cannot work (a bad regular expression, a domain that stands twice) is a finding,
    /// and the rest works.
    ///
    /// Cost: O(routes · log routes), about 1 µs a route, some 40 µs for each different ending of a regular expression. Keeps
    /// about 200 bytes a route beside the configuration; of a regular expression at most 4 MiB.
    #[must_use]
    pub fn build(config: TableConfig) -> (Self, Vec<Diagnostic>) {
        Self::compile(config, None)
    }

    /// Compiles a configuration that shares parts with this one: route configurations, virtual hosts and clusters that
    /// are the same allocation as here are not compiled again. Findings are those of what was compiled.
    #[must_use]
    pub fn rebuild(&self, config: TableConfig) -> (Self, Vec<Diagnostic>) {
        let same = config.header_matching() == self.compiled.config.header_matching();
        Self::compile(config, same.then_some(&self.compiled))
    }

    fn compile(config: TableConfig, before: Option<&Arc<Compiled>>) -> (Self, Vec<Diagnostic>) {
        let mut build = Build::default();
        let mut compiled = Compiled {
            configs: Vec::with_capacity(config.routes.len()),
            by_name: HashMap::with_capacity(config.routes.len()),
            by_port: Vec::new(),
            without_port: None,
            clusters: Arc::default(),
            listeners: HashMap::new(),
            config,
        };
        compiled.add_routes(before, &mut build);
        compiled.add_clusters(before, &mut build);
        compiled.add_listeners();
        let mut findings = build.findings;
        Diagnostic::sort(&mut findings);
        (Self { compiled: Arc::new(compiled) }, findings)
    }

    /// What it was built from.
    #[must_use]
    pub fn config(&self) -> &TableConfig {
        &self.compiled.config
    }

    /// The cluster of that name.
    #[must_use]
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.compiled.clusters.get(name).map(|program| &*program.source)
    }

    /// The endpoint of a cluster that a hash chooses; try `attempt` 0 first, then 1, and so on. O(1).
    #[must_use]
    pub fn endpoint(&self, cluster: &str, hash: u64, attempt: u32) -> Option<&Endpoint> {
        let draws = Draws::all(hash);
        self.compiled.clusters.get(cluster)?.endpoint(Some(hash), &draws, attempt)
    }

    pub(crate) fn cluster_program(&self, name: &str) -> Option<&ClusterProgram> {
        self.compiled.clusters.get(name).map(|program| &**program)
    }

    /// The route configuration that a request is asked of, by the name its listener gives, else by name or port.
    pub(crate) fn route_config_of(
        &self,
        request: &Request<'_>,
        named: Option<&str>,
    ) -> Option<&RouteConfigProgram> {
        let compiled = &*self.compiled;
        let position = match named.or(request.route_config()) {
            Some(name) => compiled.by_name.get(name).copied(),
            None => compiled.of_port(request),
        };
        compiled.configs.get(position? as usize).map(|program| &**program)
    }

    pub(crate) fn listeners_of_port(&self, port: u16) -> &[Arc<ListenerProgram>] {
        self.compiled.listeners.get(&port).map(Vec::as_slice).unwrap_or_default()
    }

    /// The decision of the listener that a request arrives at, where the table has one for it.
    pub(crate) fn listener_decision(
        &self,
        request: &Request<'_>,
        draws: &Draws,
    ) -> Option<ConnectionDecision<'_>> {
        let connection = self.connection_of(request)?;
        Some(self.select_connection(&connection, draws)).filter(|decision| decision.listener().is_some())
    }

    /// The connection of a request, where the table has listeners for its port.
    pub(crate) fn connection_of<'r>(&self, request: &Request<'r>) -> Option<Connection<'r>> {
        if self.compiled.listeners.is_empty() || request.route_config().is_some() {
            return None;
        }
        let port = request.destination().map_or_else(|| request.port(), |address| address.port());
        self.compiled.listeners.get(&port)?;
        let mut connection = Connection::to_port(port).with_application_protocols(&["http/1.1", "h2", "h2c"]);
        connection.destination = request.destination().map(|address| address.ip());
        connection.source = request.source().map(|address| address.ip());
        if request.scheme() == b"https" {
            let authority = request.authority();
            let end = port_start(authority).unwrap_or(authority.len());
            let name = authority.get(..end).and_then(|name| std::str::from_utf8(name).ok());
            connection = connection.with_server_name(name.unwrap_or_default());
        }
        Some(connection)
    }
}

impl Compiled {
    fn of_port(&self, request: &Request<'_>) -> Option<u32> {
        if self.by_port.is_empty() {
            return self.without_port;
        }
        let port = request.port();
        let found = self.by_port.binary_search_by_key(&port, |(port, _)| *port).ok();
        found.and_then(|found| self.by_port.get(found)).map(|(_, number)| *number).or(self.without_port)
    }

    fn add_routes(&mut self, before: Option<&Arc<Self>>, build: &mut Build) {
        let matching = self.config.header_matching();
        for (number, source) in (0_u32..).zip(&self.config.routes) {
            let old = before.and_then(|before| {
                before.configs.get(*before.by_name.get(&source.name)? as usize).map(Arc::as_ref)
            });
            let same = before
                .into_iter()
                .flat_map(|before| before.configs.iter())
                .find(|old| Arc::ptr_eq(&old.source, source));
            self.configs.push(match same {
                Some(program) => Arc::clone(program),
                None => Arc::new(RouteConfigProgram::new(source, old, matching, build)),
            });
            if self.by_name.contains_key(&source.name) {
                build.error(
                    SAME_NAME,
                    format!("route configuration `{}` is there more than once", source.name),
                );
            }
            self.by_name.entry(source.name.clone()).or_insert(number);
            match source.port {
                Some(port) => self.by_port.push((port.value(), number)),
                None => {
                    self.without_port.get_or_insert(number);
                }
            }
        }
        // Of several with one port the first counts.
        self.by_port.sort_unstable();
        self.by_port.dedup_by_key(|(port, _)| *port);
    }

    fn add_listeners(&mut self) {
        for source in &self.config.listeners {
            let of_port = self.listeners.entry(source.port.value()).or_default();
            of_port.push(Arc::new(ListenerProgram::new(source)));
        }
    }

    fn add_clusters(&mut self, before: Option<&Arc<Self>>, build: &mut Build) {
        if let Some(before) = before.filter(|before| is_same(&before.config.clusters, &self.config.clusters))
        {
            self.clusters = Arc::clone(&before.clusters);
            return;
        }
        let mut clusters: HashMap<String, Arc<ClusterProgram>> =
            HashMap::with_capacity(self.config.clusters.len());
        for source in &self.config.clusters {
            let name = source.name.as_str();
            if clusters.contains_key(name) {
                build.error(SAME_NAME, format!("cluster `{name}` is there more than once"));
                continue;
            }
            let old = before.and_then(|before| before.clusters.get(name));
            let program = match old.filter(|old| Arc::ptr_eq(&old.source, source)) {
                Some(program) => Arc::clone(program),
                None => Arc::new(ClusterProgram::new(source)),
            };
            clusters.insert(name.to_owned(), program);
        }
        self.clusters = Arc::new(clusters);
    }
}

/// Whether both have the same allocations in the same order.
fn is_same(before: &[Arc<Cluster>], now: &[Arc<Cluster>]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(before, now)| Arc::ptr_eq(before, now))
}
