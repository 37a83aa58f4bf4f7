//! What a metric has come to.

use std::collections::BTreeMap;

use pointsman_types::Time;
use serde::{Deserialize, Serialize};

use super::Phase;
use crate::Value;

/// What a metric has come to: counters, and the last measurements.
///
/// Shape: as `metricResults` of an AnalysisRun. Only the last measurement and the counters decide what follows; how many
/// measurements are kept is [`Retention`](super::Retention)'s.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricResult {
    /// Which metric.
    pub name: String,
    /// How far it is.
    pub phase: Phase,
    /// The last measurements, oldest first.
    pub measurements: Vec<Measured>,
    /// Why it is in its phase; often empty.
    pub message: String,
    /// Measurements that came to an end other than an error.
    pub count: u32,
    /// Those that were successful.
    pub successful: u32,
    /// Those that failed.
    pub failed: u32,
    /// Those that were inconclusive.
    pub inconclusive: u32,
    /// Errors.
    pub error: u32,
    /// Errors since the last other end.
    pub consecutive_error: u32,
    /// Successes since the last other end.
    pub consecutive_success: u32,
    /// Whether it is only looked at and decides nothing.
    pub dry_run: bool,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Measured {
    /// How far it is.
    pub phase: Phase,
    /// When it was asked.
    pub started_at: Option<Time>,
    /// When it came to its end; `None` while it goes on.
    pub finished_at: Option<Time>,
    /// When to look again; `None` while an answer is waited for.
    pub resume_at: Option<Time>,
    /// What came.
    pub value: Option<Value>,
    /// Why it is an error.
    pub message: String,
    /// What the provider says besides.
    pub metadata: BTreeMap<String, String>,
}

impl MetricResult {
    /// Nothing measured yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The measurement that goes on.
    #[must_use]
    pub fn in_flight(&self) -> Option<&Measured> {
        self.measurements.last().filter(|last| !last.phase.is_completed())
    }

    /// Counts a measurement that came to its end in this phase.
    pub(super) fn tally(&mut self, phase: Phase) {
        if phase == Phase::Error {
            self.error = self.error.saturating_add(1);
            self.consecutive_error = self.consecutive_error.saturating_add(1);
            self.consecutive_success = 0;
            return;
        }
        self.count = self.count.saturating_add(1);
        self.consecutive_error = 0;
        if phase == Phase::Successful {
            self.successful = self.successful.saturating_add(1);
            self.consecutive_success = self.consecutive_success.saturating_add(1);
            return;
        }
        self.consecutive_success = 0;
        let counter = if phase == Phase::Failed { &mut self.failed } else { &mut self.inconclusive };
        *counter = counter.saturating_add(1);
    }
}
