//! Where a rollout stands.

use pointsman_types::{Time, Weight};
use serde::{Deserialize, Serialize};

use crate::Version;

/// Where a rollout stands. Each state holds only what is valid in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum State {
    /// No version yet.
    Empty,
    /// The first version comes up; it gets all traffic once it is ready.
    Starting(Starting),
    /// One version serves. Another may stand by until it is retired.
    Stable(Stable),
    /// A step is being brought into effect.
    Stepping(Update),
    /// A pause step waits.
    Paused(Paused),
    /// An analysis step waits for its run.
    Analysing(Analysing),
    /// An experiment runs.
    Experimenting(Experimenting),
    /// Held by a person, or because an analysis could not say.
    Held(Held),
    /// The steps are done, or skipped: the canary takes all traffic.
    Promoting(Promoting),
    /// Traffic goes, or is, back on stable.
    Aborted(Aborted),
    /// Back to the stable version without a failure: it was asked for again.
    Returning(Returning),
    /// A version without traffic is being removed.
    Retiring(Retiring),
}

/// See [`State::Starting`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Starting {
    /// The first version.
    pub version: Version,
}

/// See [`State::Stable`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stable {
    /// The version that serves.
    pub version: Version,
    /// The version that served before and still has its pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standby: Option<Standby>,
}

/// A version that has no traffic and still has its pods.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standby {
    /// Which.
    pub version: Version,
    /// When it will be removed; `None`: when a person says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// An update on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// The version that serves, and to which an abort returns.
    pub stable: Version,
    /// The version that is being released.
    pub canary: Version,
    /// The step that is being done, from 0; the number of steps when all are done.
    pub index: u32,
    /// The share given by hand, in a manual release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<Weight>,
    /// How many analysis runs failed and were forgiven.
    #[serde(default)]
    pub forgiven: u32,
    /// The analysis in the background, once started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<u64>,
}

/// See [`State::Paused`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// The update.
    pub update: Update,
    /// When the wait began.
    pub since: Time,
    /// It ends strictly after this; `None`: when a person says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// See [`State::Analysing`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysing {
    /// The update.
    pub update: Update,
    /// The number of the run.
    pub run: u64,
    /// When it began.
    pub since: Time,
}

/// See [`State::Experimenting`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Experimenting {
    /// The update.
    pub update: Update,
    /// When all variants were ready and had their shares; `None`: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Time>,
    /// The number of its analysis run; `None`: not begun, or over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
}

/// See [`State::Held`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The update.
    pub update: Update,
    /// Why.
    pub reason: HoldReason,
    /// When the hold began.
    pub since: Time,
    /// What was going on and goes on afterwards.
    pub inner: Inner,
}

/// Why a rollout is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldReason {
    /// A person said so.
    Commanded,
    /// An analysis could not say.
    Inconclusive,
    /// An analysis failed, and the plan says to wait for a person.
    AnalysisFailed,
}

/// What a hold interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Inner {
    /// A step on its way, or an experiment, which begins again afterwards.
    Stepping,
    /// A pause; time goes on during the hold.
    Paused {
        /// When the wait began.
        since: Time,
        /// When it ends.
        until: Option<Time>,
    },
    /// An analysis that goes on during the hold.
    Analysing {
        /// The number of the run.
        run: u64,
        /// When it began.
        since: Time,
    },
    /// An analysis that went well during the hold.
    Analysed,
}

/// See [`State::Promoting`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promoting {
    /// The update.
    pub update: Update,
    /// Why the steps are over.
    pub reason: PromotionReason,
}

/// Why the steps of an update are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PromotionReason {
    /// All are done.
    StepsDone,
    /// A person confirmed to take over.
    TakenOver,
    /// It is a recent version again, within the rollback window.
    Rollback,
}

/// See [`State::Aborted`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Aborted {
    /// The update; its index is where it stood.
    pub update: Update,
    /// Why.
    pub reason: AbortReason,
    /// When.
    pub since: Time,
    /// What becomes of the canary's pods.
    pub drain: Drain,
}

/// Why an update was aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AbortReason {
    /// A person said so.
    Commanded,
    /// An analysis failed.
    AnalysisFailed,
    /// An analysis could not be carried out.
    AnalysisError,
    /// No progress for too long.
    DeadlineExceeded,
    /// Another component of the group was aborted.
    Group,
}

impl std::fmt::Display for AbortReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Commanded => "a person said so",
            Self::AnalysisFailed => "an analysis failed",
            Self::AnalysisError => "an analysis could not be carried out",
            Self::DeadlineExceeded => "no progress for too long",
            Self::Group => "another component of the group was aborted",
        })
    }
}

/// What becomes of the pods of an aborted canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Drain {
    /// They stay until the traffic is off them.
    Waiting,
    /// They stay until then.
    Until(Time),
    /// They go.
    Down,
    /// They stay.
    Kept,
}

/// See [`State::Returning`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Returning {
    /// The version that serves.
    pub stable: Version,
    /// The version that was being released.
    pub from: Version,
}

/// See [`State::Retiring`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Retiring {
    /// The version that serves.
    pub stable: Version,
    /// The version that goes.
    pub old: Version,
}

impl State {
    /// The name of the state, as in the transition table.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Starting(_) => "Starting",
            Self::Stable(_) => "Stable",
            Self::Stepping(_) => "Stepping",
            Self::Paused(_) => "Paused",
            Self::Analysing(_) => "Analysing",
            Self::Experimenting(_) => "Experimenting",
            Self::Held(_) => "Held",
            Self::Promoting(_) => "Promoting",
            Self::Aborted(_) => "Aborted",
            Self::Returning(_) => "Returning",
            Self::Retiring(_) => "Retiring",
        }
    }

    /// The update on its way, aborted ones included.
    #[must_use]
    pub const fn update(&self) -> Option<&Update> {
        match self {
            Self::Stepping(update)
            | Self::Paused(Paused { update, .. })
            | Self::Analysing(Analysing { update, .. })
            | Self::Experimenting(Experimenting { update, .. })
            | Self::Held(Held { update, .. })
            | Self::Promoting(Promoting { update, .. })
            | Self::Aborted(Aborted { update, .. }) => Some(update),
            Self::Empty | Self::Starting(_) | Self::Stable(_) | Self::Returning(_) | Self::Retiring(_) => {
                None
            }
        }
    }

    /// The version that serves, or is to serve first.
    #[must_use]
    pub fn stable(&self) -> Option<&Version> {
        match self {
            Self::Empty => None,
            Self::Starting(Starting { version }) | Self::Stable(Stable { version, .. }) => Some(version),
            Self::Returning(Returning { stable, .. }) | Self::Retiring(Retiring { stable, .. }) => {
                Some(stable)
            }
            _ => self.update().map(|update| &update.stable),
        }
    }

    /// The version that is being released.
    #[must_use]
    pub fn canary(&self) -> Option<&Version> {
        self.update().map(|update| &update.canary)
    }
}
