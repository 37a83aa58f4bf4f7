//! Replica arithmetic: pure functions of numbers.

use pointsman_types::Weight;

use crate::Threshold;

/// How many pods a share of the traffic needs: `ceil(size * weight / total)`, raised to `min_pods` (at most `size`) when
/// above 0.
#[must_use]
pub fn for_weight(size: u32, weight: u32, total: u32, min_pods: u32) -> u32 {
    let product = u64::from(size) * u64::from(weight);
    let count = u32::try_from(product.div_ceil(u64::from(total.max(1)))).unwrap_or(u32::MAX);
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
#[must_use]
pub fn share_that_fits(ready: u32, size: u32, total: Weight) -> Weight {
    if size == 0 || ready >= size {
        return total;
    }
    let product = u64::from(total.value()) * u64::from(ready);
    Weight::new(u32::try_from(product / u64::from(size)).unwrap_or(total.value()))
}
