//! From counters to phases.

use super::{Limits, MetricResult, Phase};

/// A limit that a metric went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitReached {
    /// More failures than allowed.
    Failed {
        /// How many.
        count: u32,
        /// How many are allowed.
        limit: u32,
    },
    /// More inconclusive measurements than allowed.
    Inconclusive {
        /// How many.
        count: u32,
        /// How many are allowed.
        limit: u32,
    },
    /// More errors in a row than allowed.
    ConsecutiveErrors {
        /// How many.
        count: u32,
        /// How many are allowed.
        limit: u32,
    },
}

impl LimitReached {
    /// What the metric becomes.
    #[must_use]
    pub const fn phase(self) -> Phase {
        match self {
            Self::Failed { .. } => Phase::Failed,
            Self::Inconclusive { .. } => Phase::Inconclusive,
            Self::ConsecutiveErrors { .. } => Phase::Error,
        }
    }
}

impl std::fmt::Display for LimitReached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed { count, limit } => write!(f, "failed ({count}) > failureLimit ({limit})"),
            Self::Inconclusive { count, limit } => {
                write!(f, "inconclusive ({count}) > inconclusiveLimit ({limit})")
            }
            Self::ConsecutiveErrors { count, limit } => {
                write!(f, "consecutiveErrors ({count}) > consecutiveErrorLimit ({limit})")
            }
        }
    }
}

/// The limit that a metric went beyond; of several, errors before inconclusive before failed.
#[must_use]
pub fn limit_reached(limits: &Limits, result: &MetricResult) -> Option<LimitReached> {
    let MetricResult { failed, inconclusive, consecutive_error, .. } = *result;
    if consecutive_error > limits.consecutive_error {
        return Some(LimitReached::ConsecutiveErrors {
            count: consecutive_error,
            limit: limits.consecutive_error,
        });
    }
    if inconclusive > limits.inconclusive {
        return Some(LimitReached::Inconclusive { count: inconclusive, limit: limits.inconclusive });
    }
    let limit = limits.failure.filter(|limit| failed > *limit)?;
    Some(LimitReached::Failed { count: failed, limit })
}

/// What a metric is, by its counters. `stopping` says that the run comes to its end: what has not settled is `Cancelled`.
#[must_use]
pub fn assess_metric(limits: &Limits, result: &MetricResult, stopping: bool) -> Phase {
    if result.phase.is_completed() {
        return result.phase;
    }
    if result.measurements.is_empty() {
        return if stopping { Phase::Cancelled } else { Phase::Pending };
    }
    if result.in_flight().is_some() {
        return Phase::Running;
    }
    if let Some(reached) = limit_reached(limits, result) {
        return reached.phase();
    }
    if limits.consecutive_success.is_some_and(|limit| result.consecutive_success >= limit) {
        return Phase::Successful;
    }
    if limits.count.is_some_and(|count| result.count >= count) {
        return match (limits.consecutive_success, limits.failure) {
            (Some(_), Some(_)) => Phase::Inconclusive,
            (Some(_), None) => Phase::Failed,
            (None, _) => Phase::Successful,
        };
    }
    if stopping { Phase::Cancelled } else { Phase::Running }
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assessment {
    /// The whole run.
    pub phase: Phase,
    /// Why; often empty.
    pub message: String,
    /// Metric by metric, in the order given.
    pub metrics: Vec<Phase>,
}

/// What a run is, by what its metrics have come to. A metric without a result has not begun.
///
/// The worst of the metrics that decide; `Running` while one of them (or of those that do not decide) goes on, and
/// `Successful` when none decides.
#[must_use]
pub fn assess_run(metrics: &[(Limits, Option<&MetricResult>)], stopping: bool) -> Assessment {
    let phase_of = |(limits, result): &(Limits, Option<&MetricResult>)| match result {
        Some(result) => assess_metric(limits, result, stopping),
        None if stopping => Phase::Cancelled,
        None => Phase::Pending,
    };
    let phases: Vec<Phase> = metrics.iter().map(phase_of).collect();
    let mut worst: Option<(Phase, String)> = None;
    for ((limits, result), phase) in metrics.iter().zip(&phases) {
        let Some(result) = result.filter(|result| !result.dry_run && phase.is_completed()) else { continue };
        if worst.as_ref().is_none_or(|(so_far, _)| so_far.is_worse_in(*phase)) {
            worst = Some((*phase, message_of(limits, result, *phase)));
        }
    }
    let going_on = !stopping && phases.iter().any(|phase| !phase.is_completed());
    let (phase, message) = match worst {
        _ if going_on => (Phase::Running, String::new()),
        Some(found) => found,
        None if stopping => (Phase::Cancelled, String::new()),
        None => (Phase::Successful, String::new()),
    };
    Assessment { phase, message, metrics: phases }
}

fn message_of(limits: &Limits, result: &MetricResult, phase: Phase) -> String {
    match limit_reached(limits, result).filter(|reached| reached.phase() == phase) {
        Some(reached) if result.message.is_empty() => {
            format!("metric `{}` assessed {phase} due to {reached}", result.name)
        }
        Some(reached) => {
            format!("metric `{}` assessed {phase} due to {reached}: {}", result.name, result.message)
        }
        None => result.message.clone(),
    }
}
