//! Routing tables as Envoy configuration, and Envoy route configuration as routing tables.
//!
//! ```text
//!   pointsman_route::ir ── route_configuration, cluster, listeners, load_assignment ──► Value (proto JSON)
//!   Value (proto JSON or YAML) ── read_route_configuration ──► ir::RouteConfig, findings
//! ```
//!
//! What is written is what the control plane would send: proto JSON in lowerCamelCase, fields at their default left out.
//! What is read may be in lowerCamelCase or snake_case. Nothing here talks to an Envoy or to a control plane.
//!
//! ```
//! use pointsman_envoy::{read_route_configuration, route_configuration};
//! use pointsman_manifest::Value;
//!
//! let json = r#"{"name":"80","virtualHosts":[{"name":"all","domains":["*"],
//!     "routes":[{"match":{"prefix":"/"},"route":{"cluster":"outbound|80||shop","timeout":"0s"}}]}]}"#;
//! let (config, findings) = read_route_configuration(&Value::from_json(json)?);
//! assert!(findings.is_empty());
//! assert_eq!(route_configuration(&config), Value::from_json(json)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod duration;
mod read;
mod write;

pub use read::{read_header_match, read_route_configuration, read_tables};
pub use write::{
    cluster, cluster_with_endpoints, listener, listeners, load_assignment, route_configuration,
    string_matcher,
};
