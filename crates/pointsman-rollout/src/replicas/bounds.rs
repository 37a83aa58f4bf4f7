//! How far the number of pods may be off during an update.

use pointsman_types::{IntOrString, Rounding};

/// How many pods more and fewer than wanted there may be during an update.
///
/// Shape: `unavailable` is 1 where both would be 0, so that something can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// How many more.
    pub surge: u32,
    /// How many fewer.
    pub unavailable: u32,
}

impl Bounds {
    /// The bounds for `size` pods: the surge is rounded up, the rest down; negative ones count as 0.
    ///
    /// ```
    /// use pointsman_rollout::replicas::Bounds;
    /// use pointsman_types::IntOrString::Percent;
    /// assert_eq!(Bounds::resolve(Percent(39), Percent(39), 10), Bounds { surge: 4, unavailable: 3 });
    /// assert_eq!(Bounds::resolve(Percent(0), Percent(0), 10), Bounds { surge: 0, unavailable: 1 });
    /// ```
    ///
    /// Source: `resolveFenceposts` of Argo Rollouts (and of Kubernetes Deployments).
    #[must_use]
    pub fn resolve(max_surge: IntOrString, max_unavailable: IntOrString, size: u32) -> Self {
        let count = |value: IntOrString, rounding| {
            let whole = i32::try_from(size).unwrap_or(i32::MAX);
            u32::try_from(value.scaled(whole, rounding)).unwrap_or(0)
        };
        let surge = count(max_surge, Rounding::Up);
        let unavailable = count(max_unavailable, Rounding::Down);
        if surge == 0 && unavailable == 0 {
            Self { surge, unavailable: 1 }
        } else {
            Self { surge, unavailable }
        }
    }

    /// The same, with at most `size` pods missing.
    #[must_use]
    pub fn within(self, size: u32) -> Self {
        Self { unavailable: self.unavailable.min(size), ..self }
    }
}
