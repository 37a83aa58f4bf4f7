//! A connection as routing sees it, and what a table says about it.

use std::net::IpAddr;

use pointsman_policy::hash::xx_hash64;
use pointsman_types::Draws;

use crate::RoutingTable;
use crate::ir::{Endpoint, FilterChain, L4Action, Listener, TcpRoute};
use crate::program::ListenerProgram;

/// A connection before its first byte of HTTP: where it goes, and what the TLS greeting says.
///
/// ```
/// use pointsman_route::Connection;
/// let connection = Connection::to_port(443).with_server_name("shop.example.com");
/// assert_eq!((connection.port(), connection.server_name()), (443, "shop.example.com"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection<'a> {
    pub(crate) destination: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) server_name: &'a str,
    pub(crate) tls: bool,
    pub(crate) application_protocols: &'a [&'a str],
    pub(crate) source: Option<IpAddr>,
}

impl<'a> Connection<'a> {
    /// A plain-text connection to a port of an address that is not known.
    #[must_use]
    pub const fn to_port(port: u16) -> Self {
        Self {
            destination: None,
            port,
            server_name: "",
            tls: false,
            application_protocols: &[],
            source: None,
        }
    }

    /// To that address.
    #[must_use]
    pub const fn with_destination(mut self, address: IpAddr) -> Self {
        self.destination = Some(address);
        self
    }

    /// With TLS, greeting that server name (SNI).
    #[must_use]
    pub const fn with_server_name(mut self, name: &'a str) -> Self {
        self.server_name = name;
        self.tls = true;
        self
    }

    /// With TLS, but no server name.
    #[must_use]
    pub const fn with_tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// With these application protocols (ALPN, or what a look at the first bytes found), the preferred first.
    #[must_use]
    pub const fn with_application_protocols(mut self, protocols: &'a [&'a str]) -> Self {
        self.application_protocols = protocols;
        self
    }

    /// From that address.
    #[must_use]
    pub const fn with_source(mut self, address: IpAddr) -> Self {
        self.source = Some(address);
        self
    }

    /// Destination port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Server name; may be empty.
    #[must_use]
    pub const fn server_name(&self) -> &'a str {
        self.server_name
    }

    pub(crate) const fn transport(&self) -> &'static str {
        if self.tls { "tls" } else { "raw_buffer" }
    }
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionDecision<'a> {
    table: &'a RoutingTable,
    listener: Option<&'a Listener>,
    chain: Option<&'a FilterChain>,
    action: Option<&'a L4Action>,
    cluster: Option<&'a str>,
    hash: Option<u64>,
    draws: Draws,
}

impl RoutingTable {
    /// Where a connection goes, by server name, address and port.
    ///
    /// Shape: a listener of the exact destination address is taken before one without address. O(chains of the
    /// listener).
    #[must_use]
    pub fn select_connection<'a>(
        &'a self,
        connection: &Connection<'_>,
        draws: &Draws,
    ) -> ConnectionDecision<'a> {
        let mut decision = ConnectionDecision {
            table: self,
            listener: None,
            chain: None,
            action: None,
            cluster: None,
            hash: None,
            draws: *draws,
        };
        let Some(listener) = self.listener_of(connection) else { return decision };
        decision.listener = Some(&listener.source);
        let chosen = listener.chain_of(connection);
        decision.chain = chosen.map(|(chain, _)| chain);
        let pick = match chosen {
            Some((_, pick)) => pick,
            None => listener.default_pick(),
        };
        decision.action = match chosen {
            Some((chain, _)) => Some(&chain.action),
            None => listener.source.default.as_ref(),
        };
        if let Some(L4Action::Tcp(route)) = decision.action {
            let position = pick.map_or(Some(0), |pick| pick.pick(draws.route));
            let chosen = position.and_then(|position| route.destinations.get(position));
            decision.cluster = chosen.map(|destination| destination.cluster.as_str());
            decision.hash = hash_of(route, connection);
        }
        decision
    }

    pub(crate) fn listener_of(&self, connection: &Connection<'_>) -> Option<&ListenerProgram> {
        let of_port = self.listeners_of_port(connection.port);
        let of_address = |address: Option<IpAddr>| {
            of_port.iter().find(|listener| listener.source.address == address).map(|listener| &**listener)
        };
        let exact = connection.destination.and_then(|address| of_address(Some(address)));
        exact.or_else(|| of_address(None))
    }
}

fn hash_of(route: &TcpRoute, connection: &Connection<'_>) -> Option<u64> {
    let source = connection.source.filter(|_| route.hash_source_ip)?;
    Some(xx_hash64(source.to_string().as_bytes()))
}

impl<'a> ConnectionDecision<'a> {
    /// The listener that accepts the connection; `None`: no listener, the table says nothing about it.
    #[must_use]
    pub const fn listener(&self) -> Option<&'a Listener> {
        self.listener
    }

    /// The filter chain; `None` for the listener's default.
    #[must_use]
    pub const fn chain(&self) -> Option<&'a FilterChain> {
        self.chain
    }

    /// What happens; `None`: the connection is closed.
    #[must_use]
    pub const fn action(&self) -> Option<&'a L4Action> {
        self.action
    }

    /// The name of the route configuration that routes the requests of the connection.
    #[must_use]
    pub fn route_config(&self) -> Option<&'a str> {
        match self.action {
            Some(L4Action::Http(name)) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn tcp(&self) -> Option<&'a TcpRoute> {
        match self.action {
            Some(L4Action::Tcp(route)) => Some(route),
            _ => None,
        }
    }

    /// The cluster that the connection is sent to as a whole.
    #[must_use]
    pub const fn cluster(&self) -> Option<&'a str> {
        self.cluster
    }

    /// The endpoint that the connection is sent to: see [`Decision::endpoint`](crate::Decision::endpoint).
    #[must_use]
    pub fn endpoint(&self) -> Option<&'a Endpoint> {
        self.table.cluster_program(self.cluster?)?.endpoint(self.hash, &self.draws, 0)
    }
}
