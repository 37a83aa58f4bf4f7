//! What was seen in one tick.

use serde::{Deserialize, Serialize};

use crate::Histogram;
use crate::histogram::to_f64;

/// What was counted in one tick, on both sides.
///
/// Shape: increments since the tick before, not totals since the start. The traffic share is not given: the requests of
/// both sides say it, tick by tick. Without a baseline its tally is empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The version under judgement.
    pub canary: Tally,
    /// What it is compared with, over the same time.
    #[serde(default)]
    pub baseline: Tally,
}

/// What was counted of one version in one tick.
///
/// Shape: `errors` is at most `requests` (a judge answers `Error` otherwise); `latency` may be empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tally {
    /// Requests answered.
    pub requests: u64,
    /// Those that failed.
    #[serde(default)]
    pub errors: u64,
    /// How long they took.
    #[serde(default)]
    pub latency: Histogram,
}

impl Evidence {
    /// Of the canary alone.
    #[must_use]
    pub fn new(canary: Tally) -> Self {
        Self { canary, baseline: Tally::default() }
    }

    /// Compared with this, over the same time.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Tally) -> Self {
        self.baseline = baseline;
        self
    }

    /// The same with the sides changed.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self { canary: self.baseline, baseline: self.canary }
    }

    /// The requests of both sides.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.canary.requests.saturating_add(self.baseline.requests)
    }

    /// Whether no side counts more errors than requests.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.canary.errors <= self.canary.requests && self.baseline.errors <= self.baseline.requests
    }
}

impl Tally {
    /// So many requests, so many of them failed.
    #[must_use]
    pub fn new(requests: u64, errors: u64) -> Self {
        Self { requests, errors, latency: Histogram::default() }
    }

    /// With how long they took.
    #[must_use]
    pub fn with_latency(mut self, latency: Histogram) -> Self {
        self.latency = latency;
        self
    }

    /// The share of requests that failed, 0 to 1; `None` without requests.
    #[must_use]
    pub fn error_share(&self) -> Option<f64> {
        (self.requests > 0).then(|| to_f64(self.errors) / to_f64(self.requests))
    }
}
