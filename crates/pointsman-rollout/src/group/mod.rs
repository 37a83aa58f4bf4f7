//! Several components released together: the product of their rollouts, with barriers and one abort for all.
//!
//! A [`GroupPlan`] holds a [`Plan`](crate::Plan) for each component. [`group_step`] tells one of them an event, or all of
//! them, and then does what only a group does: it opens a [`Barrier`](crate::PlanStep::Barrier) when all that take part in
//! the release have come to it, and gives a release up as a whole when one component's is given up.
//!
//! ```
//! use std::collections::BTreeMap;
//! use pointsman_rollout::group::{GroupEvent, GroupPlan, GroupStatus, group_step};
//! use pointsman_rollout::{Canary, PlanSpec, PlanStep, Strategy, Version};
//! use pointsman_types::{Time, Weight};
//!
//! let canary = |name| PlanSpec::new(name, Strategy::Canary(Canary::new([PlanStep::SetWeight(Weight::new(20))])));
//! let plan = GroupPlan::in_step([canary("reviews"), canary("ratings")])?;
//! let v1 = ["reviews", "ratings"].map(|name| (name.to_owned(), Version::from_static("v1")));
//! let first = GroupEvent::Released { versions: BTreeMap::from(v1) };
//! let answer = group_step(&plan, &GroupStatus::new(), &first, Time::EPOCH)?;
//! assert_eq!(answer.waiting["ratings"].to_string(), "waiting for pods of v1: 0 of 1 ready");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod abort;
mod plan;
mod status;
mod step;

pub use self::plan::{GroupPlan, InvalidGroup};
pub use self::status::GroupStatus;
pub use self::step::{GroupCommand, GroupEvent, GroupRejected, GroupStep, group_step};
