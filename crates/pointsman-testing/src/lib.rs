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
//! 7. No split gives the released version more than its step allows.
//! 8. A report told twice is told once: whatever is repeated, comes late, in another order or not at all does no harm.
//! 9. Whoever dies between two effects, at any point of the list, and begins it again comes to the same cluster.
//! 10. What is saved and loaded again wants the same, and goes on as the one that was not.
//! 11. A release comes to rest, where the cluster does as it is told and a person says to go on.
//! 12. Where no pods are wanted of the whole component there are none in the end, and no route changes until some are wanted again. Only
//!     then may pods go from under a route (3), and a route name a version without pods (2).
//!
//! Lost, late, double and untrue reports are part of what `strategies::events` makes. That old statuses load is tested with those that were saved:
//! see `tests/saved` of `pointsman-rollout`.
//!
//! Pointsman's own engine:
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
//!
//! A controller of one's own: this one gives a new version half of the traffic as soon as it hears of it, and is found out.
//!
//! ```
//! use pointsman_rollout::{Effect, Event, PlanSpec, Version};
//! use pointsman_testing::{Law, Releaser, check};
//! use pointsman_types::{Split, Time, Weight};
//!
//! #[derive(Clone, Default)]
//! struct Eager {
//!     versions: Vec<Version>,
//! }
//!
//! impl Releaser for Eager {
//!     fn tell(&mut self, event: &Event, _now: Time) -> Option<Vec<Effect>> {
//!         if let Event::RevisionAdded { version } = event {
//!             self.versions.push(version.clone());
//!         }
//!         Some(self.effects())
//!     }
//!
//!     fn effects(&self) -> Vec<Effect> {
//!         let Some((last, before)) = self.versions.split_last() else { return Vec::new() };
//!         let shares = match before.last() {
//!             Some(before) => vec![(before.as_str(), Weight::new(50)), (last.as_str(), Weight::new(50))],
//!             None => vec![(last.as_str(), Weight::new(100))],
//!         };
//!         let subset = |version: &Version| Effect::EnsureSubset { version: version.clone() };
//!         let mut effects: Vec<Effect> = self.versions.iter().map(subset).collect();
//!         let split = Split::new(shares).expect("shares are there");
//!         effects.push(Effect::SetSplit { change: self.versions.len() as u64, split, pins: None });
//!         effects
//!     }
//!
//!     fn wake(&self) -> Option<Time> {
//!         None
//!     }
//!
//!     fn aborted_to(&self) -> Option<Version> {
//!         None
//!     }
//! }
//!
//! let plan = PlanSpec::manual("reviews").build()?;
//! let (v1, v2) = (Version::new("v1")?, Version::new("v2")?);
//! let events = [
//!     Event::RevisionAdded { version: v1.clone() },
//!     Event::PodsChanged { version: v1, replicas: 1, ready: 1 },
//!     Event::RevisionAdded { version: v2 },
//! ];
//! let broken = check(&plan, Eager::default, &events).expect_err("it is too eager");
//! assert_eq!(broken.law, Law::OnlyReadyPodsGetTraffic);
//! assert_eq!(broken.why, "v2 has no ready pod and gets traffic");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod cluster;
mod laws;
mod releaser;
mod rest;
pub mod route_test;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use cluster::Cluster;
pub use laws::{BrokenLaw, Law, Report, check};
pub use releaser::{Engine, Releaser};
