//! What changes for connections that are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use pointsman_types::Draws;
use serde::{Deserialize, Serialize};

use crate::ir::{Cidr, ClusterName, FilterChain, L4Action, Listener, TcpRoute};
use crate::{Connection, ConnectionDecision, RoutingTable};

use super::candidates::host_of;
use super::diff::BUDGET;
use super::grid::fresh_word;
use super::side::lowest_terms;
use super::{ChangeKind, TableDiff, Undecided};

/// A class of connections that changes: what happens before a request is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionChange {
    /// One of them.
    pub witness: ConnectionWitness,
    /// What changes, in order.
    pub kinds: Vec<ChangeKind>,
    /// What happened to it.
    pub before: ConnectionSide,
    /// What happens now.
    pub after: ConnectionSide,
}

/// A connection that shows something.
///
/// Shape: owned and serialisable; `Display` is a line such as `port 443 of 10.0.0.1, TLS to a.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionWitness {
    /// The port.
    pub port: u16,
    /// The address, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The server name of a TLS greeting, empty for one without; `None` for plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
}

/// What one of two tables does with a class of connections.
///
/// Shape: shares add up to the sum of the weights; destinations of weight 0 are left out, equal ones added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionSide {
    /// The listener; empty where there is none.
    pub listener: String,
    /// Clusters and their shares, sorted by cluster.
    pub destinations: Vec<(String, u64)>,
    /// Those of the clusters that the table does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What happens otherwise, in words: `sent on`, ``its requests are routed by `80` ``, `closed`.
    pub outcome: String,
    /// Whether the source address chooses the endpoint.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hashed: bool,
}

impl ConnectionWitness {
    /// As a connection.
    #[must_use]
    pub fn connection(&self) -> Connection<'_> {
        let connection = Connection::to_port(self.port);
        let connection = match self.server_name.as_deref() {
            None => connection,
            Some("") => connection.with_tls(),
            Some(name) => connection.with_server_name(name),
        };
        self.address.map_or(connection, |address| connection.with_destination(address))
    }
}

/// Adds the changes of all listeners.
pub(super) fn compare(
    before: &RoutingTable,
    after: &RoutingTable,
    clusters: &BTreeSet<String>,
    diff: &mut TableDiff,
) {
    if before.config().listeners == after.config().listeners && clusters.is_empty() {
        return;
    }
    let listeners = || before.config().listeners.iter().chain(&after.config().listeners);
    let ports: BTreeSet<u16> = listeners().map(|listener| listener.port.value()).collect();
    for port in ports {
        let of_port: Vec<&Arc<Listener>> =
            listeners().filter(|listener| listener.port.value() == port).collect();
        let connections = Connections::of(port, &of_port);
        if let Some(why) = connections.undecided() {
            diff.undecided.push(Undecided { route_config: String::new(), host: format!("*:{port}"), why });
        }
        let mut classes = BTreeMap::new();
        for witness in connections.witnesses().take(BUDGET) {
            if let Some((class, change)) = change(before, after, witness) {
                classes.entry(class).or_insert(change);
            }
        }
        diff.connections.extend(classes.into_values());
    }
}

/// A change with its class: where a chain stands, or the default of its listener, on both sides; and whether there is TLS.
fn change(
    before: &RoutingTable,
    after: &RoutingTable,
    witness: ConnectionWitness,
) -> Option<(impl Ord + use<>, ConnectionChange)> {
    let connection = witness.connection();
    let [old, new] = [before, after].map(|table| table.select_connection(&connection, &Draws::default()));
    let (was, is) = (ConnectionSide::of(&old, before), ConnectionSide::of(&new, after));
    let mut kinds = Vec::new();
    if was.outcome != is.outcome || was.targets() != is.targets() {
        kinds.push(ChangeKind::Destination);
    } else if lowest_terms(&was.destinations) != lowest_terms(&is.destinations) {
        kinds.push(ChangeKind::Share);
    }
    if was.is_hashed != is.is_hashed {
        kinds.push(ChangeKind::Treatment);
    }
    let place = |decision: &ConnectionDecision<'_>| {
        let listener = decision.listener();
        let of_chain = |chain: &FilterChain| {
            listener.and_then(|listener| listener.chains.iter().position(|one| std::ptr::eq(one, chain)))
        };
        let name = listener.map(|listener| listener.name.clone()).unwrap_or_default();
        (name, decision.chain().and_then(of_chain))
    };
    let class = ([place(&old), place(&new)], witness.server_name.is_some());
    (!kinds.is_empty()).then_some((class, ConnectionChange { witness, kinds, before: was, after: is }))
}

