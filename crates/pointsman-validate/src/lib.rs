//! What is wrong with one object of the traffic-management API.
//!
//! Judges as the validating webhook of Istio's control plane does, and says more: all findings at once, errors and warnings apart,
//! each with a stable code, the path of the field, and what to write instead. [`validate`] takes any object as a document,
//! the functions of [`kinds`] take typed ones, those of [`fragment`] take parts. [`Validated`] is an object that passed.
//!
//! This crate does not look at other objects: whether a host exists or a subset is declared is `pointsman-lint`'s.
//!
//! ```text
//! Value ──► pointsman-api: typed view + what could not be read ─┐
//!                                │                              ├──► findings, sorted by place
//!                                └──► rules of the kind ────────┘
//! ```
//!
//! ```
//! use pointsman_api::{Object, istio::networking::Gateway};
//! use pointsman_validate::kinds;
//! let findings = kinds::gateway(&Object::new("default", "shop", Gateway::new()));
//! assert_eq!(findings[0].to_string(), "error[PV0013]: Gateway default/shop spec.servers: `servers` is missing");
//! ```
//!
//! Every code, its meaning and what to write instead stand in [`catalogue`], and as a page in [`codes_page`].
//!
//! Source: `pkg/config/validation` of Istio at 86c9f01f. Where we differ: warnings that the control plane loses on the way are remarks
//! ([`Severity::Info`](pointsman_types::Severity)) here, and what follows from a field that could not be read is not said.

#![forbid(unsafe_code)]

#[cfg(feature = "admission")]
pub mod admission;
mod cel;
mod codes;
mod destination_rule;
mod envoy_filter;
mod extensions;
pub mod fragment;
mod gateway;
pub mod kinds;
mod mesh;
mod metadata;
mod report;
pub mod schema;
mod security;
mod service_entry;
mod settle;
mod sidecar;
mod telemetry;
mod validated;
mod validator;
mod virtual_service;
mod words;
mod workload;

pub use codes::{Entry, catalogue};
pub use kinds::Judged;
pub use validated::Validated;
pub use validator::{Validator, validate};

/// Regular expressions as the control plane reads them, and as Rust has to.
pub mod re2 {
    pub use crate::words::re2::{InvalidRegex, check, to_rust};
}

/// All codes.
#[doc = include_str!("../codes.md")]
pub mod codes_page {}
