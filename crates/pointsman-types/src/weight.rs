//! A relative share.

use serde::{Deserialize, Serialize};

/// A relative share of traffic among the destinations of one route.
///
/// Shape: `0..=u32::MAX`. Weights need not add up to 100; the share of a destination is its weight over the sum of all.
/// Weight 0 among several destinations means none of the traffic.
///
/// Source: `HTTPRouteDestination.weight` of the Istio API and `WeightedCluster` of Envoy (which refuses a sum above
/// `u32::MAX`; so does [`Split`](crate::Split)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(u32);

impl Weight {
    /// No traffic.
    pub const ZERO: Self = Self(0);

    /// A weight of that many parts.
    #[must_use]
    pub const fn new(parts: u32) -> Self {
        Self(parts)
    }

    /// The number of parts.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }

    /// Whether this is no traffic at all (among several destinations).
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<u32> for Weight {
    fn from(parts: u32) -> Self {
        Self(parts)
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
