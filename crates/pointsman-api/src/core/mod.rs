//! The few kinds of Kubernetes that matter for traffic, with the fields that matter.
//!
//! Source: the Kubernetes API 1.9 to 1.37; these fields did not change.

mod endpoints;
mod service;
mod workload;

pub use endpoints::*;
pub use service::*;
pub use workload::*;
