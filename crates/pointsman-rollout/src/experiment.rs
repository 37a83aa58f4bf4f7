//! Pods that run beside stable and canary for a while.

use pointsman_types::{Weight, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Analysis, Version};

/// Further pods, with or without traffic, measured for a while and removed again.
///
/// Shape: at least one variant; the weights of all variants and of the canary stay within the plan's total. Without an
/// analysis it ends after its duration; without a duration when its analysis ends; with both when both are over, unless
/// `unfinished` says otherwise; without both when a person says so.
///
/// Source: the `experiment` step of Argo Rollouts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// What runs.
    pub variants: Vec<Variant>,
    /// How long, counted from when all variants are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<TimeDelta>,
    /// What is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// What happens when the duration is over before the analysis is. Default: it is waited for.
    #[serde(default)]
    pub unfinished: Unfinished,
}

/// What becomes of an analysis that has not answered when the duration of its experiment is over.
///
/// Source: `requiredForCompletion` of Argo Rollouts. Differs: there an analysis that is not required is stopped unless one
/// says so, and the experiment is successful whatever the answer would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unfinished {
    /// It is waited for: no answer is no success.
    #[default]
    Awaited,
    /// It is stopped, and the experiment is over: for measurements that have no end of their own.
    Stopped,
}

/// One set of pods of an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// The version name of these pods.
    pub version: Version,
    /// Whose pod template they copy.
    pub copy_of: Role,
    /// How many.
    pub replicas: u32,
    /// Their share of the traffic, taken from stable's.
    #[serde(default)]
    pub weight: Weight,
}

/// The part that a version plays in an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The version that serves, and to which an abort returns.
    Stable,
    /// The version that is being released.
    Canary,
}

impl Experiment {
    /// An experiment with these variants.
    pub fn new(name: impl Into<String>, variants: impl IntoIterator<Item = Variant>) -> Self {
        Self {
            name: name.into(),
            variants: variants.into_iter().collect(),
            duration: None,
            analysis: None,
            unfinished: Unfinished::Awaited,
        }
    }

    /// Ending after that long.
    #[must_use]
    pub fn with_duration(mut self, duration: TimeDelta) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Measured by that.
    #[must_use]
    pub fn with_analysis(mut self, analysis: Analysis) -> Self {
        self.analysis = Some(analysis);
        self
    }

    /// With this end of an analysis that has not answered in time.
    #[must_use]
    pub const fn with_unfinished(mut self, unfinished: Unfinished) -> Self {
        self.unfinished = unfinished;
        self
    }
}
