//! Argo Rollouts and Flagger manifests to rollout plans, and back.
//!
//! [`import`] finds the `Rollout`s and `Canary`s among objects and answers an [`Imported`] for each: a
//! [`Plan`](pointsman_rollout::Plan), what its analyses measure, which objects route its traffic, and a finding for
//! everything that a plan cannot say. [`to_rollout`] and [`to_canary`] write a plan back, into the user's own object where
//! there is one. It runs nothing, and knows no metric's value.
//!
//! ```
//! use pointsman_import::import;
//! use pointsman_manifest::Manifest;
//! use pointsman_rollout::explain;
//!
//! let manifest = Manifest::parse("
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: reviews}
//! spec:
//!   replicas: 5
//!   strategy:
//!     canary:
//!       steps:
//!       - setWeight: 20
//!       - pause: {duration: 1h}
//! ")?;
//! let objects: Vec<_> = manifest.documents().iter().map(|document| document.value()).collect();
//! let imported = import(objects);
//! let plan = imported[0].plan().expect("no error");
//! assert!(explain(plan).contains("1. give the canary 20 of 100\n2. wait 1h0m0s\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod argo;
pub mod codes;
mod edit;
mod field;
mod flagger;
mod imported;
mod metric;
mod objects;

pub use argo::to_rollout;
pub use flagger::to_canary;
pub use imported::{Argument, Imported, IstioRoute, Measured, Routing, Source};
pub use metric::{Limits, Metric, Template};
pub use objects::import;
