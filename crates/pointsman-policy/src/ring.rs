//! Consistent hashing by a ring of points.

use crate::hash::xx_hash64;

/// A host as consistent hashing sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HashHost {
    key: String,
    weight: u32,
}

impl HashHost {
    /// A host by what is hashed of it (`10.0.0.1:8080`, a host name or a hash key) and its weight; 0 counts as 1.
    pub fn new(key: impl Into<String>, weight: u32) -> Self {
        Self { key: key.into(), weight: weight.max(1) }
    }

    /// What is hashed.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The weight, at least 1.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        self.weight
    }
}

/// How many points a ring has.
///
/// Shape: minimum 1,024 and maximum 8,388,608 by default; a minimum above the maximum counts as the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RingOptions {
    /// Fewest points.
    pub minimum_size: u64,
    /// Most points.
    pub maximum_size: u64,
}

impl RingOptions {
    /// The most points that are ever made, whatever is asked: Envoy's own limit.
    pub const LIMIT: u64 = 8_388_608;
}

impl Default for RingOptions {
    fn default() -> Self {
        Self { minimum_size: 1_024, maximum_size: Self::LIMIT }
    }
}

/// A ring of hash points, each belonging to a host.
///
/// Shape: O(points) memory, 12 bytes each and an index of as many buckets; looked up in O(1) on average.
///
/// Source: Envoy's ring hash load balancer; the number of points follows the same floating-point steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    points: Vec<u64>,
    hosts: Vec<u32>,
    // For each value of the top bits the first point at or above it.
    buckets: Vec<u32>,
    shift: u32,
}

impl Ring {
    /// The ring of these hosts, in the order sent to the proxy. O(points · log points).
    #[must_use]
    pub fn build(hosts: &[HashHost], options: RingOptions) -> Self {
        let mut points = Self::points(hosts, options);
        points.sort_unstable_by_key(|(hash, _)| *hash);
        let (points, hosts): (Vec<u64>, Vec<u32>) = points.into_iter().unzip();
        let bits = points.len().next_power_of_two().trailing_zeros().clamp(1, 24);
        let shift = 64 - bits;
        let buckets = buckets(&points, bits, shift);
        Self { points, hosts, buckets, shift }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are at most 2^23; the same doubles as in Envoy are wanted"
    )]
    fn points(hosts: &[HashHost], options: RingOptions) -> Vec<(u64, u32)> {
        let maximum = options.maximum_size.clamp(1, RingOptions::LIMIT);
        let minimum = options.minimum_size.min(maximum);
        let sum: f64 = hosts.iter().map(|host| f64::from(host.weight)).sum();
        let shares: Vec<f64> = hosts.iter().map(|host| f64::from(host.weight) / sum).collect();
        let least = shares.iter().copied().fold(1.0_f64, f64::min);
        let scale = ((least * minimum as f64).ceil() / least).min(maximum as f64);
        let mut points = Vec::with_capacity(scale.ceil() as usize);
        let (mut current, mut target) = (0.0_f64, 0.0_f64);
        let mut text = String::new();
        for (position, (host, share)) in (0_u32..).zip(hosts.iter().zip(&shares)) {
            target += scale * share;
            text.clear();
            text.push_str(&host.key);
            text.push('_');
            let stem = text.len();
            let mut replica = 0_u64;
            while current < target {
                text.truncate(stem);
                push_decimal(&mut text, replica);
                points.push((xx_hash64(text.as_bytes()), position));
                replica += 1;
                current += 1.0;
            }
        }
        points
    }

    /// The position of the host that a hash falls on: the owner of the smallest point at or above it, else of the first
    /// point; a repeated attempt takes the next points. `None` for a ring without hosts.
    #[must_use]
    pub fn pick(&self, hash: u64, attempt: u32) -> Option<usize> {
        let bucket = usize::try_from(hash >> self.shift).ok()?;
        let mut index = *self.buckets.get(bucket)? as usize;
        // Most buckets have no more than two points: stepping over them without a branch cannot be guessed wrong.
        for _ in 0..2 {
            index += usize::from(self.points.get(index).is_some_and(|point| *point < hash));
        }
        while self.points.get(index).is_some_and(|point| *point < hash) {
            index += 1;
        }
        if index >= self.points.len() {
            index = 0;
        }
        if attempt > 0 {
            index = (index + attempt as usize) % self.points.len().max(1);
        }
        self.hosts.get(index).map(|host| *host as usize)
    }

    /// How many points there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are no hosts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
}

fn buckets(points: &[u64], bits: u32, shift: u32) -> Vec<u32> {
    let mut buckets = Vec::with_capacity(1 << bits);
    let mut index = 0_u32;
    let mut rest = points.iter().peekable();
    for bucket in 0..(1_u64 << bits) {
        while rest.next_if(|point| **point < bucket << shift).is_some() {
            index += 1;
        }
        buckets.push(index);
    }
    buckets
}

fn push_decimal(text: &mut String, number: u64) {
    use std::fmt::Write as _;
    // Writing to a String never fails.
    let _ = write!(text, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(count: usize) -> Vec<HashHost> {
        (0..count).map(|i| HashHost::new(format!("10.0.0.{i}:80"), 1)).collect()
    }

    #[test]
    fn the_owner_is_the_first_point_at_or_above() {
        for (count, minimum) in [(1, 1), (2, 3), (5, 1_024), (7, 4_000)] {
            let options = RingOptions { minimum_size: minimum, ..RingOptions::default() };
            let ring = Ring::build(&hosts(count), options);
            let mut probes: Vec<u64> =
                ring.points.iter().flat_map(|p| [p.wrapping_sub(1), *p, p.wrapping_add(1)]).collect();
            probes.extend([0, 1, u64::MAX, u64::MAX / 2]);
            for hash in probes {
                let naive = ring.points.iter().position(|point| *point >= hash).unwrap_or(0);
                assert_eq!(ring.pick(hash, 0), Some(ring.hosts[naive] as usize));
                let next = (naive + 3) % ring.len();
                assert_eq!(ring.pick(hash, 3), Some(ring.hosts[next] as usize));
            }
        }
    }

    #[test]
    fn sizes_follow_weights_and_limits() {
        assert_eq!(Ring::build(&hosts(3), RingOptions::default()).len(), 1_026);
        let uneven = [HashHost::new("a", 1), HashHost::new("b", 3)];
        let ring = Ring::build(&uneven, RingOptions { minimum_size: 8, maximum_size: 100 });
        let of_a = ring.hosts.iter().filter(|host| **host == 0).count();
        assert_eq!((ring.len(), of_a), (8, 2));
        let capped = Ring::build(&hosts(10), RingOptions { minimum_size: 1_024, maximum_size: 4 });
        assert_eq!(capped.len(), 4);
        assert_eq!(Ring::build(&[], RingOptions::default()).pick(1, 0), None);
    }
}
