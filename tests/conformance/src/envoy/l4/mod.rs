//! Connections: listeners and filter chains, chosen by address, port and server name.
//!
//! One Envoy listener accepts all connections. Each begins with a line that says where the client wanted to go, and Envoy
//! hands it to the listener of that address, as it does in a sidecar. All clusters have one endpoint, which is told the cluster's
//! name and says it to the client.

mod ask;
mod bootstrap;
mod greeting;
mod interpreter;
mod source;
mod upstream;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;

use pointsman_manifest::to_yaml_documents;
use pointsman_route::ir::{L4Action, TableConfig};
use pointsman_route::{Connection, Draws, RoutingTable};

use super::process::Envoy;
use super::run::Report;
use super::validate::Validation;
use super::{EnvoyOptions, Input, MeshInput};

pub(super) use source::cases;

/// A mesh, and the connections asked of it.
#[derive(Debug, Clone)]
pub(super) struct L4Case {
    pub(super) mesh: MeshInput,
    pub(super) connections: Vec<AskedConnection>,
}

/// A connection as the client makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedConnection {
    pub(super) destination: Ipv4Addr,
    pub(super) port: u16,
    /// The TLS greeting: none, or with this server name, which may be empty.
    pub(super) server_name: Option<String>,
    /// Application protocols of the greeting.
    pub(super) protocols: Vec<String>,
}

/// Where connections may go. Which of several, chance decides.
type Ends = BTreeSet<String>;

/// Compares cases with one Envoy.
pub(super) fn compare(
    binary: &Path,
    cases: &[L4Case],
    options: &EnvoyOptions,
    report: &mut Report,
    validation: &mut Validation,
) -> Result<(), String> {
    if cases.is_empty() {
        return Ok(());
    }
    for case in cases {
        validation.add(&Input::Mesh(case.mesh.clone()));
    }
    let configs: Vec<TableConfig> = cases.iter().map(|case| case.mesh.table()).collect();
    let port = Envoy::free_port().map_err(|error| error.to_string())?;
    let upstream = upstream::start().map_err(|error| error.to_string())?;
    let text = bootstrap::bootstrap(&configs, port, upstream);
    let _envoy = Envoy::start(binary, &text, port)?;
    for (case, config) in cases.iter().zip(configs) {
        let (table, _) = RoutingTable::build(config);
        report.configs += 1;
        for connection in &case.connections {
            report.requests += 1;
            let (ours, features) = ours(&table, connection);
            let theirs = ask::ask(port, connection)
                .map_err(|error| format!("Envoy does not answer: {error}\n{connection:?}"))?;
            let third = interpreter::ends(&case.mesh, connection);
            for feature in features {
                *report.features.entry(feature).or_insert(0) += 1;
            }
            *report.endings.entry(format!("connections {}", kind(&theirs))).or_insert(0) += 1;
            let agrees = third.as_ref().is_none_or(|third| *third == ours);
            if third.is_some() {
                *report.features.entry("connections that the interpreter knows").or_insert(0) += 1;
            }
            if ours.contains(&theirs) && agrees {
                continue;
            }
            report.differences += 1;
            if report.shown.len() < options.show {
                report.shown.push(shown(options, case, connection, &ours, &theirs, third.as_ref()));
            }
        }
    }
    Ok(())
}

fn kind(end: &str) -> &str {
    end.split([' ', '|']).next().unwrap_or_default()
}

fn shown(
    options: &EnvoyOptions,
    case: &L4Case,
    connection: &AskedConnection,
    ours: &Ends,
    theirs: &str,
    third: Option<&Ends>,
) -> String {
    let documents: Vec<_> = case.mesh.documents.iter().map(super::case::manifest).collect();
    format!(
        "difference (seed {}):\n# {}\n{}\n{connection:?}\n  ours {ours:?}, Envoy `{theirs}`, interpreter {third:?}\n",
        options.seed,
        case.mesh.client,
        to_yaml_documents(&documents)
    )
}

/// Where our table sends the connection, and what decided it.
fn ours(table: &RoutingTable, asked: &AskedConnection) -> (Ends, Vec<&'static str>) {
    let protocols: Vec<&str> = asked.protocols.iter().map(String::as_str).collect();
    let mut connection = Connection::to_port(asked.port).with_destination(asked.destination.into());
    connection = match asked.server_name.as_deref() {
        None => connection,
        Some("") => connection.with_tls(),
        Some(name) => connection.with_server_name(name),
    };
    let connection = connection.with_application_protocols(&protocols);
    let decision = table.select_connection(&connection, &Draws::all(0));
    let Some(listener) = decision.listener() else {
        return (Ends::from(["none".to_owned()]), vec!["connections without listener"]);
    };
    let mut features = Vec::new();
    features.push(match listener.address {
        Some(_) => "connections by address",
        None => "connections by port",
    });
    match decision.chain() {
        Some(chain) if !chain.server_names.is_empty() => features.push("connections by server name"),
        Some(chain) if !chain.destinations.is_empty() => features.push("connections by network"),
        Some(_) => features.push("connections of a listener as a whole"),
        None => features.push("connections by default"),
    }
    let ends = match decision.action() {
        None => Ends::from(["closed".to_owned()]),
        Some(L4Action::Http(name)) => Ends::from([format!("http {name}")]),
        Some(L4Action::Tcp(route)) => {
            if route.destinations.len() > 1 {
                features.push("connections by weight");
            }
            let several = route.destinations.len() > 1;
            let chosen = route.destinations.iter().filter(|one| !several || one.weight > 0);
            chosen.map(|one| one.cluster.as_str().to_owned()).collect()
        }
    };
    (ends, features)
}
