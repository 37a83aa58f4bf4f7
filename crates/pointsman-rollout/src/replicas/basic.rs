//! A canary without a route: shares by numbers of pods.

use super::Bounds;

/// How many pods of each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Counts {
    /// Of the canary.
    pub canary: u32,
    /// Of stable.
    pub stable: u32,
}

/// The pods of one version as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SetSize {
    /// So many are asked for.
    pub replicas: u32,
    /// So many are ready.
    pub ready: u32,
}

/// A canary without a route, as it is and as it shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BasicCanary {
    /// So many pods the component has.
    pub size: u32,
    /// The share of the canary.
    pub weight: u32,
    /// What the shares add up to.
    pub total: u32,
    /// How far the number of pods may be off.
    pub bounds: Bounds,
    /// The canary as it is.
    pub canary: SetSize,
    /// Stable as it is; `None` when no version other than the canary is stable.
    pub stable: Option<SetSize>,
    /// So many pods other versions still ask for. They go first.
    pub others: u32,
}

/// The numbers of pods that come nearest to a share: of `size` pods, or of one more if `surge` allows.
///
/// A share strictly between none and all leaves a pod on each side wherever there are two or more pods.
///
/// ```
/// use pointsman_rollout::replicas::{Counts, approximate};
/// assert_eq!(approximate(10, 20, 100, 0), Counts { canary: 2, stable: 8 });
/// assert_eq!(approximate(2, 1, 100, 0), Counts { canary: 1, stable: 1 });
/// ```
///
/// Source: `approximateWeightedCanaryStableReplicaCounts` of Argo Rollouts, in exact integers. Differs: 75 of 100 over two
/// pods without surge is one on each side; there it leaves the canary without any, and the step can never be reached.
#[must_use]
pub fn approximate(size: u32, weight: u32, total: u32, surge: u32) -> Counts {
    nearest(size, weight, total, surge).unwrap_or_else(|| {
        let low = u64::from(size) * u64::from(weight) / u64::from(total.max(1));
        let canary = u32::try_from(low).unwrap_or(u32::MAX);
        Counts { canary, stable: size.saturating_sub(canary) }
    })
}

/// The same; `None` where no numbers are allowed: the share is a tie, and to round it up leaves stable without a pod.
pub(crate) fn nearest(size: u32, weight: u32, total: u32, surge: u32) -> Option<Counts> {
    if size == 0 {
        return Some(Counts::default());
    }
    let (n, w, whole) = (u64::from(size), u64::from(weight), u64::from(total.max(1)));
    let (high, low) = ((n * w).div_ceil(whole), n * w / whole);
    let zero_is_fine = w == 0 || w == whole || (n == 1 && surge == 0);
    let low_is_fine = |pods: u64| !is_tie(pods, w, whole) && (low != 0 || zero_is_fine);
    let options = [
        (high < n || zero_is_fine).then_some((high, n)),
        low_is_fine(n).then_some((low, n)),
        (surge > 0).then_some((high, n + 1)),
        (surge > 0 && low_is_fine(n + 1)).then_some((low, n + 1)),
    ];
    // The error is |canary * whole / pods - w|; the first of the smallest wins.
    let error =
        |(canary, pods): (u64, u64)| (u128::from((canary * whole).abs_diff(w * pods)), u128::from(pods));
    let less = |a: (u128, u128), b: (u128, u128)| a.0 * b.1 < b.0 * a.1;
    let (canary, pods) = options
        .into_iter()
        .flatten()
        .reduce(|best, other| if less(error(other), error(best)) { other } else { best })?;
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Some(Counts { canary: count(canary), stable: count(pods.saturating_sub(canary)) })
}

/// Whether `pods * weight / total` lies exactly between two whole numbers.
fn is_tie(pods: u64, weight: u64, total: u64) -> bool {
    (pods * weight % total) * 2 == total
}

/// The next scaling of a canary without a route: towards the nearest shares, within the bounds.
///
/// Stable grows first, then the canary, then the side that shrinks does so by as many pods as may be missing. A pod that is
/// not ready anyway may always go from the side that shrinks.
///
/// Source: `CalculateReplicaCountsForBasicCanary` of Argo Rollouts.
#[must_use]
pub fn basic_canary(now: &BasicCanary) -> Counts {
    let Some(stable) = now.stable else { return Counts { canary: now.size, stable: 0 } };
    Scaling {
        size: now.size,
        bounds: now.bounds,
        end: approximate(now.size, now.weight, now.total, now.bounds.surge),
        canary: Some(now.canary),
        stable: Some(stable),
        apart: true,
        others: now.others,
    }
    .next()
}

/// The next scaling towards an end.
pub(crate) struct Scaling {
    pub(crate) size: u32,
    pub(crate) bounds: Bounds,
    /// Where it leads to.
    pub(crate) end: Counts,
    /// The sets as they are, where there are any.
    pub(crate) canary: Option<SetSize>,
    pub(crate) stable: Option<SetSize>,
    /// Whether stable is another set than the canary. If not, it is not scaled, but its pods serve.
    pub(crate) apart: bool,
    pub(crate) others: u32,
}

