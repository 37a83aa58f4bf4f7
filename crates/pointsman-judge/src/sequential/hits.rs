//! Which requests count against a version.

use serde::{Deserialize, Serialize};

use crate::Tally;

/// Which requests count against a version.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hits {
    /// Those that failed.
    #[default]
    Errors,
    /// Those that took longer than one of the bounds of the latency histogram, in milliseconds.
    SlowerThan {
        /// The bound, exactly as the histogram has it.
        bound_ms: f64,
    },
}

/// Requests of one version and how many of them count against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Requests.
    pub requests: u64,
    /// Those that count against the version; at most `requests`.
    pub hits: u64,
}

impl Counts {
    /// So many requests, so many of them count against the version.
    #[must_use]
    pub const fn new(requests: u64, hits: u64) -> Self {
        Self { requests, hits }
    }

    /// The share of hits, 0 to 1; `None` without requests.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        let to_f64 = crate::histogram::to_f64;
        (self.requests > 0).then(|| to_f64(self.hits) / to_f64(self.requests))
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            hits: self.hits.saturating_add(other.hits),
        }
    }
}

impl Hits {
    /// What counts in this tally; `None` when it cannot be told, since the histogram has no such bound or there are more
    /// errors than requests.
    #[must_use]
    pub fn count(self, tally: &Tally) -> Option<Counts> {
        match self {
            Self::Errors => {
                (tally.errors <= tally.requests).then(|| Counts::new(tally.requests, tally.errors))
            }
            Self::SlowerThan { .. } if tally.latency.total() == 0 => Some(Counts::default()),
            Self::SlowerThan { bound_ms } => {
                Some(Counts::new(tally.latency.total(), tally.latency.slower_than(bound_ms)?))
            }
        }
    }
}
