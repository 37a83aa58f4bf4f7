//! What changes between two tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ir::{
    Action, DestinationChoice, HeaderCondition, PathMatch, QueryCondition, RouteConfig, RouteMatch,
    StringPattern, TableConfig, TlsRequirement, VirtualHost,
};
use crate::{RoutingTable, Scratch};

use super::candidates::{host_of, requests_for};
use super::grid::{Grid, fresh_word};
use super::{ConnectionChange, Side, Witness, connections};

/// How many requests are asked of both tables for one host at most.
pub(super) const BUDGET: usize = 20_000;

/// Which requests two tables treat differently.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableDiff {
    /// Classes of requests that change, each with a witness: one for each pair of routes, before and after.
    pub changes: Vec<RouteChange>,
    /// Classes of connections that change before a request is read, each with a witness: one for each pair of filter chains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionChange>,
    /// Hosts of which not every class of requests could be looked at. What was looked at is among the changes.
    pub undecided: Vec<Undecided>,
}

/// A class of requests that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteChange {
    /// One of them.
    pub witness: Witness,
    /// What changes of it, in order.
    pub kinds: Vec<ChangeKind>,
    /// What happened to it.
    pub before: Side,
    /// What happens now.
    pub after: Side,
}

/// What changes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ChangeKind {
    /// It is answered by somebody else: sent on, redirected, refused, or to other clusters.
    Destination,
    /// The same destinations, but other shares.
    Share,
    /// The same destinations and shares, but otherwise treated: rewritten, retried, mirrored, delayed and so on.
    Treatment,
}

/// A host of which not every class of requests could be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// The route configuration.
    pub route_config: String,
    /// The host.
    pub host: String,
    /// Why.
    pub why: String,
}

impl RoutingTable {
    /// Which requests this table and a later one treat differently.
    ///
    /// Shape: changes by route configuration and host. Of texts that conditions on paths, methods, headers and query
    /// parameters want, regular expressions too, every combination that one request can meet is looked at, so that no change
    /// means none. A host is "undecided", and the change that was not seen may be there, where a condition is of another
    /// kind (a share of requests, gRPC, a range of numbers, metadata, a certificate, the authority), where no request was
    /// found for a combination, where expressions are too large together, or where there are more than 20,000 classes.
    ///
    /// Connections are compared by address and server name. Not looked at are requests that repeat a header,
    /// and paths without a slash at the beginning, such as that of `OPTIONS *`. A destination whose cluster goes is one that
    /// changes; endpoints and load balancing are not compared.
    ///
    /// Cost: O(classes × what [`select`](Self::select) takes) for each host that changes. Conditions that are neither exact
    /// nor prefixes become automata first, with all others on the same part of a request: at most 64 MiB and some 100 million
    /// steps for each part, beyond which the host is undecided.
    #[must_use]
    pub fn diff(&self, after: &Self) -> TableDiff {
        let mut diff = TableDiff::default();
        let names: BTreeSet<&str> = [self, after]
            .iter()
            .flat_map(|table| &table.config().routes)
            .map(|config| config.name.as_str())
            .collect();
        let clusters = changed_clusters(self.config(), after.config());
        for name in names {
            Pair::new(self, after, name, &clusters).compare(&mut diff);
        }
        connections::compare(self, after, &clusters, &mut diff);
        diff
    }
}

/// The clusters that only one of two tables has. A table without any says nothing about them.
fn changed_clusters(before: &TableConfig, after: &TableConfig) -> BTreeSet<String> {
    let names = |config: &TableConfig| -> BTreeSet<String> {
        config.clusters.iter().map(|cluster| cluster.name.as_str().to_owned()).collect()
    };
    if before.clusters.is_empty() && after.clusters.is_empty() {
        return BTreeSet::new();
    }
    names(before).symmetric_difference(&names(after)).cloned().collect()
}

/// The route configurations of one name.
struct Pair<'t> {
    before: &'t RoutingTable,
    after: &'t RoutingTable,
    name: &'t str,
    /// Clusters that only one of the tables has.
    clusters: &'t BTreeSet<String>,
    /// A word that neither has.
    fresh: String,
}

impl<'t> Pair<'t> {
    fn new(
        before: &'t RoutingTable,
        after: &'t RoutingTable,
        name: &'t str,
        clusters: &'t BTreeSet<String>,
    ) -> Self {
        let both = [config_of(before, name), config_of(after, name)];
        let fresh = fresh_word(both.into_iter().flatten().flat_map(|config| texts_of(config)));
        Self { before, after, name, clusters, fresh }
    }

    fn configs(&self) -> impl Iterator<Item = &'t Arc<RouteConfig>> + use<'t> {
        [self.before, self.after].into_iter().filter_map({
            let name = self.name;
            move |table| config_of(table, name)
        })
    }

