//! From Envoy configuration to the routing IR.

mod action;
mod matcher;
mod node;
mod policy;
mod route_config;

pub use route_config::{read_header_match, read_route_configuration, read_tables};
