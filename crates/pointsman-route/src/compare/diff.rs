//! What changes between two tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ir::{
    HeaderCondition, PathMatch, QueryCondition, RouteConfig, RouteMatch, StringPattern, TlsRequirement,
    VirtualHost,
};
use crate::{RoutingTable, Scratch};

use super::candidates::{FRESH, host_of, paths_of, requests_for};
use super::{Side, Witness};

/// How many requests are asked of both tables for one host at most.
const BUDGET: usize = 20_000;

/// Which requests two tables treat differently.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableDiff {
    /// Classes of requests that change, each with a witness: one for each pair of routes, before and after.
    pub changes: Vec<RouteChange>,
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
    /// Shape: changes by route configuration and host. Where conditions on paths, headers and query parameters are exact
    /// or prefixes every class of requests is looked at, so that no change means none; other conditions, or more than
    /// 20,000 classes for one host, make the host "undecided", and only requests made from the routes themselves are
    /// looked at. Requests that repeat a header are not looked at. Virtual hosts that are the same allocation in both cost nothing.
    #[must_use]
    pub fn diff(&self, after: &Self) -> TableDiff {
        let mut diff = TableDiff::default();
        let names: BTreeSet<&str> = [self, after]
            .iter()
            .flat_map(|table| &table.config().routes)
            .map(|config| config.name.as_str())
            .collect();
        for name in names {
            Pair { before: self, after, name }.compare(&mut diff);
        }
        diff
    }
}

struct Pair<'t> {
    before: &'t RoutingTable,
    after: &'t RoutingTable,
    name: &'t str,
}

