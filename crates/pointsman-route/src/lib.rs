//! Mesh configuration to a routing table that chooses as a real Envoy does, explains why, and compares tables.
//!
//! ```text
//!   ir::TableConfig ──► RoutingTable ──► select(request, draws, scratch) ──► Decision
//!                                   └──► explain(request, draws) ──────────► Trace
//! ```
//!
//! A table is compiled once and asked often: see [`RoutingTable`] for an example. It opens no connection, reads no clock
//! and has no dice: the random numbers of a request are [`Draws`], given by the caller.

#![forbid(unsafe_code)]

mod connection;
mod decision;
mod describe;
mod explain;
mod hash;
pub mod ir;
mod normalize;
mod pattern;
mod program;
mod request;
mod rewrite;
mod scratch;
mod select;
mod table;

pub use connection::{Connection, ConnectionDecision};
pub use decision::{Decision, Faults, NoRoute, Outcome};
pub use explain::{FailedCondition, HostStep, RouteStep, Trace};
pub use pattern::InvalidPattern;
pub use pointsman_types::Draws;
pub use program::{Condition, DomainKind};
pub use request::{ClientCertificate, Headers, Metadata, MetadataValue, Request};
pub use scratch::Scratch;
pub use table::RoutingTable;
