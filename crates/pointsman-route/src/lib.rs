//! Mesh configuration to a routing table that chooses as a real Envoy does, explains why, and compares tables.

#![forbid(unsafe_code)]

pub mod ir;
mod table;

pub use table::RoutingTable;
