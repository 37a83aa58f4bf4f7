//! The ways to release.

use pointsman_types::{IntOrString, Percent, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Analysis, CanaryScale, PlanStep, RequestMatch};

/// A way to release a version. All of them are carried out as [`PlanStep`]s by one engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Strategy {
    /// Written-out steps, as in Argo Rollouts.
    Canary(Canary),
    /// The same check after each increment of the weight, as in Flagger.
    Increments(Increments),
    /// The new version complete beside the old one, then all traffic at once.
    BlueGreen(BlueGreen),
    /// Some users, told by header, cookie or sender, for a number of checks.
    AbTest(AbTest),
    /// Both versions side by side, the share set by hand.
    Manual(Manual),
}

/// A canary by written-out steps.
///
/// Shape: without steps the new version takes over as soon as it is ready.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Canary {
    /// The steps.
    pub steps: Vec<PlanStep>,
    /// What makes the shares true. Default: the route.
    #[serde(default)]
    pub traffic: Traffic,
    /// An analysis beside the steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
}

/// What makes the shares of a canary true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Traffic {
    /// The weights of a route.
    #[default]
    Routed,
    /// Only the numbers of pods behind one service: shares are rounded to what they allow.
    ByReplicas {
        /// How many pods more than wanted.
        max_surge: IntOrString,
        /// How many pods fewer than wanted.
        max_unavailable: IntOrString,
    },
}

/// An analysis that runs beside the steps until the promotion.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Background {
    /// What is measured.
    pub analysis: Analysis,
    /// It begins at this step, from 0.
    #[serde(default)]
    pub starting_step: u32,
}

/// A canary whose weight grows by itself, with the same check after each increment.
///
/// Shape: weights increase and end at or below the total; each is held for `interval`, then checked. A forgiven failure of
/// the check holds the weight for another interval.
///
/// Source: `stepWeight`, `stepWeights`, `maxWeight`, `interval`, `threshold` and `stepWeightPromotion` of Flagger.
/// Differs: the next weight is the next larger one, never found by equality, so that no edit can jump to 100 %; a failure
/// that reaches the threshold aborts at once, not an interval later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Increments {
    /// The weights, in order.
    pub weights: Vec<u32>,
    /// How long before each check.
    pub interval: TimeDelta,
    /// The check.
    pub check: Analysis,
    /// By how much the weight grows from the last of `weights` to all. Default: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion_step: Option<u32>,
    /// Whether a person must say so before the promotion. Default: no.
    #[serde(default)]
    pub promotion: Approval,
    /// How many canary pods. Default: as many as its traffic needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary_scale: Option<CanaryScale>,
    /// Checks before the canary gets any traffic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Check>,
    /// The share of the traffic copied to the canary for one interval and one check, before it gets a weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Percent>,
    /// Asked before each increase of the weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_each: Option<Analysis>,
    /// Asked before the promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_promotion: Option<Analysis>,
}

/// Who lets a release go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Approval {
    /// Nobody needs to.
    #[default]
    Automatic,
    /// It goes on after that long, or when a person says so.
    After(TimeDelta),
    /// A person.
    ByPerson,
}

/// Blue-green: the new version complete beside the old one, then all traffic at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BlueGreen {
    /// Pods of the new version before it is approved; default: as many as wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_replicas: Option<u32>,
    /// The share of the traffic copied to it before the switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Percent>,
    /// Checks before the switch: each must pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Check>,
    /// Who lets it switch.
    #[serde(default)]
    pub promotion: Approval,
    /// Checks after the switch: a failure switches back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Check>,
}

/// A wait and then an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How long to wait first; zero for not at all.
    #[serde(default)]
    pub delay: TimeDelta,
    /// What is measured.
    pub analysis: Analysis,
}

/// A/B test: requests that match go to the new version for a number of checks, then it takes over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AbTest {
    /// Any of these goes to the new version.
    pub matches: Vec<RequestMatch>,
    /// How many checks, at least 1.
    pub iterations: u32,
    /// How long before each check.
    pub interval: TimeDelta,
    /// The check.
    pub check: Analysis,
    /// Who lets it take over.
    #[serde(default)]
    pub promotion: Approval,
    /// Checks before any request goes to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Check>,
    /// Asked before it takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_promotion: Option<Analysis>,
}

/// Both versions side by side, the share set by hand with [`SetWeight`](crate::Command::SetWeight), ended with
/// [`TakeOver`](crate::Command::TakeOver) or [`Abort`](crate::Command::Abort).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manual {}

impl Canary {
    /// These steps, on a route.
    pub fn new(steps: impl IntoIterator<Item = PlanStep>) -> Self {
        Self { steps: steps.into_iter().collect(), traffic: Traffic::Routed, background: None }
    }

