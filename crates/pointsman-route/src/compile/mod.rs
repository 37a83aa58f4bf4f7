//! Configuration as one proxy sees it.

mod clusters;
mod domains;
mod gateway;
pub(crate) mod sidecar;
mod world;

pub(crate) use world::World;

use pointsman_types::Diagnostic;

use crate::proxy::Proxy;
use crate::table::RoutingTable;

/// What compiling answers: the table, and what is odd about the configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Compiled {
    /// Where requests go.
    pub table: RoutingTable,
    /// What is odd, sorted; nothing here stops the table from being used.
    pub findings: Vec<Diagnostic>,
}

pub(crate) fn compile(world: &World, proxy: &Proxy) -> Compiled {
    let (config, mut findings) =
        if proxy.is_gateway() { gateway::compile(world, proxy) } else { sidecar::compile(world, proxy) };
    let (table, more) = RoutingTable::build(config);
    findings.extend(more);
    Diagnostic::sort(&mut findings);
    findings.dedup();
    Compiled { table, findings }
}