impl Scaling {
    pub(crate) fn next(&self) -> Counts {
        let most = i64::from(self.size) + i64::from(self.bounds.surge);
        let canary = self.canary.map(|set| Side { set, target: self.end.canary });
        let stable = self.stable.map(|set| Side { set, target: self.end.stable });
        let mut counts = self.grown(most, canary, stable.filter(|_| self.apart));
        if self.others > 0 {
            return counts;
        }
        let least = i64::from(self.size) - i64::from(self.bounds.unavailable);
        let canary_grows = canary.is_none_or(|side| side.target >= side.set.replicas);
        let removable = |side: Option<Side>, ignoring| side.map_or(0, |side| side.removable(ignoring));
        let down = removable(canary, !canary_grows) + removable(stable, canary_grows) - least;
        if down <= 0 || (canary_grows && !self.apart) {
            return counts;
        }
        if canary_grows {
            counts.stable = stable.map_or(counts.stable, |side| side.shrunk(counts.stable, down));
            (counts.canary, counts.stable) =
                clamped((counts.canary, canary), (counts.stable, stable), most, least);
        } else {
            counts.canary = canary.map_or(counts.canary, |side| side.shrunk(counts.canary, down));
            (counts.stable, counts.canary) =
                clamped((counts.stable, stable), (counts.canary, canary), most, least);
        }
        counts
    }

    /// Stable grows first.
    fn grown(&self, most: i64, canary: Option<Side>, stable: Option<Side>) -> Counts {
        let now = |side: Option<Side>| side.map_or(0, |side| side.set.replicas);
        let mut counts = Counts { canary: now(canary), stable: now(stable) };
        let asked = i64::from(counts.canary) + i64::from(counts.stable) + i64::from(self.others);
        let mut room = (most - asked).max(0);
        for (count, side) in [(&mut counts.stable, stable), (&mut counts.canary, canary)] {
            let Some(side) = side else { continue };
            let more = (i64::from(side.target) - i64::from(*count)).clamp(0, room);
            *count = clamp(i64::from(*count) + more);
            room -= more;
        }
        counts
    }
}

#[derive(Clone, Copy)]
struct Side {
    set: SetSize,
    target: u32,
}

impl Side {
    /// What counts towards the pods that serve: all that are asked for, or only those that are ready.
    fn removable(self, ignoring_readiness: bool) -> i64 {
        i64::from(for_scale_down(self.set, ignoring_readiness))
    }

    fn shrunk(self, count: u32, down: i64) -> u32 {
        if self.set.replicas <= self.target {
            return count;
        }
        clamp(i64::from(self.set.replicas) - down).max(self.target)
    }
}

/// How many pods of a version count when others are scaled down.
#[must_use]
pub(crate) fn for_scale_down(set: SetSize, ignoring_readiness: bool) -> u32 {
    if set.replicas < set.ready || ignoring_readiness { set.replicas } else { set.ready }
}

/// Holds both counts within the bounds: the growing side yields what is too much, and takes what would be missing.
fn clamped(
    growing: (u32, Option<Side>),
    shrinking: (u32, Option<Side>),
    most: i64,
    least: i64,
) -> (u32, u32) {
    let (Some(growing_side), ready_d) = (growing.1, shrinking.1.map_or(0, |side| i64::from(side.set.ready)))
    else {
        return (growing.0, shrinking.0);
    };
    let (mut a, mut d) = (i64::from(growing.0), i64::from(shrinking.0));
    let ready_a = i64::from(growing_side.set.ready);
    a = (a - (a + d - most).max(0)).max(0);
    let ready = ready_d.min(d) + ready_a.min(a);
    a += (ready_a - a).max(0).min((least - ready).max(0));
    d -= (a + d - most).max(0);
    (clamp(a), clamp(d))
}

fn clamp(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BasicCanary, Bounds, Counts, SetSize, approximate, basic_canary};

    #[test]
    fn a_share_between_none_and_all_leaves_a_pod_on_each_side() {
        for size in 2..=20 {
            for weight in 1..100 {
                for surge in 0..2 {
                    let Counts { canary, stable } = approximate(size, weight, 100, surge);
                    assert!(canary > 0 && stable > 0, "{size} {weight} {surge}");
                    assert!(canary + stable <= size + surge);
                }
            }
        }
        assert_eq!(approximate(0, 50, 100, 1), Counts::default());
        assert_eq!(approximate(5, 100, 100, 0), Counts { canary: 5, stable: 0 });
    }

    /// Follows the scaling until it rests, with pods that are ready at once.
    fn walk(size: u32, weight: u32, bounds: Bounds, from: Counts) -> Counts {
        let mut at = from;
        for _ in 0..200 {
            let ready = |replicas| SetSize { replicas, ready: replicas };
            let next = basic_canary(&BasicCanary {
                size,
                weight,
                total: 100,
                bounds,
                canary: ready(at.canary),
                stable: Some(ready(at.stable)),
                others: 0,
            });
            assert!(next.canary + next.stable <= (size + bounds.surge).max(at.canary + at.stable));
            assert!(
                next.canary.min(at.canary) + next.stable.min(at.stable) + bounds.unavailable >= size,
                "{at:?} {next:?}"
            );
            if next == at {
                break;
            }
            at = next;
        }
        at
    }

    #[test]
    fn scaling_reaches_the_nearest_share_and_never_leaves_the_bounds() {
        for (surge, unavailable) in [(1, 0), (0, 1), (2, 2), (3, 1)] {
            for size in 1..=8 {
                for weight in [0, 10, 33, 50, 99, 100] {
                    let bounds = Bounds { surge, unavailable };
                    let start = Counts { canary: 0, stable: size };
                    let end = walk(size, weight, bounds, start);
                    assert_eq!(end, approximate(size, weight, 100, surge), "{size} {weight} {bounds:?}");
                }
            }
        }
    }
}
