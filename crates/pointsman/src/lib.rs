//! Traffic management of a service mesh as values and functions.
//!
//! Pointsman models what a mesh owner writes about traffic (Istio), says what is wrong with it, tells for any request which
//! version it reaches and why, drives canary, blue-green and A/B releases as one pure step function, judges them, and renders
//! the manifests. There is no cluster here, no async runtime, no clock, no network: values in, values out.
//!
//! This crate re-exports the others, each under its own name; link one of them alone where that is enough.
//!
//! ```
//! use pointsman::prelude::*;
//!
//! // A release as a function: the effects that follow when v2 shall take 20 %.
//! let plan = PlanSpec::manual("reviews").build()?;
//! let answer = step(&plan, &Status::new(), &Event::RevisionAdded { version: Version::new("v1")? }, Time::EPOCH)?;
//! assert_eq!(answer.waiting.to_string(), "waiting for pods of v1: 0 of 1 ready");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Off by default: `admission` (answers of a validating webhook), `k8s` (resources of `k8s-openapi`; the program chooses a Kubernetes version), `testing` (the laws of rollouts
//! as reusable checks, and route tests), `proptest` (strategies).

#![forbid(unsafe_code)]

pub use pointsman_api as api;
pub use pointsman_envoy as envoy;
pub use pointsman_import as import;
pub use pointsman_judge as judge;
#[cfg(feature = "k8s")]
pub use pointsman_k8s as k8s;
pub use pointsman_manifest as manifest;
pub use pointsman_policy as policy;
pub use pointsman_render as render;
pub use pointsman_rollout as rollout;
pub use pointsman_route as route;
#[cfg(feature = "testing")]
pub use pointsman_testing as testing;
pub use pointsman_types as types;
pub use pointsman_validate as validate;

/// What most programs use.
pub mod prelude {
    pub use pointsman_api::Object;
    pub use pointsman_manifest::{Manifest, Value};
    pub use pointsman_render::{Adoption, ManifestSet, Release};
    pub use pointsman_rollout::{Command, Effect, Event, Plan, PlanSpec, Status, Version, step};
    pub use pointsman_route::{Mesh, Proxy, Request, Scratch};
    pub use pointsman_types::{Diagnostic, Draws, Host, ObjectRef, Profile, Split, Time, Weight};
}

// The texts that people read first are compiled, so that they cannot rot.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../ARCHITECTURE.md")]
struct Architecture;

#[cfg(doctest)]
#[doc = include_str!("../../../DESIGN.md")]
struct Design;
