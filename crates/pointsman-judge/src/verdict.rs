//! What a judge says.

use serde::{Deserialize, Serialize};

/// What a judge says of the canary, now.
///
/// Shape: small, without floating-point numbers; the numbers behind it are in the judge's own report. A verdict is what
/// holds at this tick: a judge that said `Undecided` says something else once it has seen enough.
///
/// | verdict | an analysis run calls it |
/// |---|---|
/// | `Pass` | `Successful` |
/// | `Fail` | `Failed` |
/// | `Undecided`, `NoData` | `Inconclusive` |
/// | `Error` | `Error` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Good enough.
    Pass,
    /// Not good enough.
    Fail,
    /// The evidence does not decide yet.
    Undecided {
        /// How many more requests, of both sides together, decide it if all goes on as seen so far; `None` when that
        /// cannot be said: nothing seen yet, or nothing that points either way.
        needed: Option<u64>,
    },
    /// There was nothing to judge.
    NoData,
    /// It could not be judged: the evidence contradicts itself, or the measuring failed.
    Error,
}

impl Verdict {
    /// Whether it settles the matter: `Pass` or `Fail`.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Pass | Self::Fail)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Fail => f.write_str("fail"),
            Self::Undecided { needed: Some(needed) } => write!(f, "undecided: about {needed} more requests"),
            Self::Undecided { needed: None } => f.write_str("undecided"),
            Self::NoData => f.write_str("no data"),
            Self::Error => f.write_str("error"),
        }
    }
}
