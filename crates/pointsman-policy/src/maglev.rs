//! Consistent hashing by a Maglev table.

use crate::hash::{xx_hash64, xx_hash64_seeded};
use crate::ring::HashHost;

const FREE: u32 = u32::MAX;

/// A table of prime size, each slot belonging to a host.
///
/// Shape: 4 bytes a slot; looked up in O(1).
///
/// Source: Envoy's Maglev load balancer, after Eisenbud and others, "Maglev", NSDI 2016.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maglev {
    slots: Vec<u32>,
}

struct Entry {
    host: u32,
    // The next slot of the host's permutation, and the step to the one after.
    slot: usize,
    skip: usize,
    share: f64,
    target: f64,
}

impl Maglev {
    /// The size where none is configured.
    pub const DEFAULT_SIZE: u64 = 65_537;
    /// The largest size that is ever made, whatever is asked: Envoy's own limit.
    pub const MAXIMUM_SIZE: u64 = 5_000_011;

    /// The table of these hosts. The order of hosts does not matter. O(size) for equal weights.
    ///
    /// The size should be a prime, as Envoy demands; any other works too, but may share unevenly.
    #[must_use]
    pub fn build(hosts: &[HashHost], size: u64) -> Self {
        let size = usize::try_from(size.clamp(2, Self::MAXIMUM_SIZE)).unwrap_or(2);
        if hosts.is_empty() {
            return Self { slots: Vec::new() };
        }
        let mut entries = entries(hosts, size);
        let most = entries.iter().map(|entry| entry.share).fold(0.0_f64, f64::max);
        let mut slots = vec![FREE; size];
        let mut filled = 0;
        let mut round = 0.0_f64;
        while filled < size {
            round += 1.0;
            for entry in &mut entries {
                if filled == size {
                    break;
                }
                if round * entry.share < entry.target {
                    continue;
                }
                entry.target += most;
                filled += entry.take_next(&mut slots);
            }
        }
        Self { slots }
    }

    /// The position of the host that a hash falls on. `None` for a table without hosts.
    #[must_use]
    pub fn pick(&self, hash: u64, attempt: u32) -> Option<usize> {
        let hash = if attempt > 0 { hash ^ (u64::MAX - u64::from(attempt) + 1) } else { hash };
        let slot = hash.checked_rem(self.slots.len() as u64)?;
        self.slots.get(usize::try_from(slot).ok()?).map(|host| *host as usize)
    }

    /// How many slots there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no hosts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

impl Entry {
    /// Takes the next free slot of the permutation; 1 when there was one.
    fn take_next(&mut self, slots: &mut [u32]) -> usize {
        // Every slot is visited once when the size is a prime; the bound guards other sizes.
        for _ in 0..slots.len() {
            let slot = self.slot;
            self.slot += self.skip;
            if self.slot >= slots.len() {
                self.slot -= slots.len();
            }
            if let Some(owner) = slots.get_mut(slot).filter(|owner| **owner == FREE) {
                *owner = self.host;
                return 1;
            }
        }
        match slots.iter_mut().find(|owner| **owner == FREE) {
            Some(owner) => {
                *owner = self.host;
                1
            }
            None => 0,
        }
    }
}

fn entries(hosts: &[HashHost], size: usize) -> Vec<Entry> {
    let sum: f64 = hosts.iter().map(|host| f64::from(host.weight())).sum();
    let mut sorted: Vec<(u32, &HashHost)> = (0..).zip(hosts).collect();
    sorted.sort_by(|(_, a), (_, b)| a.key().cmp(b.key()));
    let modulo = |hash: u64, by: usize| usize::try_from(hash % by as u64).unwrap_or(0);
    sorted
        .into_iter()
        .map(|(position, host)| Entry {
            host: position,
            slot: modulo(xx_hash64(host.key().as_bytes()), size),
            skip: modulo(xx_hash64_seeded(host.key().as_bytes(), 1), size - 1) + 1,
            share: f64::from(host.weight()) / sum,
            target: 0.0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(hosts: &[HashHost], size: u64) -> Vec<usize> {
        let table = Maglev::build(hosts, size);
        let mut counts = vec![0; hosts.len()];
        for slot in 0..table.len() as u64 {
            counts[table.pick(slot, 0).expect("hosts")] += 1;
        }
        counts
    }

    #[test]
    fn equal_hosts_share_within_one_slot() {
        let hosts: Vec<HashHost> = (0..7).map(|i| HashHost::new(format!("h{i}"), 1)).collect();
        let counts = shares(&hosts, 101);
        assert_eq!(counts.iter().sum::<usize>(), 101);
        assert!(counts.iter().all(|count| (14..=15).contains(count)), "{counts:?}");
    }

    #[test]
    fn weights_share_in_proportion() {
        let hosts = [HashHost::new("b", 1), HashHost::new("a", 3)];
        let counts = shares(&hosts, 65_537);
        assert!(counts[0].abs_diff(16_384) <= 1, "{counts:?}");
    }

    #[test]
    fn the_order_of_hosts_does_not_matter() {
        let mut hosts: Vec<HashHost> = (0..5).map(|i| HashHost::new(format!("h{i}"), i)).collect();
        let before = Maglev::build(&hosts, 1_009);
        hosts.reverse();
        let after = Maglev::build(&hosts, 1_009);
        assert!((0..1_009).all(|hash| before.pick(hash, 0).map(|p| 4 - p) == after.pick(hash, 0)));
        assert_ne!(
            (0..50).map(|h| before.pick(h, 1)).collect::<Vec<_>>(),
            (0..50).map(|h| before.pick(h, 0)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn odd_sizes_fill_all_slots() {
        for size in [0, 1, 2, 4, 100] {
            let hosts: Vec<HashHost> = (0..3).map(|i| HashHost::new(format!("h{i}"), 1)).collect();
            assert!(shares(&hosts, size).iter().sum::<usize>() >= 2);
        }
        assert_eq!(Maglev::build(&[], 101).pick(1, 0), None);
    }
}
