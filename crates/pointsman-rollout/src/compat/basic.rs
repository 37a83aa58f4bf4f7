//! How many pods where their numbers are the shares.

use super::defaults;
use super::model::{ReplicaSet, Rollout};
use super::weights::{Target, target};
use crate::replicas::{Counts, Scaling, SetSize, nearest};

/// The numbers of pods that come nearest to a share.
///
/// Where no numbers are allowed, the canary gets none: at 75 of 100 over two pods without a surge. The engine's
/// [`approximate`](crate::replicas::approximate) gives it one of them.
///
/// Source: `approximateWeightedCanaryStableReplicaCounts`.
#[must_use]
pub fn approximate_counts(size: u32, weight: u32, total: u32, surge: u32) -> Counts {
    nearest(size, weight, total, surge).unwrap_or(Counts { canary: 0, stable: size })
}

pub(super) fn size_of(set: &ReplicaSet) -> SetSize {
    SetSize { replicas: set.desired(), ready: set.status.available_replicas }
}

/// The next scaling of a canary without a route.
///
/// Source: `CalculateReplicaCountsForBasicCanary`.
#[must_use]
pub fn basic_counts(
    rollout: &Rollout,
    new: Option<&ReplicaSet>,
    stable: Option<&ReplicaSet>,
    older: &[ReplicaSet],
) -> Counts {
    let (size, bounds) = (rollout.replicas(), defaults::bounds(rollout));
    let apart = stable.is_some_and(|stable| new.is_none_or(|new| !new.is(stable)));
    let weight = match target(rollout, new, stable) {
        Target::Weight(weight) => weight,
        Target::Replicas(_) => 0,
    };
    let end = if apart {
        approximate_counts(size, weight, rollout.total_weight(), bounds.surge)
    } else {
        Counts { canary: size, stable: 0 }
    };
    Scaling {
        size,
        bounds,
        end,
        canary: new.map(size_of),
        stable: stable.map(size_of),
        apart,
        others: older.iter().map(ReplicaSet::desired).sum(),
    }
    .next()
}

#[cfg(test)]
mod tests {
    use super::super::{Amount, ReplicaSet};
    use super::super::{CanarySpec, CanaryStep, Rollout};
    use super::{Counts, approximate_counts, basic_counts};

    fn set(name: &str, replicas: u32, available: u32) -> ReplicaSet {
        let mut set = ReplicaSet::default();
        set.metadata.name = name.to_owned();
        set.spec.replicas = Some(replicas);
        set.status.available_replicas = available;
        set
    }

    fn rollout(size: u32, surge: i32, unavailable: i32) -> Rollout {
        let mut rollout = Rollout::default();
        rollout.spec.replicas = Some(size);
        rollout.status.stable_rs = "stable".into();
        rollout.spec.strategy.canary = Some(CanarySpec {
            max_surge: Some(Amount::Count(surge)),
            max_unavailable: Some(Amount::Count(unavailable)),
            steps: Some(vec![CanaryStep { set_weight: Some(50), ..CanaryStep::default() }]),
            ..CanarySpec::default()
        });
        rollout
    }

    #[test]
    fn where_no_number_is_allowed_the_canary_gets_none() {
        assert_eq!(approximate_counts(2, 75, 100, 0), Counts { canary: 0, stable: 2 });
        assert_eq!(approximate_counts(2, 75, 100, 1), Counts { canary: 2, stable: 1 });
    }

    #[test]
    fn what_is_stable_already_grows_within_the_surge_and_shrinks_within_what_may_be_missing() {
        let rollout = rollout(6, 1, 1);
        let one = set("one", 2, 2);
        let older = [set("older", 4, 4)];
        let counts = basic_counts(&rollout, Some(&one), Some(&one), &older);
        assert_eq!(counts, Counts { canary: 3, stable: 0 });
        let counts = basic_counts(&rollout, Some(&set("new", 9, 9)), None, &[]);
        assert_eq!(counts, Counts { canary: 6, stable: 0 });
        // No set for the new version yet: nothing of it can be scaled.
        assert_eq!(basic_counts(&rollout, None, None, &[]), Counts { canary: 0, stable: 0 });
    }

    #[test]
    fn sets_are_told_apart_by_their_names() {
        let (rollout, new, stable) = (rollout(4, 1, 0), set("new", 2, 2), set("stable", 2, 2));
        let counts = basic_counts(&rollout, Some(&new), Some(&stable), &[]);
        assert_eq!(counts, Counts { canary: 2, stable: 2 });
    }
}
