//! The instructions of a plan.

use pointsman_types::{Weight, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Experiment, ManagedRoute};

/// One instruction of a rollout.
///
/// Source: `CanaryStep` of Argo Rollouts; the other strategies are written down in the same instructions, see
/// [`Plan::steps`](crate::Plan::steps).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PlanStep {
    /// Give the canary this share of the traffic, out of the plan's total weight.
    SetWeight(Weight),
    /// Fix the number of canary pods apart from its traffic.
    SetCanaryScale(CanaryScale),
    /// Wait.
    Pause(Pause),
    /// Wait for an analysis run to be successful.
    Analysis(Analysis),
    /// Run further pods beside stable and canary for a while.
    Experiment(Experiment),
    /// Add, change or take away a route.
    SetRoute(ManagedRoute),
    /// Wait until every other component of the group has come here.
    Barrier(String),
}

/// How many canary pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CanaryScale {
    /// So many.
    Replicas(u32),
    /// This share of the replicas, out of the plan's total weight, rounded up.
    Weight(u32),
    /// As many as its traffic needs: ends an earlier `SetCanaryScale`.
    MatchTraffic,
}

/// A wait.
///
/// Shape: without a duration it waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Pause {
    /// How long; the rollout goes on strictly after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<TimeDelta>,
}

impl Pause {
    /// Until a person says so.
    pub const FOR_A_PERSON: Self = Self { duration: None };

    /// For that long.
    #[must_use]
    pub const fn of(duration: TimeDelta) -> Self {
        Self { duration: Some(duration) }
    }
}

/// What is measured, and what follows from the answer.
///
/// Shape: `templates` are names the caller knows; the rollout never reads them. The measuring itself and its state are
/// the caller's (and `pointsman-judge`'s): the rollout asks with
/// [`StartAnalysis`](crate::Effect::StartAnalysis) and is told with
/// [`AnalysisFinished`](crate::Event::AnalysisFinished).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Analysis {
    /// Names of what is to be measured, in order.
    pub templates: Vec<String>,
    /// What a failure does. Default: abort.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How many failures are forgiven before `on_failure` applies; a forgiven failure starts a new run, after the pause
    /// that stands directly before it. Default 0.
    #[serde(default)]
    pub forgiven: u32,
}

impl Analysis {
    /// Measure these, and abort on the first failure.
    pub fn of<T: Into<String>>(templates: impl IntoIterator<Item = T>) -> Self {
        Self {
            templates: templates.into_iter().map(Into::into).collect(),
            on_failure: OnFailure::Abort,
            forgiven: 0,
        }
    }

    /// With this reaction to a failure.
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// With so many failures forgiven over the whole update.
    #[must_use]
    pub fn with_forgiven(mut self, forgiven: u32) -> Self {
        self.forgiven = forgiven;
        self
    }
}

/// What a failed analysis does. A run that ends in an error counts as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnFailure {
    /// All traffic back to stable.
    #[default]
    Abort,
    /// Stay and wait for a person.
    Hold,
    /// Go on as if it had passed.
    Continue,
}

impl std::fmt::Display for PlanStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SetWeight(weight) => write!(f, "set weight {weight}"),
            Self::SetCanaryScale(CanaryScale::Replicas(count)) => write!(f, "scale the canary to {count}"),
            Self::SetCanaryScale(CanaryScale::Weight(weight)) => {
                write!(f, "scale the canary to {weight} percent")
            }
            Self::SetCanaryScale(CanaryScale::MatchTraffic) => f.write_str("scale the canary as its traffic"),
            Self::Pause(Pause { duration: Some(duration) }) => write!(f, "pause for {duration}"),
            Self::Pause(Pause { duration: None }) => f.write_str("pause for a person"),
            Self::Analysis(analysis) => write!(f, "analysis of {}", analysis.templates.join(", ")),
            Self::Experiment(experiment) => write!(f, "experiment `{}`", experiment.name),
            Self::SetRoute(route) if route.matches.is_empty() => {
                write!(f, "take route `{}` away", route.name)
            }
            Self::SetRoute(route) => write!(f, "set route `{}`", route.name),
            Self::Barrier(name) => write!(f, "wait for the group at `{name}`"),
        }
    }
}
