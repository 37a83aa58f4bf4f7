//! Replica arithmetic: pure functions of numbers, as exact as integers are.
//!
//! With a route, each version has the pods that its share needs ([`for_weight`]). Without one, the numbers of pods *are*
//! the shares: [`approximate`] finds the nearest, [`basic_canary`] the next scaling towards it within the [`Bounds`].
//!
//! Source: `utils/replicaset/canary.go` and `replicaset.go` of Argo Rollouts 1.9.

mod basic;
mod bounds;

use pointsman_types::Weight;

pub use self::basic::{BasicCanary, Counts, SetSize, approximate, basic_canary};
pub(crate) use self::basic::{Scaling, for_scale_down, nearest};
pub use self::bounds::Bounds;
use crate::Threshold;

/// How many pods a share of the traffic needs: `ceil(size * weight / total)`, raised to `min_pods` (at most `size`) when
/// above 0.
///
/// ```
/// use pointsman_rollout::replicas::for_weight;
/// assert_eq!(for_weight(10, 25, 100, 0), 3);
/// assert_eq!(for_weight(10, 5, 100, 2), 2);
/// assert_eq!(for_weight(10, 0, 100, 2), 0);
/// ```
#[must_use]
pub fn for_weight(size: u32, weight: u32, total: u32, min_pods: u32) -> u32 {
    let product = u64::from(size) * u64::from(weight);
    let count = u32::try_from(product.div_ceil(u64::from(total.max(1)))).unwrap_or(u32::MAX);
    at_least(count, min_pods, size)
}

/// A count raised to `min_pods` (at most `size`) when above 0.
#[must_use]
pub fn at_least(count: u32, min_pods: u32, size: u32) -> u32 {
    if count == 0 { 0 } else { count.max(min_pods.min(size)) }
}

/// How many ready pods of `desired` a threshold asks for.
#[must_use]
pub fn needed(threshold: Threshold, desired: u32) -> u32 {
    match threshold {
        Threshold::All => desired,
        Threshold::Percent(percent) => {
            let product = u64::from(desired) * u64::from(percent.min(100));
            u32::try_from(product.div_ceil(100)).unwrap_or(desired)
        }
        Threshold::Pods(pods) => pods.min(desired),
    }
}

/// The largest weight that `ready` pods of `size` can carry: `floor(total * ready / size)`, at most the total.
///
/// ```
/// use pointsman_rollout::replicas::share_that_fits;
/// assert_eq!(share_that_fits(3, 4, 100.into()), 75.into());
/// assert_eq!(share_that_fits(0, 0, 100.into()), 100.into());
/// ```
#[must_use]
pub fn share_that_fits(ready: u32, size: u32, total: Weight) -> Weight {
    if size == 0 || ready >= size {
        return total;
    }
    let product = u64::from(total.value()) * u64::from(ready);
    Weight::new(u32::try_from(product / u64::from(size)).unwrap_or(total.value()))
}

/// The number to show an autoscaler that counts pods by a selector common to all versions: it shall see the pods of
/// the component as if there were no update, so that it does not scale because two versions run side by side.
///
/// All pods together, but at most `size`.
///
/// ```
/// use pointsman_rollout::replicas::shown_to_autoscaler;
/// assert_eq!(shown_to_autoscaler(10, &[10, 2]), 10);
/// assert_eq!(shown_to_autoscaler(10, &[4, 6]), 10);
/// assert_eq!(shown_to_autoscaler(10, &[3]), 3);
/// ```
#[must_use]
pub fn shown_to_autoscaler(size: u32, pods: &[u32]) -> u32 {
    let sum = pods.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
    sum.min(size)
}
