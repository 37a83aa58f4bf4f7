//! Why a connection goes where it goes.

use std::fmt;

use pointsman_types::Draws;
use serde::{Deserialize, Serialize};

use crate::ir::{FilterChain, L4Action};
use crate::program::{ChainFailure, ChainStep as Step};
use crate::{Connection, RoutingTable};

/// The listener and the filter chains that were looked at for one connection, and why they were not taken.
///
/// Shape: owned, serialisable; `Display` says it in words, a line a step.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_route::ir::{ClusterName, FilterChain, L4Action, Listener, TableConfig, TcpRoute};
/// # use pointsman_route::{Connection, Draws, RoutingTable};
/// # let chain = |name: &str| FilterChain {
/// #     server_names: vec![format!("{name}.example.com")], transport: "tls".into(),
/// #     action: L4Action::Tcp(TcpRoute::to(ClusterName::new(name))), ..FilterChain::default()
/// # };
/// # let listener = Listener {
/// #     name: "0.0.0.0_443".into(), address: None, port: "443".parse().unwrap(),
/// #     chains: vec![chain("a"), chain("b")], default: None, is_bound: false,
/// # };
/// # let (table, _) = RoutingTable::build(TableConfig { listeners: vec![Arc::new(listener)], ..TableConfig::default() });
/// let connection = Connection::to_port(443).with_server_name("b.example.com");
/// let trace = table.explain_connection(&connection, &Draws::default());
/// assert_eq!(trace.to_string(), "\
/// connection to port 443, TLS to `b.example.com`
/// listener `0.0.0.0_443`
///   chain 0: server name `b.example.com` is not one of `a.example.com`
///   chain 1: matches
/// to `b`
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTrace {
    /// The connection in words.
    pub connection: String,
    /// The listener that accepts it; none where the table has none for it.
    pub listener: Option<String>,
    /// The filter chains of the listener.
    pub chains: Vec<ChainStep>,
    /// What happens in the end, in words.
    pub verdict: String,
    /// The cluster that the connection is sent to as a whole.
    pub cluster: Option<String>,
}

/// One filter chain that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainStep {
    /// Position in the listener.
    pub index: usize,
    /// Name, may be empty.
    pub name: String,
    /// The first condition that failed; none for the chain that was taken.
    pub failed: Option<super::FailedCondition>,
}

impl RoutingTable {
    /// Why a connection goes where [`select_connection`](Self::select_connection) says. Allocates.
    #[must_use]
    pub fn explain_connection(&self, connection: &Connection<'_>, draws: &Draws) -> ConnectionTrace {
        let decision = self.select_connection(connection, draws);
        let program = self.listener_of(connection);
        let failures = program.map(|program| program.failures(connection)).unwrap_or_default();
        let step = |(index, failure): (usize, Option<ChainFailure>)| {
            let chain = program.and_then(|program| program.source.chains.get(index));
            ChainStep {
                index,
                name: chain.map(|chain| chain.name.clone()).unwrap_or_default(),
                failed: failure.zip(chain).map(|(failure, chain)| describe(failure, chain, connection)),
            }
        };
        ConnectionTrace {
            connection: in_words(connection),
            listener: decision.listener().map(|listener| listener.name.clone()),
            chains: failures.into_iter().enumerate().map(step).collect(),
            verdict: match (decision.listener(), decision.action()) {
                (None, _) => "no listener of the table is for it".to_owned(),
                (_, None) => "closed: no chain takes it".to_owned(),
                (_, Some(L4Action::Http(name))) => format!("its requests are routed by `{name}`"),
                (_, Some(L4Action::Tcp(_))) => match decision.cluster() {
                    Some(cluster) => format!("to `{cluster}`"),
                    None => "closed: there is no destination".to_owned(),
                },
            },
            cluster: decision.cluster().map(ToOwned::to_owned),
        }
    }
}

fn in_words(connection: &Connection<'_>) -> String {
    let to = connection.destination.map(|address| format!(" of {address}")).unwrap_or_default();
    let from = connection.source.map(|address| format!(" from {address}")).unwrap_or_default();
    let tls = match (connection.tls, connection.server_name) {
        (false, _) => String::new(),
        (true, "") => ", TLS without a server name".to_owned(),
        (true, name) => format!(", TLS to `{name}`"),
    };
    format!("connection{from} to port {}{to}{tls}", connection.port)
}

fn describe(
    failure: ChainFailure,
    chain: &FilterChain,
    connection: &Connection<'_>,
) -> super::FailedCondition {
    let list = |names: Vec<String>| names.join("`, `");
    let networks = || list(chain.destinations.iter().map(ToString::to_string).collect());
    let (condition, subject, wanted) = match failure.step {
        Step::Port => (
            "destination_port",
            format!("port {}", connection.port),
            chain.destination_port.map(|port| port.to_string()).unwrap_or_default(),
        ),
        Step::Network => (
            "destinations",
            connection.destination.map_or_else(
                || "a destination address that is not known".to_owned(),
                |address| format!("destination address `{address}`"),
            ),
            networks(),
        ),
        Step::ServerName => (
            "server_names",
            match connection.server_name {
                "" => "no server name".to_owned(),
                name => format!("server name `{name}`"),
            },
            list(chain.server_names.clone()),
        ),
        Step::Transport => ("transport", connection.transport().to_owned(), chain.transport.clone()),
        Step::Protocol => (
            "application_protocols",
            "the application protocol".to_owned(),
            list(chain.application_protocols.clone()),
        ),
    };
    let why = if failure.is_outdone {
        format!("another chain is more specific by {condition}, or stands first")
    } else {
        format!("{subject} is not one of `{wanted}`")
    };
    super::FailedCondition { condition: condition.to_owned(), why }
}

impl fmt::Display for ConnectionTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.connection)?;
        if let Some(listener) = &self.listener {
            writeln!(f, "listener `{listener}`")?;
        }
        self.chains.iter().try_for_each(|chain| writeln!(f, "  {chain}"))?;
        writeln!(f, "{}", self.verdict)
    }
}

impl fmt::Display for ChainStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {}", self.index)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name)?;
        }
        match &self.failed {
            Some(failed) => write!(f, ": {}", failed.why),
            None => f.write_str(": matches"),
        }
    }
}
