//! Canary, blue-green and A/B releases as one pure step function.
//!
//! [`step`] takes a [`Plan`], a [`Status`], an [`Event`] and the time, and gives the next status, the ordered
//! [`Effect`]s that make it true, what the rollout is [`Waiting`] for, and when to [`Wake`]. It is a function: no clock,
//! no cluster, no threads. It writes no manifests (`pointsman-render` turns a `SetSplit` into a VirtualService) and
//! measures nothing (`pointsman-judge` turns measurements into an outcome).
//!
//! ```text
//!  Event ──► handle ──► advance ──► Status ──► goal ──► order ──► Effects ──► your cluster
//!    ▲       (at once)  (by itself)            (how it  (make before               │
//!    │                                        shall be)  break)                    │
//!    └──────────────────── PodsChanged, SplitApplied, SplitSettled, … ◄────────────┘
//! ```
//!
//! The loop around it: save the status, carry the effects out in order up to the first `Await…`, report what is seen,
//! and do the same with the answer. After a crash [`effects`] gives the list again.
//!
//! ```
//! use pointsman_rollout::{Command, Effect, Event, PlanSpec, Status, Version, step};
//! use pointsman_types::{Split, Time, Weight};
//!
//! let plan = PlanSpec::manual("reviews").build()?;
//! let (v1, v2) = (Version::new("v1")?, Version::new("v2")?);
//! let mut status = Status::new();
//! let mut effects = Vec::new();
//! for event in [
//!     Event::RevisionAdded { version: v1.clone() },
//!     Event::PodsChanged { version: v1.clone(), replicas: 1, ready: 1 },
//!     Event::SplitApplied { change: 1 },
//!     Event::RevisionAdded { version: v2.clone() },
//!     Event::PodsChanged { version: v2.clone(), replicas: 1, ready: 1 },
//!     Event::Commanded(Command::SetWeight(Weight::new(20))),
//! ] {
//!     let answer = step(&plan, &status, &event, Time::EPOCH)?;
//!     (status, effects) = (answer.status, answer.effects);
//! }
//! let split = Split::new([("v1", Weight::new(80)), ("v2", Weight::new(20))])?;
//! assert_eq!(effects[..3], [
//!     Effect::EnsureSubset { version: v1 },
//!     Effect::EnsureSubset { version: v2 },
//!     Effect::SetSplit { change: 2, split, pins: None },
//! ]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod advance;
mod canonical;
mod command;
pub mod compat;
mod compile;
mod edit;
mod effect;
mod event;
mod experiment;
mod explain;
mod fingerprint;
mod goal;
mod goal_by_replicas;
mod goal_of_experiment;
pub mod group;
mod handle;
mod invalid_plan;
mod order;
mod pins;
mod plan;
mod plan_step;
pub mod power;
mod presence;
pub mod rehearsal;
mod rejected;
pub mod replicas;
mod restart;
mod route;
mod saved;
pub mod state;
mod status;
mod step;
mod sticking;
mod sticky;
mod strategy;
mod version;
mod waiting;
mod wake;

pub use edit::{Edit, edit};
pub use effect::{Condition, Effect};
pub use event::{Command, Event, Outcome};
pub use experiment::{Experiment, Role, Unfinished, Variant};
pub use explain::explain;
pub use invalid_plan::InvalidPlan;
pub use order::effects;
pub use pins::{Pin, Pins};
pub use plan::{AbortScaleDown, OnDeadline, Plan, PlanSpec, Propagation, Retirement, StableScale, Threshold};
pub use plan_step::{Analysis, CanaryScale, OnFailure, Pause, PlanStep};
pub use presence::Presence;
pub use rejected::Rejected;
pub use route::{ManagedRoute, RequestMatch, RouteAction, TextMatch};
pub use state::State;
pub use status::{Lateness, Pods, Restart, Route, Settling, Status};
pub use step::{Step, step};
pub use sticking::{Stuck, Visits, sticking};
pub use sticky::{Carrier, Keeps, Sticky};
pub use strategy::{
    AbTest, Approval, Background, BlueGreen, Canary, Check, Increments, Manual, Strategy, Traffic,
};
pub use version::{InvalidVersion, Version};
pub use waiting::{Gate, Waiting, waiting};
pub use wake::{Wake, WakeReason, wake};