    /// Without a route: the shares follow from the numbers of pods.
    #[must_use]
    pub fn by_replicas(mut self, max_surge: IntOrString, max_unavailable: IntOrString) -> Self {
        self.traffic = Traffic::ByReplicas { max_surge, max_unavailable };
        self
    }

    /// With an analysis beside the steps, from that step on.
    #[must_use]
    pub fn with_background(mut self, analysis: Analysis, starting_step: u32) -> Self {
        self.background = Some(Background { analysis, starting_step });
        self
    }
}

impl Increments {
    /// These weights, with this check after each.
    pub fn new(weights: impl IntoIterator<Item = u32>, interval: TimeDelta, check: Analysis) -> Self {
        Self {
            weights: weights.into_iter().collect(),
            interval,
            check,
            promotion_step: None,
            promotion: Approval::Automatic,
            canary_scale: None,
            first: Vec::new(),
            mirror: None,
            before_each: None,
            before_promotion: None,
        }
    }

    /// Weights of `step`, twice `step`, … and at last `max`. A step of 0 counts as 1.
    #[must_use]
    pub fn even(step: u32, max: u32, interval: TimeDelta, check: Analysis) -> Self {
        let mut weights = Vec::new();
        let mut weight = 0_u32;
        while weight < max.min(crate::plan::MAX_TOTAL_WEIGHT) {
            weight = weight.saturating_add(step.max(1)).min(max);
            weights.push(weight);
        }
        Self::new(weights, interval, check)
    }

    /// Growing by that much from the last weight to all.
    #[must_use]
    pub fn with_promotion_step(mut self, step: u32) -> Self {
        self.promotion_step = Some(step);
        self
    }

    /// With this approval before the promotion.
    #[must_use]
    pub fn with_promotion(mut self, promotion: Approval) -> Self {
        self.promotion = promotion;
        self
    }

    /// With so many canary pods, whatever its traffic.
    #[must_use]
    pub fn with_canary_scale(mut self, scale: CanaryScale) -> Self {
        self.canary_scale = Some(scale);
        self
    }

    /// With one check more before the canary gets any traffic.
    #[must_use]
    pub fn with_check_first(mut self, delay: TimeDelta, analysis: Analysis) -> Self {
        self.first.push(Check { delay, analysis });
        self
    }

    /// With this share of the traffic copied to the canary for one interval before it gets a weight.
    #[must_use]
    pub fn with_mirror(mut self, share: Percent) -> Self {
        self.mirror = Some(share);
        self
    }

    /// Asking this before each increase of the weight.
    #[must_use]
    pub fn with_before_each(mut self, gate: Analysis) -> Self {
        self.before_each = Some(gate);
        self
    }

    /// Asking this before the promotion.
    #[must_use]
    pub fn with_before_promotion(mut self, gate: Analysis) -> Self {
        self.before_promotion = Some(gate);
        self
    }
}

impl BlueGreen {
    /// Switching as soon as the new version is ready.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With so many pods before the approval.
    #[must_use]
    pub fn with_preview_replicas(mut self, replicas: u32) -> Self {
        self.preview_replicas = Some(replicas);
        self
    }

    /// With this share of the traffic copied to it before the switch.
    #[must_use]
    pub fn with_mirror(mut self, share: Percent) -> Self {
        self.mirror = Some(share);
        self
    }

    /// With one check more before the switch.
    #[must_use]
    pub fn with_check_before(mut self, delay: TimeDelta, analysis: Analysis) -> Self {
        self.before.push(Check { delay, analysis });
        self
    }

    /// With this approval of the switch.
    #[must_use]
    pub fn with_promotion(mut self, promotion: Approval) -> Self {
        self.promotion = promotion;
        self
    }

    /// With one check more after the switch.
    #[must_use]
    pub fn with_check_after(mut self, delay: TimeDelta, analysis: Analysis) -> Self {
        self.after.push(Check { delay, analysis });
        self
    }
}

impl AbTest {
    /// Requests that match any of these go to the new version until it passed so many checks.
    pub fn new(
        matches: impl IntoIterator<Item = RequestMatch>,
        iterations: u32,
        interval: TimeDelta,
        check: Analysis,
    ) -> Self {
        Self {
            matches: matches.into_iter().collect(),
            iterations,
            interval,
            check,
            promotion: Approval::Automatic,
            first: Vec::new(),
            before_promotion: None,
        }
    }

    /// With this approval of the take-over.
    #[must_use]
    pub fn with_promotion(mut self, promotion: Approval) -> Self {
        self.promotion = promotion;
        self
    }

    /// With one check more before any request goes to the new version.
    #[must_use]
    pub fn with_check_first(mut self, delay: TimeDelta, analysis: Analysis) -> Self {
        self.first.push(Check { delay, analysis });
        self
    }

    /// Asking this before the new version takes over.
    #[must_use]
    pub fn with_before_promotion(mut self, gate: Analysis) -> Self {
        self.before_promotion = Some(gate);
        self
    }
}
