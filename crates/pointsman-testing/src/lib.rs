//! Tests of releases and of traffic rules: the laws of rollouts as reusable checks, and route tests.
//!
//! [`route_test`] reads unit tests for traffic rules (which version does this request reach?) and carries them out on manifests.
//! The rest of this page is about releases.
//!
//! Implement [`Releaser`] for your own controller's logic and throw events at it: [`check`] carries its effects out in a small
//! model of a cluster and says which law breaks, after which events. The module `strategies`, behind the feature `proptest`, makes plans and events.
//! There is no cluster and no clock here.
//!
//! The laws:
//!
//! 1. Weights always add up to the total of the plan.
//! 2. No change of a route gives traffic to a version without ready pods, or names a version that routes cannot name.
//! 3. Pods and subsets go only when no route, not even one that is still on its way out, needs them.
//! 4. After an abort, and with a cluster that does as it is told, all traffic is on the stable version.
//! 5. Carrying a list of effects out twice is carrying it out once.
//! 6. The same events give the same answers.
//!
//! ```
//! use pointsman_rollout::{Event, PlanSpec, Version};
//! use pointsman_testing::{Engine, check};
//!
//! let plan = PlanSpec::manual("reviews").build()?;
//! let events = [Event::RevisionAdded { version: Version::new("v1")? }, Event::TimePassed];
//! let report = check(&plan, || Engine::new(&plan), &events).expect("no law is broken");
//! assert_eq!((report.handled, report.refused), (2, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod cluster;
mod laws;
mod releaser;
pub mod route_test;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use cluster::Cluster;
pub use laws::{BrokenLaw, Law, Report, check};
pub use releaser::{Engine, Releaser};
