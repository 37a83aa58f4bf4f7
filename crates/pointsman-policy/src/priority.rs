//! Which priority of a cluster's endpoints a request goes to.

/// How many endpoints a priority has, and how many of them may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PriorityLoad {
    /// All endpoints.
    pub total: u32,
    /// Healthy ones.
    pub healthy: u32,
}

/// The share of requests of each priority, in percent.
///
/// Shape: shares add up to 100, or are all 0 where nothing is healthy.
///
/// Source: Envoy's `LoadBalancerBase`: a priority takes what its healthy share times 1.4 can carry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PriorityLoads {
    shares: Vec<u32>,
}

impl PriorityLoads {
    /// The shares, priority 0 first.
    #[must_use]
    pub fn new(priorities: &[PriorityLoad]) -> Self {
        let available: Vec<u64> = priorities
            .iter()
            .map(|load| {
                (140 * u64::from(load.healthy)).checked_div(u64::from(load.total)).unwrap_or(0).min(100)
            })
            .collect();
        let sum = available.iter().sum::<u64>().min(100);
        if sum == 0 {
            return Self { shares: vec![0; priorities.len()] };
        }
        let mut left = 100_u64;
        let mut shares: Vec<u64> = available
            .iter()
            .map(|part| {
                let share = left.min(part * 100 / sum);
                left -= share;
                share
            })
            .collect();
        if let Some((_, first)) = available.iter().zip(&mut shares).find(|(part, _)| **part > 0) {
            *first += left;
        }
        Self { shares: shares.into_iter().map(|share| u32::try_from(share).unwrap_or(100)).collect() }
    }

    /// The shares in percent, priority 0 first.
    #[must_use]
    pub fn shares(&self) -> &[u32] {
        &self.shares
    }

    /// The priority that this hash or random number chooses; 0 where nothing is healthy.
    #[must_use]
    pub fn pick(&self, hash: u64) -> usize {
        let wanted = hash % 100 + 1;
        let mut reached = 0_u64;
        for (priority, share) in self.shares.iter().enumerate() {
            reached += u64::from(*share);
            if reached >= wanted {
                return priority;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(loads: &[(u32, u32)]) -> Vec<u32> {
        let loads: Vec<PriorityLoad> =
            loads.iter().map(|&(total, healthy)| PriorityLoad { total, healthy }).collect();
        PriorityLoads::new(&loads).shares().to_vec()
    }

    #[test]
    fn later_priorities_take_what_the_first_cannot_carry() {
        assert_eq!(shares(&[(10, 10), (10, 10)]), [100, 0]);
        assert_eq!(shares(&[(10, 5), (10, 10)]), [70, 30]);
        assert_eq!(shares(&[(10, 0), (10, 10)]), [0, 100]);
        assert_eq!(shares(&[(4, 1), (4, 1)]), [50, 50]);
        assert_eq!(shares(&[(7, 1), (7, 1), (7, 1)]), [34, 33, 33]);
        assert_eq!(shares(&[(2, 0), (0, 0)]), [0, 0]);
    }

    #[test]
    fn the_hash_picks_by_cumulative_share() {
        let loads = PriorityLoads::new(&[
            PriorityLoad { total: 10, healthy: 5 },
            PriorityLoad { total: 1, healthy: 1 },
        ]);
        assert_eq!((loads.pick(69), loads.pick(70), loads.pick(170)), (0, 1, 1));
        assert_eq!(PriorityLoads::default().pick(5), 0);
    }
}
