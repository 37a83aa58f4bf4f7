//! Servers of all Gateways of one workload, put together.
//!
//! Source: `mergeGateways` of Istio at 86c9f01f.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::{Gateway, Server, ServerTLSMode};
use pointsman_types::{Diagnostic, FieldPath, host};

use crate::findings;
use crate::service::Protocol;

/// A server in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MergedServer {
    /// `namespace/name` of its Gateway.
    pub(crate) gateway: String,
    pub(crate) namespace: String,
    pub(crate) server: Server,
    pub(crate) protocol: Protocol,
    /// The port that the workload listens on.
    pub(crate) port: u16,
    /// `namespace/host` or `host`, without `./` and `*/`.
    pub(crate) hosts: Vec<String>,
}

impl MergedServer {
    /// Whether TLS ends here.
    pub(crate) fn ends_tls(&self) -> bool {
        self.protocol.is_tls() && self.server.tls.as_ref().is_some_and(|tls| !is_passthrough(tls.mode))
    }

    /// Whether connections are TLS, opened here or not.
    fn is_tls(&self) -> bool {
        self.server.tls.is_some() && !self.protocol.is_plain_http()
    }

    pub(crate) fn is_http(&self) -> bool {
        self.protocol.is_plain_http() || (self.protocol == Protocol::Https && self.ends_tls())
    }

    pub(crate) fn redirects_to_tls(&self) -> bool {
        self.server.tls.as_ref().is_some_and(|tls| tls.https_redirect)
    }

    /// The name of the route configuration of its requests.
    pub(crate) fn route_name(&self) -> String {
        let bind = if self.server.bind.is_empty() { String::new() } else { format!(".{}", self.server.bind) };
        if self.ends_tls() {
            let port_name = self.server.port.as_ref().map(|port| port.name.as_str()).unwrap_or_default();
            let (namespace, name) = self.gateway.split_once('/').unwrap_or_default();
            format!("https.{}.{port_name}.{name}.{namespace}{bind}", self.number())
        } else {
            format!("http.{}{bind}", self.port)
        }
    }

    /// The port that its Gateway names.
    pub(crate) fn number(&self) -> u16 {
        self.server.port.as_ref().and_then(|port| u16::try_from(port.number).ok()).unwrap_or_default()
    }

    /// Its hosts, in lower case, without those for one namespace alone: nobody can ask for those by themselves.
    pub(crate) fn own_hosts(&self) -> impl Iterator<Item = String> + '_ {
        self.hosts.iter().filter(|host| !host.contains('/')).map(|host| host.to_ascii_lowercase())
    }

    /// Its hosts as server names: none where one of them is `*`, which takes every name.
    pub(crate) fn server_names(&self) -> Vec<String> {
        let name = |host: &String| host.split_once('/').map_or(host.as_str(), |(_, host)| host).to_owned();
        let names: Vec<_> = self.hosts.iter().map(name).collect();
        if names.iter().any(|name| name == "*") { Vec::new() } else { names }
    }

    /// The hosts for which a VirtualService of that namespace counts here, as far as both go: the narrower of each pair.
    pub(crate) fn common_hosts(&self, namespace: &str, hosts: &[String]) -> Vec<String> {
        let mut common: Vec<String> = Vec::new();
        for own in &self.hosts {
            let (wanted, own) = own.split_once('/').map_or((None, own.as_str()), |(ns, own)| (Some(ns), own));
            if wanted.is_some_and(|wanted| wanted != namespace) {
                continue;
            }
            for host in hosts {
                let narrower = if host::subset_of(host, own) {
                    host.as_str()
                } else if host::subset_of(own, host) {
                    own
                } else {
                    continue;
                };
                if !common.iter().any(|known| known == narrower) {
                    common.push(narrower.to_owned());
                }
            }
        }
        common
    }
}

fn is_passthrough(mode: ServerTLSMode) -> bool {
    matches!(mode, ServerTLSMode::Passthrough | ServerTLSMode::AutoPassthrough)
}

/// All servers in force on a workload, by port and then in order; servers that lose are findings.
pub(crate) fn merge(
    gateways: &[Arc<Object<Gateway>>],
    target_port: impl Fn(u16) -> u16,
) -> (Vec<MergedServer>, Vec<Diagnostic>) {
    let mut merging = Merging { ports: BTreeMap::new(), findings: Vec::new() };
    for gateway in gateways {
        for (position, server) in gateway.spec.servers.iter().enumerate() {
            merging.add(gateway, position, server, &target_port);
        }
    }
    let servers = merging.ports.into_values().flat_map(|port| port.servers).collect();
    (servers, merging.findings)
}

