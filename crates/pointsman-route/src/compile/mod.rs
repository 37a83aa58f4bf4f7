//! Configuration as one proxy sees it.

mod cache;
mod check;
mod clusters;
mod distinct_chains;
mod domains;
mod gateway;
mod l4;
pub(crate) mod sidecar;
mod upstream;
mod world;

pub(crate) use cache::Cache;
pub(crate) use world::World;

use pointsman_types::Diagnostic;

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