    /// Why paths or headers are not looked at alike in both tables.
    fn reads_differently(&self) -> Option<&'static str> {
        let (before, after) = (self.before.config(), self.after.config());
        if before.path_normalization != after.path_normalization {
            return Some("paths are cleaned differently, and not every path that is cleaned is looked at");
        }
        (before.header_matching() != after.header_matching())
            .then_some("repeated headers are matched differently, and they are not looked at")
    }

    fn compare(&self, diff: &mut TableDiff) {
        let configs: Vec<&Arc<RouteConfig>> = self.configs().collect();
        let is_whole = configs.len() == 2 && configs.windows(2).all(same_around);
        let reads_alike = self.reads_differently().is_none();
        let is_same = matches!(configs.as_slice(), [old, new] if old == new);
        if is_same && reads_alike && self.clusters.is_empty() {
            return;
        }
        if let Some(header) = configs.iter().find_map(|config| config.virtual_host_header.as_ref()) {
            diff.undecided.push(self.undecided("*", format!("hosts are taken from the header `{header}`")));
        }
        let mut scratch = (Scratch::new(), Scratch::new());
        // Hosts of one virtual host on each side behave alike.
        let mut seen = BTreeSet::new();
        for host in self.hosts(&configs) {
            let probe = Witness::new(self.name, &host, "/");
            let (request, draws) = (probe.request(), probe.draws());
            let before = self.before.select(&request, &draws, &mut scratch.0).virtual_host();
            let after = self.after.select(&request, &draws, &mut scratch.1).virtual_host();
            let address = |host: Option<&VirtualHost>| host.map(std::ptr::from_ref);
            let sends_alike = before.is_some_and(|host| !self.sends_to_changed(host));
            let unchanged = before == after && is_whole && reads_alike && sends_alike;
            if !unchanged && seen.insert((address(before), address(after))) {
                let sides: Vec<&VirtualHost> = [before, after].into_iter().flatten().collect();
                self.compare_host(&host, &sides, diff);
            }
        }
    }

    /// A host for each pair of virtual hosts that some request may find.
    fn hosts(&self, configs: &[&Arc<RouteConfig>]) -> BTreeSet<String> {
        let all = configs.iter().flat_map(|config| config.virtual_hosts.iter());
        let domains: BTreeSet<String> =
            all.flat_map(|host| host.domains.iter()).map(|domain| domain.to_ascii_lowercase()).collect();
        let mut hosts: BTreeSet<String> = domains.iter().map(|domain| host_of(domain, &self.fresh)).collect();
        hosts.insert(format!("{}.invalid", self.fresh));
        // One host may have the begin of one domain and the end of another.
        let begins = domains.iter().filter_map(|domain| domain.strip_suffix('*')).filter(|b| !b.is_empty());
        for begin in begins {
            let ends = domains.iter().filter_map(|domain| domain.strip_prefix('*'));
            hosts.extend(ends.map(|end| format!("{begin}{}{end}", self.fresh)));
        }
        hosts
    }

    fn sends_to_changed(&self, host: &VirtualHost) -> bool {
        !self.clusters.is_empty()
            && host.routes.iter().any(|route| match &route.action {
                Action::Forward(forward) => match &forward.destination {
                    DestinationChoice::Cluster(cluster) => self.clusters.contains(cluster.as_str()),
                    DestinationChoice::ClusterHeader(_) => true,
                    DestinationChoice::Weighted { destinations, .. } => destinations.iter().any(|one| {
                        one.cluster_header.is_some() || self.clusters.contains(one.cluster.as_str())
                    }),
                },
                _ => false,
            })
    }

    fn undecided(&self, host: &str, why: impl Into<String>) -> Undecided {
        Undecided { route_config: self.name.to_owned(), host: host.to_owned(), why: why.into() }
    }

    fn compare_host(&self, host: &str, sides: &[&VirtualHost], diff: &mut TableDiff) {
        let matches: Vec<&RouteMatch> =
            sides.iter().flat_map(|side| &side.routes).map(|route| &route.matches).collect();
        let cleaning = [self.before, self.after].map(|table| table.config().path_normalization);
        let mut grid = Grid::of(&matches, &self.fresh, cleaning);
        for side in sides {
            match side.require_tls {
                TlsRequirement::None => {}
                TlsRequirement::All => grid.with_https(),
                TlsRequirement::ExternalOnly => {
                    grid.refuse("whether a request comes from outside cannot be enumerated".to_owned());
                }
            }
        }
        let authority = [host.to_owned()];
        let made = sides.iter().flat_map(|side| {
            side.routes.iter().flat_map(|route| requests_for(self.name, &authority, side, route))
        });
        let mut requests: Vec<Witness> = made.take(BUDGET).collect();
        if let Some(why) = grid.undecided(BUDGET) {
            diff.undecided.push(self.undecided(host, why));
        }
        if grid.len() <= BUDGET {
            requests.extend(grid.requests(self.name, host));
        }
        if let Some(why) = self.reads_differently() {
            diff.undecided.push(self.undecided(host, why));
            requests.extend(uncleaned(&requests));
        }
        let mut classes = BTreeMap::new();
        let mut scratch = (Scratch::new(), Scratch::new());
        for witness in &requests {
            let schemes = BTreeSet::from_iter(grid.schemes().chain([witness.scheme.as_str()]));
            for scheme in schemes {
                let witness = Witness { scheme: scheme.to_owned(), ..witness.clone() };
                if let Some(change) = self.change(witness, &mut scratch) {
                    classes.entry(class_of(&change)).or_insert(change);
                }
            }
        }
        diff.changes.extend(classes.into_values());
    }

    fn change(&self, witness: Witness, scratch: &mut (Scratch, Scratch)) -> Option<RouteChange> {
        let (request, draws) = (witness.request(), witness.draws());
        let before = Side::of(&self.before.select(&request, &draws, &mut scratch.0));
        let after = Side::of(&self.after.select(&request, &draws, &mut scratch.1));
        let mut kinds = Vec::new();
        if before.outcome != after.outcome || before.targets() != after.targets() {
            kinds.push(ChangeKind::Destination);
        } else if before.shares() != after.shares() {
            kinds.push(ChangeKind::Share);
        }
        if before.treatment != after.treatment {
            kinds.push(ChangeKind::Treatment);
        }
        (!kinds.is_empty()).then_some(RouteChange { witness, kinds, before, after })
    }
}

