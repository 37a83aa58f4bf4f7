//! A plan tried out before it runs: a small scripted cluster under a virtual clock.
//!
//! Pods become ready, routes come into force and analyses end after times that a [`Script`] says; what a person does stands
//! in it too. [`rehearse`] drives [`step`](crate::step) through it and keeps a [`Frame`] for everything that happened. It
//! sends no requests: that is `pointsman-sim`.
//!
//! ```
//! use pointsman_rollout::rehearsal::{Ending, Script, rehearse};
//! use pointsman_rollout::{Analysis, Canary, PlanSpec, PlanStep, Strategy};
//! use pointsman_types::Weight;
//!
//! let steps = [20, 60].map(|weight| PlanStep::SetWeight(Weight::new(weight)));
//! let mut steps = Vec::from(steps);
//! steps.insert(1, PlanStep::Analysis(Analysis::of(["success-rate"])));
//! let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).with_replicas(5).build()?;
//!
//! assert_eq!(rehearse(&plan, &Script::new()).ending(), Ending::Promoted);
//! let failing = rehearse(&plan, &Script::new().with_failure_from(Weight::new(20)));
//! assert_eq!(failing.ending(), Ending::Aborted);
//! assert_eq!(failing.greatest_weight(), Weight::new(20));
//! # Ok::<(), pointsman_rollout::InvalidPlan>(())
//! ```

mod cluster;
mod frame;
mod run;
mod script;

pub use self::frame::{Ending, Frame, PodCount, Rehearsal};
pub use self::run::rehearse;
pub use self::script::Script;
