//! Why an event is refused.

use pointsman_types::Weight;

use crate::Version;

/// Why [`step`](crate::step) refuses an event. Nothing is lost by a refusal: the status stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// The report belongs to something that is over.
    #[error("{what} {number} is over: now it is {current}")]
    Stale {
        /// What was reported: a split, an analysis, a restart.
        what: &'static str,
        /// The number reported.
        number: u64,
        /// The number that counts now.
        current: u64,
    },
    /// No such version takes part.
    #[error("version `{version}` does not take part in this rollout")]
    UnknownVersion {
        /// Which.
        version: Version,
    },
    /// There is nothing here that the event could act on.
    #[error("`{event}` has nothing to act on in state `{state}`: {why}")]
    NotNow {
        /// The event, as in the table.
        event: &'static str,
        /// The state, as in the table.
        state: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// All traffic would move; say again which version is meant.
    #[error("this gives all traffic to `{version}`: confirm by naming it")]
    NeedsConfirmation {
        /// The version to name.
        version: Version,
    },
    /// Another version was meant than the one that would be changed.
    #[error("`{named}` was named, but it is `{actual}` that would be changed")]
    OtherVersion {
        /// Named.
        named: Version,
        /// Would be changed.
        actual: Version,
    },
    /// It is released already.
    #[error("version `{version}` is already being released")]
    AlreadyThere {
        /// Which.
        version: Version,
    },
    /// The version still has traffic, or is the one that serves.
    #[error("version `{version}` cannot be removed: it may still get traffic")]
    HasTraffic {
        /// Which.
        version: Version,
    },
    /// A weight above the total.
    #[error("weight {weight} is above the total of {total}")]
    WeightTooLarge {
        /// As asked.
        weight: Weight,
        /// The total of the plan.
        total: u32,
    },
    /// More versions at once than a status holds.
    #[error("{limit} versions of one component are the most that a rollout holds at once")]
    TooManyVersions {
        /// The limit.
        limit: usize,
    },
    /// More replicas than can be counted with.
    #[error("{replicas} replicas are more than {limit}")]
    TooManyReplicas {
        /// As reported.
        replicas: u32,
        /// The limit.
        limit: u32,
    },
    /// There is no earlier version to go back to.
    #[error("there is no such earlier version to go back to")]
    NoHistory,
}
