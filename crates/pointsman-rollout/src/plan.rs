//! What a release is to be like.

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::replicas::Bounds;
use crate::{
    Background, Canary, InvalidPlan, Manual, PlanStep, Sticky, Strategy, Traffic, compile, invalid_plan,
};

/// The largest total weight: shares are counted exactly within it.
pub(crate) const MAX_TOTAL_WEIGHT: u32 = 1_000_000;
/// The most replicas.
pub(crate) const MAX_REPLICAS: u32 = 1_000_000;
/// The most steps.
pub(crate) const MAX_STEPS: usize = 1_000;

/// What a release is to be like, as a person writes it; [`build`](Self::build) checks it.
///
/// ```
/// use pointsman_rollout::{Canary, Pause, PlanSpec, PlanStep, Strategy};
/// use pointsman_types::{Weight, duration::TimeDelta};
///
/// let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new([
///         PlanStep::SetWeight(Weight::new(20)),
///         PlanStep::Pause(Pause::of(TimeDelta::from_secs(60))),
///         PlanStep::SetWeight(Weight::new(50)),
///         PlanStep::Pause(Pause::FOR_A_PERSON),
///     ])))
///     .with_replicas(3)
///     .build()?;
/// assert_eq!(plan.steps().len(), 4);
/// # Ok::<(), pointsman_rollout::InvalidPlan>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlanSpec {
    /// The component that is released.
    pub component: String,
    /// How.
    pub strategy: Strategy,
    /// How many pods the component has. Default 1.
    #[serde(default = "one")]
    pub replicas: u32,
    /// What the weights add up to. Default 100.
    #[serde(default = "hundred")]
    pub total_weight: u32,
    /// How many of a version's pods must be ready before it gets its share. Default: all.
    #[serde(default)]
    pub threshold: Threshold,
    /// The fewest pods of a version that has any. Default 0.
    #[serde(default)]
    pub min_pods: u32,
    /// Whether stable shrinks while the canary grows. Default: it stays complete.
    #[serde(default)]
    pub stable_scale: StableScale,
    /// When a written route counts as being in force everywhere. Default: when it is written.
    #[serde(default)]
    pub propagation: Propagation,
    /// When the version that served before is removed. Default: when a person says so.
    #[serde(default)]
    pub retirement: Retirement,
    /// What becomes of an aborted canary's pods. Default: down after 30 seconds.
    #[serde(default)]
    pub abort_scale_down: AbortScaleDown,
    /// How long a state may last without any progress. Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress_deadline: Option<TimeDelta>,
    /// What happens then.
    #[serde(default)]
    pub on_deadline: OnDeadline,
    /// An earlier version among so many that served last takes over at once, without steps. Default 0: none does.
    #[serde(default)]
    pub rollback_window: u32,
    /// Whether users stay with the version that they met. Default: every request is dealt by the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticky: Option<Sticky>,
}

/// How many pods of a version must be ready.
///
/// Source: `replicaProgressThreshold` of Argo Rollouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Threshold {
    /// All.
    #[default]
    All,
    /// This percentage, 0 to 100; at least one pod if the version gets traffic.
    Percent(u32),
    /// So many; at least one if the version gets traffic.
    Pods(u32),
}

/// How many pods stable has during an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StableScale {
    /// All, so that an abort is immediate.
    #[default]
    Full,
    /// As many as its share needs; an abort moves the traffic as fast as stable grows.
    Dynamic,
}

/// When a written route counts as being in force at every proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Propagation {
    /// That long after it was written, or when it was observed.
    Hold(TimeDelta),
    /// When it was observed.
    Observed,
}

impl Default for Propagation {
    fn default() -> Self {
        Self::Hold(TimeDelta::ZERO)
    }
}

/// When the version that served before is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Retirement {
    /// When a person says so.
    #[default]
    OnCommand,
    /// That long after the promotion.
    After(TimeDelta),
}

/// What becomes of the pods of an aborted canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AbortScaleDown {
    /// They go, that long after traffic is off them and stable is complete.
    After(TimeDelta),
    /// They stay.
    Never,
}

impl Default for AbortScaleDown {
    fn default() -> Self {
        Self::After(TimeDelta::from_secs(30))
    }
}

/// What happens when a state lasts too long without progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDeadline {
    /// It is reported.
    #[default]
    Report,
    /// The update is aborted.
    Abort,
}

fn one() -> u32 {
    1
}

fn hundred() -> u32 {
    100
}

impl PlanSpec {
    /// A plan with every default.
    pub fn new(component: impl Into<String>, strategy: Strategy) -> Self {
        Self {
            component: component.into(),
            strategy,
            replicas: 1,
            total_weight: 100,
            threshold: Threshold::All,
            min_pods: 0,
            stable_scale: StableScale::Full,
            propagation: Propagation::default(),
            retirement: Retirement::OnCommand,
            abort_scale_down: AbortScaleDown::default(),
            progress_deadline: None,
            on_deadline: OnDeadline::Report,
            rollback_window: 0,
            sticky: None,
        }
    }

