//! What can happen to a rollout.

use pointsman_types::Weight;
use serde::{Deserialize, Serialize};

use crate::Version;

/// Something that happened, told to [`step`](crate::step).
///
/// Events about the world (`PodsChanged`, `SplitApplied`, …) are reports of how things are: telling the same twice
/// changes nothing, and a later one corrects an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// There is a version to release: the first one, a new one, or an earlier one again.
    RevisionAdded {
        /// Which.
        version: Version,
    },
    /// So many pods of a version exist and so many are ready.
    PodsChanged {
        /// Which version.
        version: Version,
        /// How many are asked for in the cluster at present (`spec.replicas` of its workload).
        replicas: u32,
        /// How many of them are ready.
        ready: u32,
    },
    /// The split of this number is written to the cluster, and so are the managed routes that stood before it in the list.
    SplitApplied {
        /// The number in [`SetSplit`](crate::Effect::SetSplit).
        change: u64,
    },
    /// The split of this number is in force at every proxy.
    SplitSettled {
        /// The number in [`SetSplit`](crate::Effect::SetSplit).
        change: u64,
    },
    /// Nothing is left of a version.
    VersionGone {
        /// Which.
        version: Version,
    },
    /// An analysis run came to its end.
    AnalysisFinished {
        /// The number in [`StartAnalysis`](crate::Effect::StartAnalysis).
        run: u64,
        /// How.
        outcome: Outcome,
    },
    /// All components of the group have come to this barrier.
    BarrierOpened {
        /// Its name.
        name: String,
    },
    /// The number of replicas wanted changed: a person or an autoscaler. With 0 all pods go and everything waits until some are
    /// wanted again, see [`Presence`](crate::Presence).
    Scaled {
        /// The new number, of the whole component.
        replicas: u32,
    },
    /// The pods of a version were made anew after a restart was asked for, and are ready.
    Restarted {
        /// The number in [`RestartPods`](crate::Effect::RestartPods).
        restart: u64,
        /// Which version.
        version: Version,
    },
    /// A person, or a program for one, wants something.
    Commanded(Command),
    /// Nothing but time.
    TimePassed,
}

/// What a person can ask for. Each is answered: done, or refused with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Command {
    /// Go on: leave the pause, or skip the current step.
    Promote,
    /// Give the canary all traffic now and make it stable, skipping what is left of the steps. Asks to be confirmed: the
    /// first call without a version is refused and says which version to name.
    TakeOver {
        /// The version that the person saw and means.
        confirmed: Option<Version>,
    },
    /// Change the canary's share by hand; only in a manual release.
    SetWeight(Weight),
    /// Hold where it is.
    Pause,
    /// End the hold or the pause.
    Resume,
    /// All traffic back to stable, then scale the canary down.
    Abort,
    /// Begin an aborted update again at its first step.
    Retry,
    /// Release an earlier version again; without a version the one before the present one.
    Undo {
        /// Which.
        to: Option<Version>,
    },
    /// Make the pods of all versions anew, one after another, stable's first; the step that runs goes on. Not those of an experiment.
    Restart,
    /// Remove a version that has no traffic any more.
    Retire {
        /// Which.
        version: Version,
    },
}

/// How an analysis run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It passed.
    Successful,
    /// It did not.
    Failed,
    /// It cannot say.
    Inconclusive,
    /// It could not be carried out.
    Error,
    /// It was stopped before its end.
    Cancelled,
}

impl Event {
    /// The name of the event, as in the transition table; a command has its own.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RevisionAdded { .. } => "RevisionAdded",
            Self::PodsChanged { .. } => "PodsChanged",
            Self::SplitApplied { .. } => "SplitApplied",
            Self::SplitSettled { .. } => "SplitSettled",
            Self::VersionGone { .. } => "VersionGone",
            Self::AnalysisFinished { .. } => "AnalysisFinished",
            Self::BarrierOpened { .. } => "BarrierOpened",
            Self::Scaled { .. } => "Scaled",
            Self::Restarted { .. } => "Restarted",
            Self::TimePassed => "TimePassed",
            Self::Commanded(command) => command.name(),
        }
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RevisionAdded { version } => write!(f, "{version} is to be released"),
            Self::PodsChanged { version, replicas, ready } => {
                write!(f, "{ready} of {replicas} pods of {version} are ready")
            }
            Self::SplitApplied { change } => write!(f, "change {change} of the route is written"),
            Self::SplitSettled { change } => write!(f, "every proxy has change {change} of the route"),
            Self::VersionGone { version } => write!(f, "{version} is gone"),
            Self::AnalysisFinished { run, outcome } => {
                write!(f, "analysis {run} ended: {}", format!("{outcome:?}").to_lowercase())
            }
            Self::BarrierOpened { name } => write!(f, "the group is at `{name}`"),
            Self::Scaled { replicas } => write!(f, "{replicas} replicas are wanted"),
            Self::Restarted { restart, version } => {
                write!(f, "the pods of {version} are new, by restart {restart}")
            }
            Self::Commanded(command) => write!(f, "a person says: {command}"),
            Self::TimePassed => f.write_str("time passed"),
        }
    }
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Promote => f.write_str("promote"),
            Self::TakeOver { confirmed: Some(version) } => write!(f, "take over with {version}"),
            Self::TakeOver { confirmed: None } => f.write_str("take over"),
            Self::SetWeight(weight) => write!(f, "set weight {weight}"),
            Self::Pause => f.write_str("pause"),
            Self::Resume => f.write_str("resume"),
            Self::Abort => f.write_str("abort"),
            Self::Retry => f.write_str("retry"),
            Self::Undo { to: Some(version) } => write!(f, "undo to {version}"),
            Self::Undo { to: None } => f.write_str("undo"),
            Self::Restart => f.write_str("restart"),
            Self::Retire { version } => write!(f, "retire {version}"),
        }
    }
}
