//! The random numbers of one request, given from outside.

use serde::{Deserialize, Serialize};

/// The named random numbers of one request.
///
/// The library has no dice: whoever asks for a decision says which numbers came up. The same numbers make the same
/// choice as in Envoy.
///
/// Shape: each is a full `u64`. Envoy uses *one* number of the request (its stream id) for route fractions, the weighted
/// choice and mirror fractions, so these are correlated there; [`Draws::route`] is that number. Faults draw afresh.
///
/// ```
/// use pointsman_types::Draws;
/// let draws = Draws::from_seed(42).with_route(80);
/// assert_eq!(draws.route, 80);
/// assert_ne!(draws.endpoint, Draws::from_seed(43).endpoint);
/// ```
///
/// Source: Envoy's router and fault filter, measured on 1.40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Draws {
    /// Runtime fractions of routes, the weighted destination and mirror fractions.
    pub route: u64,
    /// Whether the delay fault happens.
    pub fault_delay: u64,
    /// Whether the abort fault happens.
    pub fault_abort: u64,
    /// Which endpoint, where no hash decides.
    pub endpoint: u64,
    /// The second endpoint of "least request of two", where no hash decides.
    pub second_endpoint: u64,
    /// Whether the request is traced or otherwise sampled.
    pub sample: u64,
}

impl Draws {
    /// Numbers derived from one seed; the same on every machine and in every release.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut dice = SplitMix64::new(seed);
        Self {
            route: dice.next_u64(),
            fault_delay: dice.next_u64(),
            fault_abort: dice.next_u64(),
            endpoint: dice.next_u64(),
            second_endpoint: dice.next_u64(),
            sample: dice.next_u64(),
        }
    }

    /// The same number for every choice: handy for tables.
    #[must_use]
    pub const fn all(number: u64) -> Self {
        Self {
            route: number,
            fault_delay: number,
            fault_abort: number,
            endpoint: number,
            second_endpoint: number,
            sample: number,
        }
    }

    /// With another number for the weighted choice.
    #[must_use]
    pub const fn with_route(mut self, number: u64) -> Self {
        self.route = number;
        self
    }

    /// With other numbers for the delay and the abort fault.
    #[must_use]
    pub const fn with_faults(mut self, delay: u64, abort: u64) -> Self {
        self.fault_delay = delay;
        self.fault_abort = abort;
        self
    }

    /// With another number for the endpoint.
    #[must_use]
    pub const fn with_endpoint(mut self, number: u64) -> Self {
        self.endpoint = number;
        self
    }
}

/// A small generator of pseudo-random numbers with a fixed, published stream.
///
/// For simulations and tests that must replay everywhere; not for secrets. Copies continue independently.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator that starts from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of the stream.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next number, in `0..bound` without bias; 0 when `bound` is 0.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", 2019.
    #[expect(clippy::cast_possible_truncation, reason = "the low and high halves are what is wanted")]
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        loop {
            let product = (self.next_u64() as u128) * (bound as u128);
            if (product as u64) >= bound.wrapping_neg() % bound {
                return (product >> 64) as u64;
            }
        }
    }

    /// The next number as a fraction in `0.0..1.0`, of 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub const fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn the_stream_is_pinned() {
        // The published reference outputs for seed 1234567.
        let mut dice = SplitMix64::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| dice.next_u64()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bounded_numbers_stay_below_the_bound() {
        let mut dice = SplitMix64::new(1);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(dice.below(6)).expect("small")] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
        assert_eq!(dice.below(0), 0);
    }
}