impl Pair<'_> {
    fn compare(&self, diff: &mut TableDiff) {
        let of = |table: &RoutingTable| {
            table.config().routes.iter().find(|config| config.name == self.name).cloned()
        };
        let (old, new) = (of(self.before), of(self.after));
        if let (Some(old), Some(new)) = (&old, &new)
            && old == new
            && self.before.config().path_normalization == self.after.config().path_normalization
            && self.before.config().header_matching() == self.after.config().header_matching()
        {
            return;
        }
        let configs: Vec<_> = [&old, &new].into_iter().flatten().collect();
        let domains: BTreeSet<String> = configs
            .iter()
            .flat_map(|config| config.virtual_hosts.iter())
            .flat_map(|host| host.domains.iter())
            .map(|domain| domain.to_ascii_lowercase())
            .collect();
        let mut hosts: BTreeSet<String> = domains.iter().map(|domain| host_of(domain)).collect();
        hosts.insert(format!("{FRESH}.invalid"));
        let mut scratch = (Scratch::new(), Scratch::new());
        // Hosts of one virtual host on each side behave alike.
        let mut seen = BTreeSet::new();
        for host in hosts {
            let probe = Witness::new(self.name, &host, "/");
            let (request, draws) = (probe.request(), probe.draws());
            let before = self.before.select(&request, &draws, &mut scratch.0).virtual_host();
            let after = self.after.select(&request, &draws, &mut scratch.1).virtual_host();
            let address = |host: Option<&VirtualHost>| host.map(std::ptr::from_ref);
            let whole = configs.windows(2).all(same_around);
            let unchanged = before.is_some() && before == after && whole;
            if !unchanged && seen.insert((address(before), address(after))) {
                let routes: Vec<&VirtualHost> = [before, after].into_iter().flatten().collect();
                self.compare_host(&host, &routes, diff);
            }
        }
    }

    fn compare_host(&self, host: &str, sides: &[&VirtualHost], diff: &mut TableDiff) {
        let matches: Vec<&RouteMatch> =
            sides.iter().flat_map(|side| &side.routes).map(|route| &route.matches).collect();
        let grid = Grid::of(&matches);
        let mut requests: Vec<Witness> = sides
            .iter()
            .flat_map(|side| side.routes.iter().flat_map(|route| requests_for(self.name, side, route)))
            .map(|witness| Witness { authority: host.to_owned(), ..witness })
            .take(BUDGET)
            .collect();
        match grid.undecided() {
            Some(why) => diff.undecided.push(Undecided {
                route_config: self.name.to_owned(),
                host: host.to_owned(),
                why,
            }),
            None => requests.extend(grid.requests(self.name, host)),
        }
        let secure = sides.iter().any(|side| side.require_tls != TlsRequirement::None);
        let mut classes: BTreeMap<(Option<usize>, Option<usize>, String), RouteChange> = BTreeMap::new();
        let mut scratch = (Scratch::new(), Scratch::new());
        for witness in &requests {
            let schemes: &[&str] = if secure { &["http", "https"] } else { &["http"] };
            for scheme in schemes {
                let witness = Witness { scheme: (*scheme).to_owned(), ..witness.clone() };
                if let Some(change) = self.change(witness, &mut scratch) {
                    let key = (change.before.route, change.after.route, (*scheme).to_owned());
                    classes.entry(key).or_insert(change);
                }
            }
        }
        diff.changes.extend(classes.into_values());
    }

    fn change(&self, witness: Witness, scratch: &mut (Scratch, Scratch)) -> Option<RouteChange> {
        let (request, draws) = (witness.request(), witness.draws());
        let before = Side::of(&self.before.select(&request, &draws, &mut scratch.0));
        let after = Side::of(&self.after.select(&request, &draws, &mut scratch.1));
        let names = |side: &Side| side.destinations.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let mut kinds = Vec::new();
        if before.outcome != after.outcome || names(&before) != names(&after) {
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

/// Whether what holds for all virtual hosts is the same.
fn same_around(pair: &[&std::sync::Arc<RouteConfig>]) -> bool {
    let bare = |config: &RouteConfig| RouteConfig { virtual_hosts: Vec::new(), ..config.clone() };
    matches!(pair, [old, new] if bare(old) == bare(new))
}

/// Representatives of every class of requests that some conditions can tell apart.
#[derive(Debug, Default)]
struct Grid {
    paths: BTreeSet<String>,
    headers: BTreeMap<String, BTreeSet<Option<String>>>,
    parameters: BTreeMap<String, BTreeSet<Option<String>>>,
    methods: BTreeSet<String>,
    why_not: Option<String>,
}

impl Grid {
    fn of(matches: &[&RouteMatch]) -> Self {
        let mut grid = Self::default();
        grid.paths.insert(format!("/{FRESH}"));
        grid.paths.insert("/".to_owned());
        grid.methods.insert("GET".to_owned());
        for matches in matches {
            grid.add(matches);
        }
        grid
    }

    fn add(&mut self, matches: &RouteMatch) {
        match &matches.path {
            PathMatch::Regex(regex) if regex != ".*" && regex != "/.*" => {
                self.refuse(format!("the regular expression `{regex}`"));
            }
            PathMatch::Exact(text) => {
                // Beside the exact path what lies below it may belong to others.
                self.paths.extend(paths_of(&PathMatch::Prefix(text.clone())));
            }
            path => self.paths.extend(paths_of(path)),
        }
        if !matches.case_sensitive {
            self.refuse("a path whatever the case".to_owned());
        }
        if matches.fraction.is_some()
            || matches.grpc_only
            || matches.tls.is_some()
            || !matches.metadata.is_empty()
        {
            self.refuse("a share of requests, a certificate, metadata or gRPC".to_owned());
        }
        for header in &matches.headers {
            let values = match &header.condition {
                HeaderCondition::Present(_) => Some(vec![FRESH.to_owned()]),
                HeaderCondition::Text(text) if !text.ignore_case => representatives(&text.pattern),
                _ => None,
            };
            let name = header.name.to_ascii_lowercase();
            match values {
                Some(values) if name == ":method" => self.methods.extend(values),
                Some(values) if !name.starts_with(':') && name != "host" => {
                    add_values(self.headers.entry(name).or_default(), values);
                }
                _ => self.refuse(format!("the condition on header `{name}`")),
            }
        }
        for query in &matches.query {
            let values = match &query.condition {
                QueryCondition::Present(_) => Some(vec![FRESH.to_owned()]),
                QueryCondition::Text(text) if !text.ignore_case => representatives(&text.pattern),
                QueryCondition::Text(_) => None,
            };
            match values {
                Some(values) => add_values(self.parameters.entry(query.name.clone()).or_default(), values),
                None => self.refuse(format!("the condition on query parameter `{}`", query.name)),
            }
        }
    }

    fn refuse(&mut self, why: String) {
        self.why_not.get_or_insert(format!("{why} cannot be enumerated"));
    }

    /// Why not every class can be looked at.
    fn undecided(&self) -> Option<String> {
        let sizes = self.headers.values().chain(self.parameters.values()).map(BTreeSet::len);
        let classes = sizes.fold(self.paths.len() * self.methods.len(), usize::saturating_mul);
        let too_many = || {
            (classes > BUDGET).then(|| format!("there are {classes} classes of requests, more than {BUDGET}"))
        };
        self.why_not.clone().or_else(too_many)
    }

    fn requests(&self, config: &str, host: &str) -> Vec<Witness> {
        let mut requests: Vec<Witness> =
            self.paths.iter().map(|path| Witness::new(config, host, path)).collect();
        requests = multiply(&requests, &self.methods, |witness, method| witness.method.clone_from(method));
        for (name, values) in &self.headers {
            requests = multiply(&requests, values, |witness, value| {
                witness.headers.extend(value.iter().map(|value| (name.clone(), value.clone())));
            });
        }
        for (name, values) in &self.parameters {
            requests = multiply(&requests, values, |witness, value| {
                if let Some(value) = value {
                    let mark = if witness.path.contains('?') { '&' } else { '?' };
                    witness.path.push_str(&format!("{mark}{name}={value}"));
                }
            });
        }
        requests
    }
}

fn multiply<V>(
    requests: &[Witness],
    values: impl IntoIterator<Item = V> + Clone,
    change: impl Fn(&mut Witness, V),
) -> Vec<Witness> {
    let mut all = Vec::new();
    for request in requests {
        for value in values.clone() {
            let mut request = request.clone();
            change(&mut request, value);
            all.push(request);
        }
    }
    all
}

/// The given values, another one, and none.
fn add_values(known: &mut BTreeSet<Option<String>>, values: Vec<String>) {
    known.insert(None);
    known.insert(Some(FRESH.to_owned()));
    known.extend(values.into_iter().map(Some));
}

/// Values that tell apart whether an exact or prefix condition holds.
fn representatives(pattern: &StringPattern) -> Option<Vec<String>> {
    match pattern {
        StringPattern::Exact(text) => Some(vec![text.clone()]),
        StringPattern::Prefix(text) => Some(vec![text.clone(), format!("{text}{FRESH}")]),
        _ => None,
    }
}

impl fmt::Display for RouteChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: before {}, after {}", self.witness, self.before, self.after)
    }
}

impl fmt::Display for TableDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes.iter().try_for_each(|change| writeln!(f, "{change}"))?;
        let line =
            |one: &Undecided| format!("undecided `{}` of `{}`: {}", one.host, one.route_config, one.why);
        self.undecided.iter().try_for_each(|one| writeln!(f, "{}", line(one)))
    }
}
