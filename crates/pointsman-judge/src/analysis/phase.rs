//! How far a run, a metric or a measurement is.

use serde::{Deserialize, Serialize};

use crate::Verdict;

/// How far a run, a metric or a measurement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Phase {
    /// Nothing was measured yet.
    #[default]
    #[serde(alias = "")]
    Pending,
    /// It goes on.
    Running,
    /// It passed.
    Successful,
    /// It did not.
    Failed,
    /// It could not be carried out.
    Error,
    /// It cannot say.
    Inconclusive,
    /// It was stopped before its end.
    Cancelled,
}

impl Phase {
    /// Whether nothing more comes.
    #[must_use]
    pub const fn is_completed(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// Whether it ends a whole run.
    #[must_use]
    pub const fn ends_run(self) -> bool {
        matches!(self, Self::Failed | Self::Error | Self::Inconclusive)
    }

    /// Whether the other one is worse, from successful over cancelled, running, pending, inconclusive and error to failed.
    #[must_use]
    pub const fn is_worse_in(self, other: Self) -> bool {
        other.severity() > self.severity()
    }

    /// The worse of two.
    #[must_use]
    pub const fn worst(self, other: Self) -> Self {
        if self.is_worse_in(other) { other } else { self }
    }

    const fn severity(self) -> u8 {
        match self {
            Self::Successful => 0,
            Self::Cancelled => 1,
            Self::Running => 2,
            Self::Pending => 3,
            Self::Inconclusive => 4,
            Self::Error => 5,
            Self::Failed => 6,
        }
    }
}

impl From<Verdict> for Phase {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Successful,
            Verdict::Fail => Self::Failed,
            Verdict::Undecided { .. } | Verdict::NoData => Self::Inconclusive,
            Verdict::Error => Self::Error,
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}
