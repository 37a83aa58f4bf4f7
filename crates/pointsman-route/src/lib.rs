//! Mesh configuration to a routing table that chooses as a real Envoy does, explains why, and compares tables.
//!
//! ```text
//!   Mesh × Proxy ──► ir::TableConfig ──► RoutingTable ──► select(request, draws, scratch) ──► Decision
//!                                   └──► explain(request, draws) ──────────► Trace
//! ```
//!
//! A table is compiled once and asked often: see [`RoutingTable`] for an example. It opens no connection, reads no clock
//! and has no dice: the random numbers of a request are [`Draws`], given by the caller.

#![forbid(unsafe_code)]

mod compare;
mod compile;
mod connection;
mod cross_origin;
mod decision;
pub mod delegate;
mod describe;
pub mod destination_rule;
mod explain;
mod find_workload;
pub mod findings;
mod gateway_merge;
mod hash;
mod header_edit;
mod host_letters;
mod index;
pub mod ir;
mod mesh;
mod normalize;
mod pattern;
mod port_check;
mod program;
mod proxy;
mod registry;
mod request;
mod rewrite;
mod scope;
mod scratch;
mod select;
mod service;
mod settings;
mod store;
mod table;
pub mod translate;
mod virtual_service;
mod visibility;
mod workload;

pub use compare::{
    ChangeKind, ConnectionChange, ConnectionSide, ConnectionWitness, Reachability, RouteChange, RouteReach,
    Side, TableDiff, Undecided, Witness, reachable,
};
pub use compile::Compiled;
pub use connection::{Connection, ConnectionDecision};
pub use cross_origin::CrossOrigin;
pub use decision::{Decision, Faults, NoRoute, Outcome};
pub use explain::{ChainStep, ConnectionTrace, FailedCondition, HostStep, LeftOut, RouteStep, Trace};
pub use mesh::{Applied, Change, Mesh, NotApplied};
pub use pattern::InvalidPattern;
pub use pointsman_types::Draws;
pub use program::{Condition, DomainKind};
pub use proxy::{Proxy, Role};
pub use request::{ClientCertificate, Headers, Metadata, MetadataValue, Request};
pub use scratch::Scratch;
pub use service::{EndpointsBy, MeshPort, MeshService, Protocol, Target};
pub use settings::{MeshSettings, OutboundPolicy};
pub use store::MeshKind;
pub use table::RoutingTable;
pub use virtual_service::{MESH, resolve_gateway_name};
pub use visibility::{Tier, Visibility};