struct Merging {
    ports: BTreeMap<u16, PortServers>,
    findings: Vec<Diagnostic>,
}

#[derive(Default)]
struct PortServers {
    servers: Vec<MergedServer>,
    /// The bind address by host, of servers with settings of TLS: those that only send clients to HTTPS, too.
    tls_hosts: HashMap<String, String>,
    route_names: HashSet<String>,
    /// The bind address of the latest server in plain text.
    plain: Option<String>,
}

impl Merging {
    fn add(
        &mut self,
        gateway: &Object<Gateway>,
        position: usize,
        server: &Server,
        target_port: &impl Fn(u16) -> u16,
    ) {
        let Some(port) = &server.port else { return };
        let Some(number) = u16::try_from(port.number).ok().filter(|number| *number > 0) else { return };
        let namespace = &gateway.metadata.namespace;
        let merged = MergedServer {
            gateway: format!("{namespace}/{}", gateway.metadata.name),
            namespace: namespace.clone(),
            server: server.clone(),
            protocol: Protocol::of_name(&port.protocol),
            port: target_port(number),
            hosts: normal_hosts(&server.hosts, namespace),
        };
        let at_port = self.ports.entry(merged.port).or_default();
        match at_port.why_not(&merged) {
            None => at_port.take(merged),
            Some(why) => {
                let path = FieldPath::root().field("spec").field("servers").index(position);
                let message = format!("this server is left out: {why}");
                self.findings.push(
                    Diagnostic::warning(findings::SKIPPED_SERVER, message).on(gateway.object_ref()).at(path),
                );
            }
        }
    }
}

impl PortServers {
    /// Claims the hosts of a server with settings of TLS; answers the host that an earlier one has.
    fn claim_hosts(&mut self, new: &MergedServer) -> Option<String> {
        new.server.tls.as_ref()?;
        let bind = &new.server.bind;
        if let Some(taken) = new.hosts.iter().find(|host| self.tls_hosts.get(*host) == Some(bind)) {
            return Some(taken.clone());
        }
        self.tls_hosts.extend(new.hosts.iter().map(|host| (host.clone(), bind.clone())));
        None
    }

    fn why_not(&mut self, new: &MergedServer) -> Option<String> {
        if let Some(host) = self.claim_hosts(new) {
            return Some(format!("`{host}` is taken by an earlier server on port {}", new.port));
        }
        match &self.plain {
            Some(bind) if *bind == new.server.bind => {
                let current = self.servers.iter().rfind(|old| old.server.bind == *bind && !old.is_tls());
                let both_http =
                    new.protocol.is_plain_http() && current.is_some_and(|old| old.protocol.is_plain_http());
                (!both_http)
                    .then(|| format!("an earlier server speaks another protocol on port {}", new.port))
            }
            // Another address, or plain text beside TLS, which the first bytes tell apart.
            Some(_) => None,
            None => {
                let is_taken = new.is_tls() && new.is_http() && self.route_names.contains(&new.route_name());
                is_taken.then(|| "an earlier server has its port name".to_owned())
            }
        }
    }

    fn take(&mut self, new: MergedServer) {
        if !new.is_tls() {
            let same =
                |old: &MergedServer| old.server.bind == new.server.bind && old.protocol == new.protocol;
            if self.plain.is_none() || !self.servers.iter().any(same) {
                self.plain = Some(new.server.bind.clone());
            }
        }
        self.route_names.insert(new.route_name());
        self.servers.push(new);
    }
}

/// `./host` has the namespace written out, `*/host` is `host`, and `*/*` makes all others superfluous.
fn normal_hosts(hosts: &[String], namespace: &str) -> Vec<String> {
    let mut normal = BTreeSet::new();
    for host in hosts {
        match host.split_once('/') {
            Some((".", host)) => normal.insert(format!("{namespace}/{host}")),
            Some(("*", "*")) => return vec!["*".to_owned()],
            Some(("*", host)) => normal.insert(host.to_owned()),
            _ => normal.insert(host.clone()),
        };
    }
    normal.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}