impl ConnectionSide {
    fn of(decision: &ConnectionDecision<'_>, table: &RoutingTable) -> Self {
        let (destinations, is_hashed) = match decision.action() {
            Some(L4Action::Tcp(route)) => (destinations(route), route.hash_source_ip),
            _ => (Vec::new(), false),
        };
        let knows_clusters = !table.config().clusters.is_empty();
        let is_missing = |name: &&String| {
            knows_clusters && name.as_str() != ClusterName::PASSTHROUGH && table.cluster(name).is_none()
        };
        Self {
            listener: decision.listener().map(|listener| listener.name.clone()).unwrap_or_default(),
            missing: destinations.iter().map(|(name, _)| name).filter(is_missing).cloned().collect(),
            outcome: match (decision.listener(), decision.action()) {
                (None, _) => "no listener is for it".to_owned(),
                (_, None) => "closed".to_owned(),
                (_, Some(L4Action::Http(name))) => format!("its requests are routed by `{name}`"),
                (_, Some(L4Action::Tcp(_))) if destinations.is_empty() => "closed".to_owned(),
                (_, Some(L4Action::Tcp(_))) => "sent on".to_owned(),
            },
            destinations,
            is_hashed,
        }
    }

    fn targets(&self) -> Vec<(&str, bool)> {
        let names = self.destinations.iter().map(|(name, _)| name);
        names.map(|name| (name.as_str(), self.missing.contains(name))).collect()
    }
}

/// Clusters and shares; the weight of a single destination does not matter.
fn destinations(route: &TcpRoute) -> Vec<(String, u64)> {
    let mut shares: BTreeMap<&str, u64> = BTreeMap::new();
    let is_single = route.destinations.len() == 1;
    for one in route.destinations.iter().filter(|one| is_single || one.weight > 0) {
        let weight = if is_single { 1 } else { u64::from(one.weight) };
        *shares.entry(one.cluster.as_str()).or_default() += weight;
    }
    shares.into_iter().map(|(name, share)| (name.to_owned(), share)).collect()
}

/// Representatives of every class of connections to one port.
struct Connections {
    port: u16,
    addresses: BTreeSet<Option<IpAddr>>,
    server_names: BTreeSet<Option<String>>,
    why_not: Option<String>,
}

/// Addresses for documentation, which are in no network that anybody uses.
const STRANGERS: [&str; 4] = ["203.0.113.77", "198.51.100.77", "192.0.2.77", "2001:db8:ffff::77"];

impl Connections {
    fn of(port: u16, listeners: &[&Arc<Listener>]) -> Self {
        let chains = || listeners.iter().flat_map(|listener| &listener.chains);
        let names = || chains().flat_map(|chain| &chain.server_names).map(String::as_str);
        let fresh = fresh_word(names());
        let mut server_names: BTreeSet<_> = names().map(|name| Some(host_of(name, &fresh))).collect();
        server_names.extend([None, Some(String::new()), Some(format!("{fresh}.invalid"))]);
        let networks: Vec<Cidr> = chains().flat_map(|chain| chain.destinations.iter().copied()).collect();
        let mut connections = Self { port, addresses: [None].into(), server_names, why_not: None };
        connections.addresses.extend(listeners.iter().map(|listener| listener.address));
        for network in &networks {
            connections.add_network(*network, &networks);
        }
        let is_known = |address: &IpAddr| networks.iter().any(|network| network.contains(*address));
        let mut strangers = STRANGERS.iter().filter_map(|address| address.parse::<IpAddr>().ok());
        connections.addresses.extend(strangers.find(|address| !is_known(address)).map(Some));
        if chains().any(|chain| !chain.application_protocols.is_empty()) {
            connections.why_not = Some("conditions on application protocols are not enumerated".to_owned());
        }
        connections
    }

    /// An address of the network that lies in no narrower one.
    fn add_network(&mut self, network: Cidr, all: &[Cidr]) {
        let is_narrower = |other: &&Cidr| other.prefix() > network.prefix();
        let is_free =
            |address: &IpAddr| !all.iter().filter(is_narrower).any(|other| other.contains(*address));
        match [network.first(), network.last()].into_iter().find(is_free) {
            Some(address) => {
                self.addresses.insert(Some(address));
            }
            None => {
                self.why_not =
                    Some(format!("no address of `{network}` was found outside of narrower networks"));
            }
        }
    }

    fn undecided(&self) -> Option<String> {
        let classes = self.addresses.len() * self.server_names.len();
        let too_many = || format!("there are {classes} classes of connections, more than {BUDGET}");
        self.why_not.clone().or_else(|| (classes > BUDGET).then(too_many))
    }

    fn witnesses(&self) -> impl Iterator<Item = ConnectionWitness> {
        self.addresses.iter().flat_map(move |address| {
            self.server_names.iter().map(move |name| ConnectionWitness {
                port: self.port,
                address: *address,
                server_name: name.clone(),
            })
        })
    }
}

impl fmt::Display for ConnectionWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}", self.port)?;
        self.address.iter().try_for_each(|address| write!(f, " of {address}"))?;
        match self.server_name.as_deref() {
            None => Ok(()),
            Some("") => f.write_str(", TLS without a server name"),
            Some(name) => write!(f, ", TLS to {name}"),
        }
    }
}

impl fmt::Display for ConnectionSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.outcome)?;
        super::side::write_destinations(&self.destinations, &self.missing, f)
    }
}

impl fmt::Display for ConnectionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: before {}, after {}", self.witness, self.before, self.after)
    }
}