/// The routes before and after, with their virtual hosts, the scheme and what changes.
fn class_of(change: &RouteChange) -> impl Ord + use<> {
    let (before, after) = (&change.before, &change.after);
    (
        before.virtual_host.clone(),
        before.route,
        after.virtual_host.clone(),
        after.route,
        change.witness.scheme.clone(),
        change.kinds.clone(),
    )
}

fn config_of<'t>(table: &'t RoutingTable, name: &str) -> Option<&'t Arc<RouteConfig>> {
    table.config().routes.iter().find(|config| config.name == name)
}

/// The same requests with paths that are cleaned in one way or another.
fn uncleaned(requests: &[Witness]) -> Vec<Witness> {
    let with = |witness: &Witness, path: String| Witness { path, ..witness.clone() };
    let ways = |witness: &Witness| {
        let path = &witness.path;
        let escaped = path.trim_start_matches('/');
        [
            with(witness, format!("/{path}")),
            with(witness, format!("/./{escaped}")),
            with(witness, format!("/x/..{path}")),
            with(witness, format!("/%2f{escaped}")),
        ]
    };
    requests.iter().take(BUDGET / 4).flat_map(ways).collect()
}

/// All texts that domains and conditions have.
fn texts_of(config: &RouteConfig) -> impl Iterator<Item = &str> {
    config.virtual_hosts.iter().flat_map(|host| {
        let domains = host.domains.iter().map(String::as_str);
        domains.chain(host.routes.iter().flat_map(|route| texts_of_match(&route.matches)))
    })
}

fn texts_of_match(matches: &RouteMatch) -> impl Iterator<Item = &str> {
    let path = match &matches.path {
        PathMatch::Exact(text)
        | PathMatch::Prefix(text)
        | PathMatch::PathSeparatedPrefix(text)
        | PathMatch::Regex(text) => Some(text.as_str()),
        PathMatch::Connect | PathMatch::Missing => None,
    };
    let headers = matches.headers.iter().filter_map(|header| match &header.condition {
        HeaderCondition::Text(text) => Some(text_of(&text.pattern)),
        _ => None,
    });
    let query = matches.query.iter().filter_map(|query| match &query.condition {
        QueryCondition::Text(text) => Some(text_of(&text.pattern)),
        QueryCondition::Present(_) => None,
    });
    path.into_iter().chain(headers).chain(query)
}

fn text_of(pattern: &StringPattern) -> &str {
    match pattern {
        StringPattern::Exact(text)
        | StringPattern::Prefix(text)
        | StringPattern::Suffix(text)
        | StringPattern::Contains(text)
        | StringPattern::Regex(text) => text,
    }
}

/// Whether what holds for all virtual hosts is the same.
fn same_around(pair: &[&Arc<RouteConfig>]) -> bool {
    let bare = |config: &RouteConfig| RouteConfig { virtual_hosts: Vec::new(), ..config.clone() };
    matches!(pair, [old, new] if bare(old) == bare(new))
}

impl fmt::Display for RouteChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: before {}, after {}", self.witness, self.before, self.after)
    }
}

impl fmt::Display for TableDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes.iter().try_for_each(|change| writeln!(f, "{change}"))?;
        self.connections.iter().try_for_each(|change| writeln!(f, "{change}"))?;
        let line =
            |one: &Undecided| format!("undecided `{}` of `{}`: {}", one.host, one.route_config, one.why);
        self.undecided.iter().try_for_each(|one| writeln!(f, "{}", line(one)))
    }
}