    /// Both versions side by side, the share set by hand.
    pub fn manual(component: impl Into<String>) -> Self {
        Self::new(component, Strategy::Manual(Manual {}))
    }

    /// With so many pods.
    #[must_use]
    pub fn with_replicas(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }

    /// With weights that add up to that.
    #[must_use]
    pub fn with_total_weight(mut self, total: u32) -> Self {
        self.total_weight = total;
        self
    }

    /// With this threshold of readiness.
    #[must_use]
    pub fn with_threshold(mut self, threshold: Threshold) -> Self {
        self.threshold = threshold;
        self
    }

    /// With at least so many pods of a version that has any.
    #[must_use]
    pub fn with_min_pods(mut self, pods: u32) -> Self {
        self.min_pods = pods;
        self
    }

    /// With this scale of stable.
    #[must_use]
    pub fn with_stable_scale(mut self, scale: StableScale) -> Self {
        self.stable_scale = scale;
        self
    }

    /// With this rule of propagation.
    #[must_use]
    pub fn with_propagation(mut self, propagation: Propagation) -> Self {
        self.propagation = propagation;
        self
    }

    /// With this rule of retirement.
    #[must_use]
    pub fn with_retirement(mut self, retirement: Retirement) -> Self {
        self.retirement = retirement;
        self
    }

    /// With this rule for an aborted canary's pods.
    #[must_use]
    pub fn with_abort_scale_down(mut self, rule: AbortScaleDown) -> Self {
        self.abort_scale_down = rule;
        self
    }

    /// With this deadline of progress.
    #[must_use]
    pub fn with_progress_deadline(mut self, deadline: TimeDelta, then: OnDeadline) -> Self {
        self.progress_deadline = Some(deadline);
        self.on_deadline = then;
        self
    }

    /// With this rollback window.
    #[must_use]
    pub fn with_rollback_window(mut self, versions: u32) -> Self {
        self.rollback_window = versions;
        self
    }

    /// With users who stay with the version that they met.
    #[must_use]
    pub fn with_sticky(mut self, sticky: Sticky) -> Self {
        self.sticky = Some(sticky);
        self
    }

    /// The checked plan.
    ///
    /// # Errors
    /// The first thing that is wrong, with its field; see [`PlanSpec::problems`] for all of them.
    pub fn build(self) -> Result<Plan, InvalidPlan> {
        Plan::try_from(self)
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<InvalidPlan> {
        invalid_plan::problems(self)
    }
}

/// A checked plan: what [`step`](crate::step) works by.
///
/// Shape: every weight is at most the total, every name of a managed route stands once, all counts are bounded. Read it
/// with [`spec`](Self::spec); to change it, change the spec and build again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PlanSpec", into = "PlanSpec")]
pub struct Plan {
    spec: PlanSpec,
    steps: Vec<PlanStep>,
    fingerprint: u64,
}

impl Plan {
    /// As it was written.
    #[must_use]
    pub const fn spec(&self) -> &PlanSpec {
        &self.spec
    }

    /// The steps that carry out the strategy.
    #[must_use]
    pub fn steps(&self) -> &[PlanStep] {
        &self.steps
    }

    /// A number that is the same for the same steps and differs for others. It does not change between releases of this
    /// library.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The analysis beside the steps.
    pub(crate) fn background(&self) -> Option<&Background> {
        match &self.spec.strategy {
            Strategy::Canary(canary) => canary.background.as_ref(),
            _ => None,
        }
    }

    /// The bounds of the numbers of pods where they alone share the traffic; `None` where a route does.
    #[must_use]
    pub fn bounds(&self, size: u32) -> Option<Bounds> {
        match &self.spec.strategy {
            Strategy::Canary(Canary {
                traffic: Traffic::ByReplicas { max_surge, max_unavailable }, ..
            }) => Some(Bounds::resolve(*max_surge, *max_unavailable, size).within(size)),
            _ => None,
        }
    }

    /// Whether the share is set by hand.
    #[must_use]
    pub const fn is_manual(&self) -> bool {
        matches!(self.spec.strategy, Strategy::Manual(_))
    }

    /// The number of steps, as the index counts.
    pub(crate) fn end(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn step_at(&self, index: u32) -> Option<&PlanStep> {
        self.steps.get(usize::try_from(index).ok()?)
    }

    /// The steps up to and with this index.
    pub(crate) fn steps_until(&self, index: u32) -> &[PlanStep] {
        let end = usize::try_from(index).map_or(usize::MAX, |index| index.saturating_add(1));
        self.steps.get(..end.min(self.steps.len())).unwrap_or_default()
    }
}

impl TryFrom<PlanSpec> for Plan {
    type Error = InvalidPlan;

    fn try_from(spec: PlanSpec) -> Result<Self, InvalidPlan> {
        if let Some(problem) = invalid_plan::problems(&spec).into_iter().next() {
            return Err(problem);
        }
        let steps = compile::steps_of(&spec.strategy, spec.total_weight);
        let fingerprint = crate::fingerprint::of_steps(&steps);
        Ok(Self { spec, steps, fingerprint })
    }
}

impl From<Plan> for PlanSpec {
    fn from(plan: Plan) -> Self {
        plan.spec
    }
}
